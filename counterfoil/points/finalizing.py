"""Record 3 of orders that were settled and left open: completed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from counterfoil.points.desk import BankDesk
from counterfoil.points.journal import OrderEntry
from counterfoil.points.ledger import Mark
from counterfoil.points.records import TerminalRecords
from counterfoil.points.signedfile import SignedOrder, signed_order

_AT_ONCE = 1000
_WHY = {
    "not-paid": "No order was paid here under this reference.",
    "no-key": "Its terminal's key isn't kept here: the terminal finalizes it itself.",
}


@dataclass(frozen=True, slots=True)
class Finalized:
    """A result row of ``finalize``: ``status`` final or refused; ``reason`` not-paid or no-key."""

    order_ref: str
    order_id: str | None
    status: Literal["final", "refused"]
    reason: str | None
    detail: str
    transaction: str | None
    replayed: bool

    def as_row(self) -> dict[str, Any]:
        """JSON-ready, in the order of the columns."""
        return asdict(self)


def finalize(
    desk: BankDesk, order_refs: Sequence[str], warn: Callable[[str], None]
) -> Iterator[Finalized]:
    """Finalize the orders that were paid under these references; without any, all that are open.

    ``warn`` hears of terminals whose keys aren't here.
    """
    records = TerminalRecords(desk.ledger, desk.journal, desk.state, warn)
    if not order_refs:
        paid = [entry for entry in desk.journal.all_orders() if entry.reason == 0]
        unsure = [entry for entry in paid if not entry.finalized]
        for start in range(0, len(unsure), _AT_ONCE):
            some = unsure[start : start + _AT_ONCE]
            yield from (one for one in _finalize(desk, records, some) if not one.replayed)
        return
    for start in range(0, len(order_refs), _AT_ONCE):
        refs = order_refs[start : start + _AT_ONCE]
        found = {ref: _paid(desk, ref) for ref in refs}
        entries = [entry for entry in found.values() if entry is not None]
        answers = {answer.order_ref: answer for answer in _finalize(desk, records, entries)}
        for ref in refs:
            yield answers.get(ref) or _refused(ref, None, "not-paid")


def _paid(desk: BankDesk, order_ref: str) -> OrderEntry | None:
    paid = [entry for entry in desk.journal.orders_called(order_ref) if entry.reason == 0]
    return paid[0] if paid else None


def _finalize(
    desk: BankDesk, records: TerminalRecords, entries: Sequence[OrderEntry]
) -> Iterator[Finalized]:
    orders = [signed_order(json.loads(entry.row)) for entry in entries]
    before = _marks(desk, orders)
    due = [order for order, mark in zip(orders, before, strict=True) if mark == Mark.PAID]
    records.finalize(due, set(), threading.Event())
    noted = desk.journal.orders([order.order_id for order in orders])
    for order, was, mark in zip(orders, before, _marks(desk, orders), strict=True):
        if mark == Mark.FINALIZED:
            yield _final(order, noted[order.order_id].finalized, replayed=was == Mark.FINALIZED)
        else:
            yield _refused(order.order_ref, order.order_id, "no-key")


def _marks(desk: BankDesk, orders: Sequence[SignedOrder]) -> list[Mark]:
    return desk.ledger.marks([(one.order.terminal, one.order.sequence) for one in orders])


def _final(order: SignedOrder, transaction: str | None, *, replayed: bool) -> Finalized:
    detail = "Completed or cancelled before." if replayed else "Completed."
    return Finalized(
        order_ref=order.order_ref,
        order_id=order.order_id,
        status="final",
        reason=None,
        detail=detail,
        transaction=transaction,
        replayed=replayed,
    )


def _refused(order_ref: str, order_id: str | None, reason: str) -> Finalized:
    return Finalized(
        order_ref=order_ref,
        order_id=order_id,
        status="refused",
        reason=reason,
        detail=_WHY[reason],
        transaction=None,
        replayed=False,
    )
