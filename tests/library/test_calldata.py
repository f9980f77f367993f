"""The ledger's calls spelt out by hand, against the general encoder."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.artifacts import artifact
from counterfoil.points import calldata
from counterfoil.points.orders import OrderLine, PaymentOrder
from counterfoil.points.reasons import Reason

LEDGER = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"


def uint(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
LINES = st.builds(OrderLine, uint(32), uint(16), uint(40), uint(40))
ORDERS = st.builds(
    PaymentOrder,
    account=st.binary(min_size=32, max_size=32),
    terminal=ADDRESSES,
    sequence=uint(64),
    rules=uint(32),
    points=uint(32),
    deadline=uint(40),
    lines=st.lists(LINES, max_size=4).map(tuple),
)
SIGNED = st.tuples(ORDERS, st.binary(max_size=100))


def call(function: str, *values: Any) -> bytes:
    """A call as the ABI that the compiler left wants it."""
    (entry,) = (
        entry
        for entry in artifact("PointsLedger")["abi"]
        if entry["type"] == "function" and entry["name"] == function
    )
    kinds = [kind(item) for item in entry["inputs"]]
    return keccak(text=f"{function}({','.join(kinds)})")[:4] + encode(kinds, values)


def kind(item: dict[str, Any]) -> str:
    if item["type"].startswith("tuple"):
        return f"({','.join(map(kind, item['components']))}){item['type'][5:]}"
    return str(item["type"])


@settings(deadline=None)  # the machine may be busy
@given(st.lists(SIGNED, max_size=4))
def test_settleCall_isTheAbis(signed: list[tuple[PaymentOrder, bytes]]) -> None:
    values = [(*order.as_tuple(), signature) for order, signature in signed]

    assert calldata.settle_call(signed) == call("settle", values)


@settings(deadline=None)  # the machine may be busy
@given(ADDRESSES, st.lists(st.binary(min_size=32, max_size=32), max_size=4))
def test_recordCall_isTheAbis(terminal: str, ids: list[bytes]) -> None:
    assert calldata.record_call(terminal, ids) == call("recordOrders", terminal, ids)


@settings(deadline=None)  # the machine may be busy
@given(ADDRESSES, uint(64), uint(256))
def test_finalizeCall_isTheAbis(terminal: str, first: int, orders: int) -> None:
    assert calldata.finalize_call(terminal, first, orders) == call(
        "finalize", terminal, first, orders
    )


@settings(deadline=None)  # the machine may be busy
@given(ADDRESSES, uint(64))
def test_views_areTheAbis(terminal: str, sequence: int) -> None:
    assert calldata.till_call(terminal) == call("till", terminal)
    assert calldata.mark_call(terminal, sequence) == call("markOf", terminal, sequence)


def test_keyIn_isTheKeyOfAnEnabledTerminal() -> None:
    kinds = ["address", "uint32", "bool", "uint40"]

    assert calldata.key_in("0x" + encode(kinds, [LEDGER, 7, True, 9]).hex()) == bytes.fromhex(
        LEDGER[2:]
    )
    assert calldata.key_in("0x" + encode(kinds, [LEDGER, 7, False, 9]).hex()) is None


@pytest.mark.parametrize("reason", list(Reason))
def test_answersIn_readsTheLedgersEventsAndNoOthers(reason: Reason) -> None:
    data = "0x" + encode(["uint64", "uint8"], [9, int(reason)]).hex()
    rejected = log("OrderRejected", data, "bytes32,bytes32,address,uint64,uint8")
    skipped = log("OrderSkipped", "0x" + f"{int(reason):064x}", "bytes32,address,uint8")
    paid = log("OrderPaid", "0x", "bytes32,bytes32,address,uint64,uint32,uint32,uint40,uint192")
    others = [paid | {"address": "0x" + "11" * 20}, log("Paused", "0x", "address")]

    found = list(calldata.answers_in([rejected, *others, skipped, paid, NAMELESS], LEDGER))

    assert [answer.reason for answer in found] == [reason, reason, Reason.NONE]
    assert {answer.order_id for answer in found} == {b"\x05" * 32}


NAMELESS: dict[str, Any] = {"address": LEDGER, "topics": [], "data": "0x"}


def log(name: str, data: str, kinds: str) -> dict[str, Any]:
    """A log as a node words it."""
    topics = ["0x" + keccak(text=f"{name}({kinds})").hex(), "0x" + "05" * 32, "0x" + "00" * 32]
    return {"address": LEDGER.lower(), "topics": topics, "data": data}
