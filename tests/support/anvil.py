"""A private Anvil for unit tests: nothing outlives the block that started it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from counterfoil.artifacts import ROOT
from counterfoil.chain import Chain
from counterfoil.dispatch import Receipt
from counterfoil.errors import Unavailable
from counterfoil.local import ports

START_SECONDS = 20


@contextmanager
def anvil(*options: str) -> Iterator[Chain]:
    """A connection to an Anvil of one's own at shanghai."""
    port = ports.free()
    command = [str(ROOT / "node_modules" / ".bin" / "anvil"), "--port", str(port)]
    command += ["--hardfork", "shanghai", "--silent", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _connected(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)


def _connected(url: str) -> Chain:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return Chain.connect(url)
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)  # between two knocks at a door that opens soon


@contextmanager
def undone(chain: Chain) -> Iterator[None]:
    """Undo what is done to the chain meanwhile; its clock goes back too."""
    before = chain.request("evm_snapshot")
    try:
        yield
    finally:
        chain.request("evm_revert", before)


def set_right(chain: Chain) -> None:
    """Give the chain our clock's time: one whose tests are undone falls behind by all that they
    take, and an order that is late by our clock would be in time there."""
    chain.request("evm_setTime", int(time.time()))


def receipt_of(chain: Chain, transaction: str) -> Receipt:
    """The receipt of a transaction that was sent by hand, as the node words it."""
    chain.web3.eth.wait_for_transaction_receipt(transaction, poll_latency=0.01)
    receipt: Receipt = chain.request("eth_getTransactionReceipt", transaction)
    return receipt
