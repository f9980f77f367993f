"""A payment as its customer's page shows it: the three records, and how to check them alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from eth_utils.crypto import keccak

from counterfoil.bank.wire import OrderEvent
from counterfoil.bank.wire_customers import ChainPlace, Line, Status
from counterfoil.money import parse_minor

State = Literal["done", "now", "waits", "failed", "skipped"]
_EVENTS = {
    "recorded": "OrdersRecorded(address,bytes32[])",
    "paid": "OrderPaid(bytes32,bytes32,address,uint64,uint32,uint32,uint40,uint192)",
    "rejected": "OrderRejected(bytes32,bytes32,address,uint64,uint8)",
    "finalized": "OrdersFinalized(address,uint64,uint256)",
    "cancelled": "OrderCancelled(bytes32,address,uint64)",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One of the three. ``name``: a key under ``record``; ``said``: one under
    ``customer.record``."""

    number: int
    name: str
    state: State
    said: str
    transaction: str | None = None
    block: int | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Cash, in minor units, that came back as points."""

    cash: int
    points: int
    block: int | None
    transaction: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Check:
    """What to ask any node of the chain, and what must be in its answer."""

    name: str
    question: str
    transaction: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A payment. ``headline``: a key under ``customer.state``; ``by_points``: one under ``sale``.
    ``lines``: quantity, item and what the shop charges for the line. Cash in minor units."""

    status: Status
    headline: str
    tone: Literal["busy", "good", "bad", "calm"]
    records: tuple[Record, ...]
    refunds: tuple[Refund, ...]
    lines: tuple[tuple[int, str, int], ...]
    by_points: Literal["by-points", "to-points", "no-points"]
    cash: int
    worth: int
    checks: tuple[Check, ...]

    @property
    def total(self) -> int:
        """What the shop charges."""
        return sum(charged for _, _, charged in self.lines)

    @property
    def paid(self) -> int:
        """What points pay of it."""
        return 0 if self.by_points == "no-points" else self.cash


def view_of(status: Status) -> CustomerView:
    """How a payment looks now."""
    events = _standing(status.events)
    known: dict[str, OrderEvent] = {event.kind: event for event in events}
    order, currency = status.order, status.order.currency
    ended = known.get("cancelled") or known.get("finalized")
    settled = known.get("settled")
    headline = _headline(status, known)
    return CustomerView(
        status=status,
        headline=headline,
        tone=_tone(headline),
        records=(
            _placed(status, known.get("recorded")),
            _answered(status, settled),
            _ended(status, ended),
        ),
        refunds=tuple(_refund(one, currency) for one in events if one.kind == "refunded"),
        lines=lines_of(status.lines, currency),
        by_points=_by_points(status),
        cash=_minor(order.cash or "0", currency),
        worth=_minor(status.balance.worth if status.balance else "0", currency),
        checks=tuple(_checks(status.chain, [known.get("recorded"), settled, ended])),
    )


def lines_of(lines: Sequence[Line], currency: str) -> tuple[tuple[int, str, int], ...]:
    """Quantity, item and what the shop charges for the line, in minor units."""
    return tuple(
        (line.quantity, line.item, line.quantity * _minor(line.unit_price, currency))
        for line in lines
    )


def _standing(events: Sequence[OrderEvent]) -> list[OrderEvent]:
    """The events that the chain hasn't taken back."""
    gone = {event.reverted for event in events if event.kind == "reverted"}
    return [one for one in events if one.kind != "reverted" and one.number not in gone]


def _headline(status: Status, known: Mapping[str, OrderEvent]) -> str:
    order = status.order
    if order.status != "paid":
        return order.status
    if order.finalized == "cancelled":
        return "cancelled"
    if "refunded" in known:
        currency = order.currency
        whole = _minor(order.refunded, currency) >= _minor(order.cash or "0", currency)
        return "given-back" if whole else "refunded"
    return "completed" if order.finalized else "paid"


def _by_points(status: Status) -> Literal["by-points", "to-points", "no-points"]:
    if status.order.status == "paid" and status.order.finalized != "cancelled":
        return "by-points"
    return "no-points" if status.order.final else "to-points"


def _tone(headline: str) -> Literal["busy", "good", "bad", "calm"]:
    if headline in ("paid", "completed", "refunded", "given-back"):
        return "good"
    if headline in ("rejected", "declined", "invalid"):
        return "bad"
    return "calm" if headline in ("cancelled", "withdrawn") else "busy"


def _placed(status: Status, event: OrderEvent | None) -> Record:
    if event is not None:
        return _written(1, "placed", "done", "placed-done", event)
    order = status.order
    if order.final and (order.status != "paid" or order.finalized):
        return Record(1, "placed", "skipped", "placed-never")
    return Record(1, "placed", "now", "placed-now")


def _answered(status: Status, settled: OrderEvent | None) -> Record:
    if settled is not None:
        paid = settled.status == "paid"
        state: State = "done" if paid else "failed"
        return _written(
            2, "answered", state, "answered-paid" if paid else "answered-rejected", settled
        )
    answer = status.order.status
    if answer in ("declined", "invalid"):
        return Record(2, "answered", "failed", "answered-declined")
    if answer == "withdrawn":
        return Record(2, "answered", "skipped", "answered-withdrawn")
    return Record(2, "answered", "now", "answered-asked" if answer == "waiting" else "answered-now")


def _ended(status: Status, event: OrderEvent | None) -> Record:
    if event is not None:
        said = "ended-cancelled" if event.kind == "cancelled" else "ended-completed"
        return _written(3, "ended", "done", said, event)
    if status.order.status == "paid":
        return Record(3, "ended", "now", "ended-now")
    if status.order.final:
        return Record(3, "ended", "skipped", "ended-never")
    return Record(3, "ended", "waits", "waits")


def _written(number: int, name: str, state: State, said: str, event: OrderEvent) -> Record:
    return Record(number, name, state, said, event.transaction, event.block, _seconds(event.at))


def _refund(event: OrderEvent, currency: str) -> Refund:
    cash, points = _minor(event.cash or "0", currency), event.points or 0
    return Refund(cash, points, event.block, event.transaction, _seconds(event.at))


def _checks(place: ChainPlace, events: Sequence[OrderEvent | None]) -> list[Check]:
    """A question about the receipt of each record's transaction."""
    found = []
    for event in events:
        if event is None or event.transaction is None:
            continue
        name = str(event.status) if event.kind == "settled" else event.kind
        topics = {
            "recorded": (_word(place.terminal),),
            "finalized": (_word(place.terminal),),
            "cancelled": (place.order_id, _word(place.terminal)),
        }.get(name, (place.order_id, place.account, _word(place.terminal)))
        asked = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "eth_getTransactionReceipt",
            "params": [event.transaction],
        }
        topic = "0x" + keccak(text=_EVENTS[name]).hex()
        found.append(Check(name, json.dumps(asked), event.transaction, (topic, *topics)))
    return found


def _word(address: str) -> str:
    """An address as a topic: 32 bytes."""
    return "0x" + address.removeprefix("0x").lower().rjust(64, "0")


def _minor(text: str, currency: str) -> int:
    return parse_minor(text, currency, zero=True)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
