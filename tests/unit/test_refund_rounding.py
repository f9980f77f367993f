"""What refunds restore, by the ledger itself, against exact fractions: orders of any points and
cash, given back in any parts.

The ledger is shown receipts that nobody was ever given: their batches' roots are in its storage for
the time of one simulated block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from fractions import Fraction
from math import floor
from random import Random
from typing import Any

import pytest
from eth_abi.abi import encode

from counterfoil.hashing import keccak
from counterfoil.points.arithmetic import restored
from counterfoil.points.receipts import Receipt
from tests.support.points_bank import CheckedBank

ORDERS, AT_ONCE = 300, 50
_RECEIPT = "(bytes32,bytes32,address,uint64,uint32,uint32,uint40,uint192,uint16)"
_REFUND = keccak(f"refund({_RECEIPT},bytes32[],uint40)".encode())[:4]
_REFUNDED = keccak(b"OrderRefunded(bytes32,bytes32,address,uint40,uint32)")


def any_whole(random: Random, most: int) -> int:
    """From 1 to ``most``; small and extreme ones as often as middling ones."""
    return random.choice([1, most, random.randint(1, most), min(most, random.randint(1, 9))])


def receipt(bank: CheckedBank, random: Random) -> Receipt:
    """Of an order that took all its points out of one lot."""
    points = any_whole(random, 2**32 - 1)
    return Receipt(
        order_id=random.randbytes(32),
        account=random.randbytes(32),
        terminal=bank.till.address,
        sequence=0,
        rules=1,
        points=points,
        cash=any_whole(random, 2**40 - 1),
        drawn=points,
        first_period=bank.model.first_period(bank.now),
    )


def parts(random: Random, cash: int) -> Iterator[int]:
    """Refunds that come to all of it."""
    for _ in range(random.randint(0, 8)):
        if cash:
            part = any_whole(random, cash)
            cash -= part
            yield part
    if cash:
        yield cash


def slot_of_roots(bank: CheckedBank) -> int:
    """Of the mapping in the ledger's storage that says when a batch's root was settled."""
    bank.give("ann", 500)
    order = bank.pay()
    root = bank.model.paid[order.order_id()].root
    for slot in range(64):
        at = "0x" + keccak(root + slot.to_bytes(32)).hex()
        if int(bank.chain.request("eth_getStorageAt", bank.contract.address, at, "latest"), 16):
            return slot
    raise AssertionError("the root is nowhere")


def refund_logs(
    bank: CheckedBank, slot: int, refunds: Sequence[tuple[Receipt, int]]
) -> Iterator[dict[str, Any]]:
    """The event of each refund, one after the other in one block that nobody keeps."""
    settled = "0x" + bank.now.to_bytes(32).hex()
    leaves = {receipt.leaf() for receipt, _ in refunds}
    shown = {"0x" + keccak(leaf + slot.to_bytes(32)).hex(): settled for leaf in leaves}
    calls = [
        {
            "from": bank.till.address,
            "to": bank.contract.address,
            "gas": hex(1_000_000),
            "data": "0x"
            + (_REFUND + encode([_RECEIPT, "bytes32[]", "uint40"], [astuple(one), [], part])).hex(),
        }
        for one, part in refunds
    ]
    overrides = {bank.contract.address: {"stateDiff": shown}}
    block = {
        "stateOverrides": overrides,
        "calls": calls,
        "blockOverrides": {"gasLimit": hex(2**50), "time": hex(bank.now + 1)},
    }
    (mined,) = bank.chain.request("eth_simulateV1", {"blockStateCalls": [block]}, "latest")
    for call in mined["calls"]:
        assert int(call["status"], 16) == 1, call
        (log,) = [one for one in call["logs"] if one["topics"][0] == "0x" + _REFUNDED.hex()]
        yield log


@pytest.mark.parametrize("seed", range(4))
def test_refund_restoresTheExactShareRoundedDown(bank: CheckedBank, seed: int) -> None:
    random, slot = Random(seed), slot_of_roots(bank)
    for _ in range(ORDERS // AT_ONCE):
        receipts = [receipt(bank, random) for _ in range(AT_ONCE)]
        refunds = [(one, part) for one in receipts for part in parts(random, one.cash)]
        given = dict.fromkeys((one.order_id for one in receipts), 0)
        back = dict(given)
        for (one, part), log in zip(refunds, refund_logs(bank, slot, refunds), strict=True):
            data = bytes.fromhex(log["data"][2:])
            assert int.from_bytes(data[:32]) == part
            given[one.order_id] += part
            back[one.order_id] += int.from_bytes(data[32:])
            exact = floor(one.points * Fraction(given[one.order_id], one.cash))
            assert back[one.order_id] == exact
            assert exact == restored(one.points, one.cash, given[one.order_id])
        assert back == {one.order_id: one.points for one in receipts}
