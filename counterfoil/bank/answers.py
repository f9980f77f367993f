"""What the node knows of an order, as its clients read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from counterfoil.bank.intake import SENTENCES, Refusal
from counterfoil.bank.links import token_of
from counterfoil.bank.orders import Taken
from counterfoil.bank.wire import Lot, OrderAnswer, OrderEvent, OrderStatus
from counterfoil.bank.wire_customers import Line
from counterfoil.deployment import LedgerRecord
from counterfoil.index.book import Happening, Numbered
from counterfoil.money import format_minor
from counterfoil.points.ledger import LOTS
from counterfoil.points.lotsfile import day_of
from counterfoil.points.reasons import Reason
from counterfoil.points.signedfile import signed_order

_DAY = 86_400
_FINAL = ("paid", "rejected", "invalid", "declined", "withdrawn")
_STEPS = {
    "received": "The bank has the order.",
    "waiting": "The order waits until its customer confirms it.",
}


def sentence(reason: str | None, status: str) -> str:
    """A reason, or a status without one, in words."""
    if reason is None:
        return _STEPS.get(status, Reason.NONE.sentence)
    return SENTENCES.get(reason) or Reason.of(reason).sentence


def iso(seconds: int) -> str:
    """Unix seconds as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Told:
    """What the chain says of one order, as far as it was scanned: nothing that was taken back."""

    settled: Happening | None
    recorded: bool
    finalized: Literal["completed", "cancelled"] | None
    refunded: int

    @classmethod
    def of(cls, rows: Iterable[Numbered], terminal: str) -> Told:
        """Out of an order's events."""
        found = [row.happening for row in rows if row.reverted is None]
        kinds = {one.kind for one in found if _counts(one, terminal)}
        ended: Literal["completed", "cancelled"] | None = None
        if kinds & {"finalized", "cancelled"}:
            ended = "cancelled" if "cancelled" in kinds else "completed"
        return cls(
            settled=next((one for one in found if one.kind == "settled"), None),
            recorded="recorded" in kinds,
            finalized=ended,
            refunded=sum(int(one.told["cash"]) for one in found if one.kind == "refunded"),
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """Words an order for its clients. ``key`` makes links, ``pages`` is where they lead."""

    record: LedgerRecord
    key: bytes
    pages: str

    def of(self, taken: Taken, rows: Sequence[Numbered], *, replayed: bool) -> OrderAnswer:
        """The answer to an order, as it stands."""
        told = Told.of(rows, taken.terminal)
        status, reason = _status(taken, told)
        token = token_of(self.key, "status", taken.order_id)
        final = status in _FINAL
        on_chain = status in ("paid", "rejected")
        settled = told.settled
        return OrderAnswer(
            order_ref=taken.order_ref,
            order_id=taken.order_id,
            status=status,
            reason=reason,
            detail=sentence(reason, status),
            points=taken.points,
            cash=self._cash(taken.cash),
            currency=self.record.currency,
            rules_version=taken.rules,
            transaction=(settled.transaction if settled else taken.transaction)
            if on_chain
            else None,
            block=(settled.block if settled else taken.block) if on_chain else None,
            replayed=replayed and final,
            final=final,
            events=f"/v1/orders/{taken.order_id}/events",
            status_token=token,
            status_url=f"{self.pages}/s/{token}" if self.pages else None,
            confirm_until=iso(taken.confirm_until)
            if status == "waiting" and taken.confirm_until
            else None,
            recorded=told.recorded,
            finalized=told.finalized,
            refunded=self._cash(told.refunded),
        )

    def refusal(self, refusal: Refusal) -> OrderAnswer:
        """The answer to an order that wasn't taken."""
        order = refusal.entry.order if refusal.entry else None
        return OrderAnswer(
            order_ref=refusal.order_ref,
            order_id=refusal.entry.order_id if refusal.entry else None,
            status="invalid",
            reason=refusal.reason,
            detail=refusal.detail,
            points=order.points if order else None,
            cash=self._cash(order.cash) if order else None,
            currency=self.record.currency,
            rules_version=order.rules if order else None,
            transaction=None,
            block=None,
            replayed=False,
            final=True,
            refunded=self._cash(0),
        )

    def event(self, row: Numbered, terminal: str) -> OrderEvent | None:
        """An event as it is streamed; None if it is about another terminal's word."""
        one = row.happening
        if not _counts(one, terminal):
            return None
        told = one.told
        reason = told.get("reason")
        status = told.get("status")
        return OrderEvent(
            number=row.number,
            order_id=one.order_id,
            kind=one.kind,
            at=iso(one.at),
            status=status,
            reason=reason,
            detail=sentence(reason, one.kind) if reason or one.kind in _STEPS else None,
            points=told.get("points"),
            cash=self._cash(int(told["cash"])) if "cash" in told else None,
            lots=self.drawn(one) if status == "paid" else None,
            reverted=told.get("reverted"),
            block=one.block,
            transaction=one.transaction,
        )

    def drawn(self, settled: Happening) -> list[Lot]:
        """The lots that a paid order took its points from, soonest to expire first."""
        lot_days = self.record.lot_days
        first = settled.at // _DAY // lot_days - (LOTS - 1)
        packed = int(str(settled.told["drawn"]), 16)
        taken = [(packed >> 32 * place) & 0xFFFFFFFF for place in range(LOTS)]
        return [
            Lot(points=points, expires_on=day_of((first + place + LOTS) * lot_days).isoformat())
            for place, points in enumerate(taken)
            if points
        ]

    def lines(self, taken: Taken, rows: Iterable[Numbered]) -> list[Line]:
        """What was bought, by the names that the items had then: its terminal may sell others now.
        ``rows``: the order's events."""
        received = (row.happening.told for row in rows if row.happening.kind == "received")
        names = next(received, {}).get("items", ())
        return [
            Line(
                item=names[place] if place < len(names) else str(line.item),
                quantity=line.quantity,
                unit_price=self._cash(line.price),
                cash=self._cash(line.cash),
            )
            for place, line in enumerate(signed_order(json.loads(taken.row)).order.lines)
        ]

    def terminal(self, address: str) -> str:
        """A terminal's name; its address if it has none here."""
        tills = self.record.terminals.items()
        return next((name for name, till in tills if till.address == address), address)

    def _cash(self, minor: int) -> str:
        return format_minor(minor, self.record.currency)


def _status(taken: Taken, told: Told) -> tuple[OrderStatus, str | None]:
    if told.settled is not None:
        paid = told.settled.told["status"] == "paid"
        return ("paid", None) if paid else ("rejected", str(told.settled.told["reason"]))
    if taken.state in ("declined", "withdrawn"):
        return taken.state, taken.reason
    if taken.state == "waiting":
        return "waiting", None
    if taken.state != "done":
        return "received", None
    if taken.reason is None:
        return "paid", None
    invalid = Reason.of(taken.reason) < Reason.EXPIRED
    return ("invalid" if invalid else "rejected"), taken.reason


def _counts(one: Happening, terminal: str) -> bool:
    """Whether it is about this order: anybody may record any id under their own name."""
    return one.kind != "recorded" or one.told.get("terminal") == terminal
