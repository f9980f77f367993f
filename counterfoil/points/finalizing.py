"""Record 3 of orders that were settled and left open: completed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from counterfoil.errors import Refused
from counterfoil.points.desk import BankDesk
from counterfoil.points.journal import OrderEntry
from counterfoil.points.ledger import Mark
from counterfoil.points.naming import Ambiguous, paid_order
from counterfoil.points.records import TerminalRecords
from counterfoil.points.signedfile import SignedOrder, signed_order

_AT_ONCE = 1000
_WHY = {
    "not-paid": "No order was paid here under this reference.",
    "taken-back": "The chain took its settlement back: settle it anew with `points redeem`.",
    "no-key": "Its terminal's key isn't kept here: the terminal finalizes it itself.",
}

_STILL = {Mark.PAID: "no-key", Mark.UNUSED: "taken-back", Mark.REJECTED: "not-paid"}


@dataclass(frozen=True, slots=True)
class Finalized:
    """A result row of ``finalize``: ``status`` final or refused; ``reason`` not-paid, ambiguous,
    taken-back or no-key."""

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
    desk: BankDesk, order_refs: Sequence[str], warn: Callable[[str], None], terminal: str = ""
) -> Iterator[Finalized]:
    """Finalize the orders that were paid under these references, or have these ids; without any,
    all that are open.

    Args:
        warn: hears of terminals whose keys aren't here.
        terminal: the name of the one that placed those that are named.

    Raises:
        BadInput: the bank has no such terminal.
    """
    records = TerminalRecords(desk.ledger, desk.journal, desk.state, warn)
    if not order_refs:
        for page in desk.journal.order_pages():
            unsure = [entry for entry in page if entry.reason == 0 and not entry.finalized]
            yield from (one for one in _finalize(desk, records, unsure) if not one.replayed)
        return
    for start in range(0, len(order_refs), _AT_ONCE):
        refs = order_refs[start : start + _AT_ONCE]
        found = {ref: _paid(desk, ref, terminal) for ref in refs}
        named = {one.order_id: one for one in found.values() if isinstance(one, OrderEntry)}
        done = _finalize(desk, records, list(named.values()))
        answers = {answer.order_id: answer for answer in done}
        for ref in refs:
            one = found[ref]
            yield answers[one.order_id] if isinstance(one, OrderEntry) else one


def _paid(desk: BankDesk, ref: str, terminal: str) -> OrderEntry | Finalized:
    try:
        return paid_order(desk, ref, terminal)
    except Ambiguous as error:
        return _refused(ref, None, error.code, f"{error.problem}. {error.fix}")
    except Refused as error:
        return _refused(ref, None, error.code)


def _finalize(
    desk: BankDesk, records: TerminalRecords, entries: Sequence[OrderEntry]
) -> Iterator[Finalized]:
    orders = [signed_order(json.loads(entry.row)) for entry in entries]
    before = _marks(desk, orders)
    due = [
        order
        for order, entry, mark in zip(orders, entries, before, strict=True)
        if mark == Mark.PAID or (mark == Mark.FINALIZED and entry.finalized is None)
    ]
    records.finalize(due, set(), threading.Event())
    noted = desk.journal.orders([order.order_id for order in orders])
    for order, was, mark in zip(orders, before, _marks(desk, orders), strict=True):
        if mark == Mark.FINALIZED:
            yield _final(order, noted[order.order_id].finalized, replayed=was == Mark.FINALIZED)
        else:
            yield _refused(order.order_ref, order.order_id, _STILL[mark])


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


def _refused(order_ref: str, order_id: str | None, reason: str, detail: str = "") -> Finalized:
    return Finalized(
        order_ref=order_ref,
        order_id=order_id,
        status="refused",
        reason=reason,
        detail=detail or _WHY[reason],
        transaction=None,
        replayed=False,
    )
