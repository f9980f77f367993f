"""Refunds asked of the bank: each done once, whatever happens in between.

A row is written before anything is sent, with the block before. After a crash, a refund that was
sent is looked for among the ledger's events since: there it is done, else it is sent again.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from sqlalchemy import Engine, select, update

from counterfoil.bank.tables import REFUNDS
from counterfoil.bank.telemetry import Telemetry
from counterfoil.database import insert_new, reading, transaction
from counterfoil.errors import Refused
from counterfoil.points import refunds
from counterfoil.points.desk import BankDesk
from counterfoil.points.refunds import Refund

Kind = Literal["refund", "cancel"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A refund: ``asked`` minor units, None for all that is left. ``state``: ready, sent, done,
    refused; what came of it follows."""

    order_id: str
    refund_id: str
    kind: Kind
    asked: int | None
    asked_at: int
    state: Literal["ready", "sent", "done", "refused"] = "ready"
    since: int | None = None
    reason: str | None = None
    detail: str | None = None
    cash: int | None = None
    points: int | None = None
    left: int | None = None
    transaction: str | None = None
    block: int | None = None

    @property
    def final(self) -> bool:
        """Whether it has ended."""
        return self.state in ("done", "refused")


class Refunds:
    """The refunds of one ledger."""

    def __init__(self, engine: Engine, desk: BankDesk, telemetry: Telemetry) -> None:
        self._engine = engine
        self._desk = desk
        self._ledger = desk.ledger.record.key
        self._telemetry = telemetry

    def add(self, asked: Asked) -> tuple[Asked, bool]:
        """Take a refund; the one that is kept under its id, and whether it was there before."""
        with transaction(self._engine) as link:
            before = link.execute(self._one(asked.order_id, asked.refund_id)).first()
            if before is None:
                insert_new(link, REFUNDS, [{"ledger": self._ledger, **asdict(asked)}])
                kept = link.execute(self._one(asked.order_id, asked.refund_id)).one()
                return _asked(kept), False
        return _asked(before), True

    def find(self, order_id: str, refund_id: str) -> Asked | None:
        """A refund."""
        with reading(self._engine) as link:
            row = link.execute(self._one(order_id, refund_id)).first()
        return _asked(row) if row else None

    def work(self) -> list[str]:
        """Do what is due, oldest first; the orders that it was about.

        Raises:
            Unavailable: the chain or the database doesn't answer; what is left is still due.
        """
        asked = select(REFUNDS).where(
            REFUNDS.c.ledger == self._ledger, REFUNDS.c.state.in_(("ready", "sent"))
        )
        with reading(self._engine) as link:
            due = [_asked(row) for row in link.execute(asked.order_by(REFUNDS.c.asked_at))]
        for one in due:
            done = self._found(one) if one.state == "sent" else None
            self._note(done or self._do(one))
        return [one.order_id for one in due]

    def _do(self, one: Asked) -> Asked:
        block = self._desk.ledger.chain.block_number()
        self._note(replace(one, state="sent", since=block))
        try:
            if one.kind == "cancel":
                done = refunds.cancel_order(self._desk, one.order_id)
            else:
                done = refunds.refund_order(self._desk, one.order_id, one.asked)
        except Refused as error:
            self._telemetry.refunds.labels("refused").inc()
            return replace(one, state="refused", reason=error.code, detail=error.message)
        self._telemetry.refunds.labels("refunded").inc()
        return _done(one, done)

    def _found(self, one: Asked) -> Asked | None:
        """The refund on chain, if it got there before the one who sent it was cut short."""
        found = refunds.sent_since(self._desk, one.order_id, (one.since or 0) + 1)
        taken = self._transactions(one.order_id)
        for done in found:
            if done.transaction not in taken and one.asked in (None, done.cash):
                return _done(one, done)
        return None

    def _transactions(self, order_id: str) -> set[str]:
        asked = select(REFUNDS.c.transaction).where(
            REFUNDS.c.ledger == self._ledger, REFUNDS.c.order_id == order_id
        )
        with reading(self._engine) as link:
            return {str(one) for one in link.execute(asked).scalars() if one}

    def _note(self, one: Asked) -> None:
        with transaction(self._engine) as link:
            link.execute(
                update(REFUNDS)
                .where(
                    REFUNDS.c.ledger == self._ledger,
                    REFUNDS.c.order_id == one.order_id,
                    REFUNDS.c.refund_id == one.refund_id,
                )
                .values(**asdict(one))
            )

    def _one(self, order_id: str, refund_id: str) -> Any:
        return select(REFUNDS).where(
            REFUNDS.c.ledger == self._ledger,
            REFUNDS.c.order_id == order_id,
            REFUNDS.c.refund_id == refund_id,
        )


def new(order_id: str, refund_id: str, kind: Kind, cash: int | None) -> Asked:
    """A refund that is asked for now."""
    return Asked(order_id, refund_id, kind, cash, int(time.time()))


def _done(one: Asked, done: Refund) -> Asked:
    return replace(
        one,
        state="done",
        cash=done.cash,
        points=done.points,
        left=done.left,
        transaction=done.transaction,
        block=done.block,
    )


def _asked(row: Any) -> Asked:
    return Asked(*row[1:])
