"""What a bank remembers about the refunds it was asked for. A row is written before one is sent."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    Index,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    select,
    update,
)

from counterfoil.database import insert_new, open_database, pages, reading, transaction
from counterfoil.state import State

_TABLES = MetaData()

_REFUNDS = Table(
    "refunds",
    _TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("order_id", String(66), primary_key=True),
    Column("refund_id", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("asked", BigInteger),  # minor units; null: all that is left
    Column("asked_at", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("since", BigInteger),  # the block before it was sent
    Column("reason", String(64)),
    Column("detail", Text),
    Column("cash", BigInteger),
    Column("points", BigInteger),
    Column("left", BigInteger),
    Column("transaction", String(66)),
    Column("block", BigInteger),
    Index("refunds_state", "ledger", "state", "asked_at"),
)

_SENT = Table(
    "refunds_sent",
    _TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("order_id", String(66), primary_key=True),
    Column("refund_id", String(64), primary_key=True),
    Column("transaction", String(66), primary_key=True),
)

_DUE = (  # asked twice a second: to put it together takes longer than to answer it
    select(_REFUNDS)
    .where(_REFUNDS.c.ledger == bindparam("ledger"), _REFUNDS.c.state.in_(("ready", "sent")))
    .order_by(_REFUNDS.c.asked_at)
)
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

    @classmethod
    def new(cls, order_id: str, refund_id: str, kind: Kind, cash: int | None) -> Asked:
        """A refund that is asked for now."""
        return cls(order_id, refund_id, kind, cash, int(time.time()))

    @property
    def final(self) -> bool:
        """Whether it has ended."""
        return self.state in ("done", "refused")


class RefundJournal:
    """The pages of one ledger."""

    def __init__(self, engine: Engine, ledger: str) -> None:
        self._engine = engine
        self._ledger = ledger

    @classmethod
    def open(cls, state: State, ledger: str) -> RefundJournal:
        """The pages in a state folder's points journal.

        Raises:
            Unavailable: the database can't be opened.
        """
        return cls(open_database(state.database_url("points"), _TABLES), ledger)

    def close(self) -> None:
        """Give back the database's connections."""
        self._engine.dispose()

    def add(self, asked: Asked) -> tuple[Asked, bool]:
        """Take a refund; the one that is kept under its id, and whether it was there before."""
        one = select(_REFUNDS).where(*self._named(asked))
        with transaction(self._engine) as link:
            before = link.execute(one).first()
            if before is None:
                insert_new(link, _REFUNDS, [{"ledger": self._ledger, **asdict(asked)}])
                return _asked(link.execute(one).one()), False
        return _asked(before), True

    def pages(self) -> Iterator[list[Asked]]:
        """Every refund, some at a time."""
        mine = select(_REFUNDS).where(_REFUNDS.c.ledger == self._ledger)
        for rows in pages(self._engine, mine, _REFUNDS.c.order_id, _REFUNDS.c.refund_id):
            yield [_asked(row) for row in rows]

    def find(self, order_id: str, refund_id: str) -> Asked | None:
        """A refund."""
        found = self._rows(_REFUNDS.c.order_id == order_id, _REFUNDS.c.refund_id == refund_id)
        return found[0] if found else None

    def of_order(self, order_id: str) -> list[Asked]:
        """The refunds of an order, oldest first."""
        return self._rows(_REFUNDS.c.order_id == order_id)

    def due(self) -> list[Asked]:
        """Those that have not ended, oldest first."""
        with reading(self._engine) as link:
            return [_asked(row) for row in link.execute(_DUE, {"ledger": self._ledger})]

    def note(self, asked: Asked) -> None:
        """What became of it."""
        with transaction(self._engine) as link:
            link.execute(update(_REFUNDS).where(*self._named(asked)).values(**asdict(asked)))

    def note_sent(self, asked: Asked, name: str) -> None:
        """A transaction that does it is about to be sent under this hash."""
        row = {"ledger": self._ledger, "order_id": asked.order_id, "refund_id": asked.refund_id}
        with transaction(self._engine) as link:
            insert_new(link, _SENT, [{**row, "transaction": name}])

    def sent(self, order_id: str) -> dict[str, set[str]]:
        """The hashes under which each refund of an order was sent, or has been done, by its id."""
        mine = (_SENT.c.ledger == self._ledger, _SENT.c.order_id == order_id)
        found: dict[str, set[str]] = defaultdict(set)
        with reading(self._engine) as link:
            for row in link.execute(select(_SENT).where(*mine)):
                found[row.refund_id].add(row.transaction)
        for one in self.of_order(order_id):
            if one.transaction:
                found[one.refund_id].add(one.transaction)
        return found

    def _named(self, asked: Asked) -> tuple[ColumnElement[bool], ...]:
        return (
            _REFUNDS.c.ledger == self._ledger,
            _REFUNDS.c.order_id == asked.order_id,
            _REFUNDS.c.refund_id == asked.refund_id,
        )

    def _rows(self, *where: ColumnElement[bool]) -> list[Asked]:
        asked = select(_REFUNDS).where(_REFUNDS.c.ledger == self._ledger, *where)
        with reading(self._engine) as link:
            return [_asked(row) for row in link.execute(asked.order_by(_REFUNDS.c.asked_at))]


def _asked(row: Any) -> Asked:
    return Asked(*row[1:])
