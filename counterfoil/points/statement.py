"""Every movement of one customer's points, as the chain has it, with the running balance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from counterfoil.model import Event
from counterfoil.points.journal import Journal
from counterfoil.points.ledger import Ledger

_MOVEMENTS = {
    "PointsIssued": ("issued", 1),
    "OrderPaid": ("paid", -1),
    "OrderRefunded": ("refunded", 1),
    "PointsLapsed": ("lapsed", -1),
    "PointsClawedBack": ("clawed back", -1),
}


@dataclass(frozen=True, slots=True)
class Movement:
    """``points`` signed; ``balance`` after it; ``cash`` in minor units, None where none moves.

    ``reference`` is the bank's own id of the credit, or the order's ``order_ref``, where this
    installation's journal knows it; else the id that stands on chain. ``at`` is Unix seconds.
    The last movement may be ``due``: points whose time is over, which lapse at the next touch; it
    has no block.
    """

    at: int
    movement: str
    points: int
    balance: int
    cash: int | None
    reference: str
    block: int | None
    transaction: str | None


def statement(ledger: Ledger, journal: Journal, account: bytes) -> Iterator[Movement]:
    """The movements of an account, oldest first."""
    events = [
        event
        for name in _MOVEMENTS
        for event in ledger.contract.events(name, first=ledger.record.block, account=account)
    ]
    references = _references(journal, events)
    balance = 0
    for event in sorted(events, key=lambda event: (event.block, event.log_index)):
        movement, sign = _MOVEMENTS[event.name]
        points = sign * int(event.arguments["points"])
        balance += points
        yield Movement(
            at=ledger.chain.timestamp(event.block),
            movement=movement,
            points=points,
            balance=balance,
            cash=event.arguments.get("cash"),
            reference=references.get(_key(event), _key(event)),
            block=event.block,
            transaction=event.transaction,
        )
    held = ledger.holding(account).points
    if held != balance:
        now = ledger.chain.timestamp()
        yield Movement(now, "due", held - balance, held, None, "", None, None)


def _references(journal: Journal, events: list[Event]) -> dict[str, str]:
    """What people call the credits and orders of these events."""
    order_ids = [_key(event) for event in events if "orderId" in event.arguments]
    known = {key: entry.order_ref for key, entry in journal.orders(order_ids).items()}
    for batch in {event.arguments["batch"] for event in events if "batch" in event.arguments}:
        for entry in journal.batch_of_credits(batch):
            known["0x" + entry.chain_reference] = entry.reference
    return known


def _key(event: Event) -> str:
    """The 32 bytes that name the credit or order on chain; nothing for points that lapsed."""
    named = event.arguments.get("orderId") or event.arguments.get("creditReference") or b""
    return "0x" + bytes(named).hex() if named else ""
