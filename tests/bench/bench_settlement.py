"""From a file of signed orders to the final result of each: ``counterfoil points redeem``.

Each figure runs the command as a process of its own, from its start to its end: orders are read
twice, their signatures checked, written to the journal (SQLite), recorded, settled and finalized,
by ten tills for five hundred customers, one line an order.

``redeem_anvil_orders_per_second``
    10,000 orders on Anvil, all three records.
``redeem_anvil_processor``
    Milliseconds of processor that the command itself takes for one of them, its start included:
    what is left on a machine that others use too. The chain works beside it.
``redeem_ganache_orders_per_second``
    5,000 orders on Ganache, all three records. The yardstick are the very same orders in batches of
    300 as raw calls, signed and encoded beforehand and sent one behind the other as the node
    answers: ``recordOrders`` of ten tills, ``settle`` and ``finalize`` of ten tills for each batch,
    on the same node, whose chain is put back to where it was in between. They are measured before
    and after the command, which is compared with the mean of the two.
``redeem_ganache_settle_alone``
    The same run of the command, three records, against those raw ``settle`` calls alone: no bar,
    since the other two records take the node its time too.
``redeem_memory``
    The most memory that redeeming 100,000 orders takes, on Anvil. The yardstick is 10,000.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from counterfoil.keys import Signer
from counterfoil.local import anvil, ganache, ports
from counterfoil.node import Node
from counterfoil.points.calldata import finalize_call, record_call, settle_call
from counterfoil.points.desk import BankDesk
from counterfoil.points.gas import GasBook
from counterfoil.points.signedfile import SignedOrder, read_signed
from tests.bench.figure import Figure
from tests.support.points_crowd import BANK, Crowd, crowd

MANY, FEW, GANACHE, BATCH = 100_000, 10_000, 5_000, 300


@dataclass(frozen=True, slots=True)
class Run:
    """A command's end: seconds from its start, seconds of processor, most memory in MiB."""

    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True, slots=True)
class Raw:
    """Seconds that raw calls take: all of them, and ``settle`` of that."""

    all: float
    settle: float


def measure() -> Iterator[Figure]:
    """All figures of this module."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as name:
        yield from on_anvil(Path(name))
        yield from on_ganache(Path(name))


def on_anvil(folder: Path) -> Iterator[Figure]:
    """Speed and memory."""
    with crowd(anvil.recipe(None, ports.free(), folder / "anvil.log")) as bank:
        few = redeem(bank, bank.file(0, FEW), FEW)
        yield Figure("redeem_anvil_orders_per_second", FEW / few.seconds, "orders/s", bar=1000)
        yield Figure("redeem_anvil_processor", 1000 * few.processor / FEW, "ms/order")
        many = redeem(bank, bank.file(FEW, MANY), MANY)
        yield Figure(
            *("redeem_memory", many.memory, "MiB", few.memory, "10,000 orders"),
            bar=1.3,
            lower_is_better=True,
        )


def on_ganache(folder: Path) -> Iterator[Figure]:
    """What is left of the speed of the chain itself."""
    with crowd(ganache.recipe(folder / "chain", ports.free(), folder / "ganache.log")) as bank:
        file, chain = bank.file(0, GANACHE), bank.desk.ledger.chain
        raw: list[Raw] = []
        for turn in range(3):
            before = chain.request("evm_snapshot")
            if turn == 1:
                run = redeem(bank, file, GANACHE)
            else:
                raw.append(raw_calls(bank.desk, file))
            chain.request("evm_revert", before)
        speed, both = GANACHE / run.seconds, 2 * GANACHE
        against = both / (raw[0].all + raw[1].all), "raw records 1, 2 and 3"
        yield Figure("redeem_ganache_orders_per_second", speed, "orders/s", *against, bar=0.9)
        against = both / (raw[0].settle + raw[1].settle), "raw settle alone"
        yield Figure("redeem_ganache_settle_alone", speed, "orders/s", *against)


def redeem(bank: Crowd, file: Path, orders: int) -> Run:
    """The command on a file, all of whose orders are paid."""
    command = [sys.executable, "-m", "counterfoil", "points", "redeem", str(file), "--json"]
    command += ["--state", str(bank.state.root), "--bank", BANK]
    answers = file.with_suffix(".results")
    began = time.monotonic()
    said, peak = file.with_suffix(".said"), 0.0
    with answers.open("wb") as stream, said.open("wb") as notes:
        process = subprocess.Popen(command, stdout=stream, stderr=notes)
        while True:
            peak = max(peak, most_memory(process.pid))
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            time.sleep(0.01)  # between two looks
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said.read_text()
    with answers.open("rb") as stream:
        assert sum(b'"status": "paid"' in line for line in stream) == orders
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak)


def most_memory(process: int) -> float:
    """The most memory, in MiB, that a process has had resident so far; 0 if it has ended.

    What ``wait4`` tells counts the benchmark's own, from before the process became the command.
    """
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if "VmHWM" in line), 0)


def raw_calls(desk: BankDesk, file: Path) -> Raw:
    """What the chain takes for the orders of a file, all signed and encoded beforehand."""
    orders = [one for one in read_signed(file, "CNY") if isinstance(one, SignedOrder)]
    batches = [orders[i : i + BATCH] for i in range(0, len(orders), BATCH)]
    raws = list(_signed(desk, batches))
    node = Node(desk.ledger.chain.url, 60)
    taken = {"all": 0.0, "settle": 0.0}
    for function, raw in raws:
        began = time.monotonic()
        name = node.call("eth_sendRawTransaction", raw)
        while (receipt := node.call("eth_getTransactionReceipt", name)) is None:
            time.sleep(0.002)
        seconds = time.monotonic() - began
        assert receipt["status"] == "0x1"
        taken["all"] += seconds
        taken["settle"] += seconds if function == "settle" else 0
    return Raw(**taken)


def _signed(desk: BankDesk, batches: Sequence[Sequence[SignedOrder]]) -> Iterator[tuple[str, str]]:
    """Each batch's transactions, function and 0x hex: records 1, record 2, records 3."""
    chain, record = desk.ledger.chain, desk.ledger.record
    names = {till.address: name for name, till in record.terminals.items()}
    nonces: dict[str, int] = {}

    def sign(signer: Signer, data: bytes, gas: int) -> str:
        mined = chain.request("eth_getTransactionCount", signer.address, "latest")
        nonce = nonces.setdefault(signer.address, int(mined, 16))
        nonces[signer.address] += 1
        call = {"to": record.address, "data": data, "gas": gas, "nonce": nonce, "value": 0}
        fees = {"maxPriorityFeePerGas": 10**9, "maxFeePerGas": 10**11, "chainId": chain.chain_id}
        return "0x" + signer.sign_transaction(call | fees).hex()

    for batch in batches:
        tills: dict[str, list[SignedOrder]] = defaultdict(list)
        for one in batch:
            tills[one.order.terminal].append(one)
        signers = {till: desk.state.signer(f"terminal-{names[till]}") for till in tills}
        for till, some in tills.items():
            data = record_call(till, [one.id_bytes for one in some])
            yield "recordOrders", sign(signers[till], data, 120_000)
        data = settle_call([(one.order, one.signature) for one in batch])
        limit = GasBook(chain.transaction_gas()).limit(batch, 0)
        yield "settle", sign(desk.signer("settler"), data, limit)
        for till, some in tills.items():
            first = some[0].order.sequence
            bits = sum(1 << (one.order.sequence - first) for one in some)
            yield "finalize", sign(signers[till], finalize_call(till, first, bits), 120_000)
