"""What a terminal and a bank remember about orders and credits, so that every run is safe twice.

A row is written before anything is sent. Rows belong to one ledger address: a new chain starts
with empty pages. No customer id stands here, only the account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from counterfoil.database import (
    insert_new,
    noting,
    open_database,
    pages,
    reading,
    transaction,
)
from counterfoil.model import at_a_time
from counterfoil.points.creditpages import CREDITS, CreditEntry, CreditPages
from counterfoil.points.signedpages import SIGNED, TABLES, SignedEntry
from counterfoil.state import State

_ORDERS = Table(
    "orders",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("order_id", String(66), primary_key=True),
    Column("order_ref", String(255), nullable=False),
    Column("row", Text, nullable=False),
    Column("recorded", String(66)),
    Column("reason", Integer),
    Column("transaction", String(66)),
    Column("block", Integer),
    Column("finalized", String(66)),
)

_AT_ONCE = 500

# Rows, by what they are called, and the columns that change in all of them.
Note = tuple[Sequence[str], Mapping[str, str | int | None]]


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """An order at the bank. ``reason`` None: sent, not answered yet, as far as we know."""

    order_id: str
    order_ref: str
    row: str
    recorded: str | None = None
    reason: int | None = None
    transaction: str | None = None
    block: int | None = None
    finalized: str | None = None


class Journal(CreditPages):
    """The pages of one ledger."""

    def __init__(self, engine: Engine, ledger: str) -> None:
        self._engine = engine
        self._ledger = ledger

    @classmethod
    def open(cls, state: State, ledger: str) -> Journal:
        """The journal of a state folder.

        Raises:
            Unavailable: the database can't be opened.
        """
        return cls(open_database(state.database_url("points"), TABLES), ledger)

    def close(self) -> None:
        """Give back the database's connections."""
        self._engine.dispose()

    def signed(self, order_refs: Sequence[str]) -> dict[str, SignedEntry]:
        """Orders signed before under these references."""
        rows = self._rows(SIGNED, "order_ref", order_refs)
        return {row.order_ref: SignedEntry(*row[1:]) for row in rows}

    def sequences(self, terminal: str) -> tuple[int, frozenset[int]]:
        """The sequence after the last that a terminal counted itself, and all that it was given."""
        own = (SIGNED.c.ledger == self._ledger, SIGNED.c.terminal == terminal)
        highest = select(func.max(SIGNED.c.sequence)).where(*own, SIGNED.c.automatic)
        given = select(SIGNED.c.sequence).where(*own, ~SIGNED.c.automatic)
        with transaction(self._engine) as link:
            found = link.execute(highest).scalar()
            taken = frozenset(int(row.sequence) for row in link.execute(given))
        return (0 if found is None else int(found) + 1), taken

    def add_signed(self, entries: Iterable[SignedEntry]) -> None:
        """Remember signed orders. A reference that is known stays as it was; an order is left out
        if another process has counted its number meanwhile."""
        self._add(SIGNED, entries)

    def has_signed(self) -> bool:
        """Whether anything was ever signed here."""
        any_ = select(SIGNED.c.order_ref).where(SIGNED.c.ledger == self._ledger).limit(1)
        with reading(self._engine) as link:
            return link.execute(any_).first() is not None

    def orders(self, order_ids: Sequence[str]) -> dict[str, OrderEntry]:
        """Orders that the bank has seen."""
        rows = self._rows(_ORDERS, "order_id", order_ids)
        return {row.order_id: OrderEntry(*row[1:]) for row in rows}

    def order_pages(self) -> Iterator[list[OrderEntry]]:
        """Every order that the bank has seen, some at a time, by their ids."""
        mine = select(_ORDERS).where(_ORDERS.c.ledger == self._ledger)
        for rows in pages(self._engine, mine, _ORDERS.c.order_id):
            yield [OrderEntry(*row[1:]) for row in rows]

    def count_orders(self) -> int:
        """How many orders the bank has seen."""
        mine = select(func.count()).select_from(_ORDERS).where(_ORDERS.c.ledger == self._ledger)
        with reading(self._engine) as link:
            return int(link.execute(mine).scalar() or 0)

    def repeated_refs(self) -> list[str]:
        """References under which more than one order came in."""
        ref = _ORDERS.c.order_ref
        mine = select(ref).where(_ORDERS.c.ledger == self._ledger).group_by(ref)
        with reading(self._engine) as link:
            return list(link.execute(mine.having(func.count() > 1).order_by(ref)).scalars())

    def orders_called(self, order_ref: str) -> list[OrderEntry]:
        """Orders that came in under a reference."""
        return [OrderEntry(*row[1:]) for row in self._rows(_ORDERS, "order_ref", [order_ref])]

    def add_orders(self, entries: Iterable[OrderEntry]) -> None:
        """Write orders down before they are sent."""
        self._add(_ORDERS, entries)

    def note_orders(self, notes: Iterable[Note]) -> None:
        """What the chain has said about orders since, all of it or nothing."""
        self._note(_ORDERS, "order_id", notes, noting)

    def credits(self, references: Sequence[str]) -> dict[str, CreditEntry]:
        """Credits that were sent under these references."""
        rows = self._rows(CREDITS, "reference", references)
        return {row.reference: CreditEntry(*row[1:]) for row in rows}

    def batch_of_credits(self, batch: int) -> list[CreditEntry]:
        """All credits of one batch, in the order in which they were sent."""
        rows = self._rows(CREDITS, "batch", [batch])
        return sorted((CreditEntry(*row[1:]) for row in rows), key=lambda entry: entry.place)

    def credit_pages(self) -> Iterator[list[CreditEntry]]:
        """Every credit, some at a time, by their references."""
        mine = select(CREDITS).where(CREDITS.c.ledger == self._ledger)
        for rows in pages(self._engine, mine, CREDITS.c.reference):
            yield [CreditEntry(*row[1:]) for row in rows]

    def add_credits(self, entries: Iterable[CreditEntry]) -> None:
        """Write down credits that the chain tells of. A reference that is known stays as it was."""
        self._add(CREDITS, entries)

    def note_credits(self, references: Sequence[str], **values: str | int | None) -> None:
        """What the chain has said about these credits since."""
        self._note(CREDITS, "reference", [(references, values)], transaction)

    def reopen_credits(self, transactions: Iterable[str]) -> None:
        """Strike out what these transactions answered: the chain took them back."""
        values = {"transaction": None, "block": None}
        self._note(CREDITS, "transaction", [(list(transactions), values)], transaction)

    def forget_credits(self, references: Sequence[str]) -> None:
        """Strike out credits of a batch that never reached the chain."""
        with transaction(self._engine) as link:
            for some in at_a_time(references, _AT_ONCE):
                link.execute(
                    delete(CREDITS).where(
                        CREDITS.c.ledger == self._ledger,
                        CREDITS.c.reference.in_(some),
                        CREDITS.c.transaction.is_(None),
                    )
                )

    def _rows(self, table: Table, column: str, values: Sequence[object]) -> list[Any]:
        found: list[Any] = []
        with reading(self._engine) as link:
            for some in at_a_time(values, _AT_ONCE):
                found += link.execute(
                    _selection(table, column), {"ledger": self._ledger, "some": some}
                )
        return found

    def _add(self, table: Table, entries: Iterable[SignedEntry | OrderEntry | CreditEntry]) -> None:
        rows = [{"ledger": self._ledger, **_columns(entry)} for entry in entries]
        if rows:
            with transaction(self._engine) as link:
                insert_new(link, table, rows)

    def _note(
        self,
        table: Table,
        column: str,
        notes: Iterable[Note],
        begin: Callable[[Engine], AbstractContextManager[Connection]],
    ) -> None:
        statements = [
            update(table)
            .where(table.c.ledger == self._ledger, table.c[column].in_(some))
            .values(**values)
            for keys, values in notes
            for some in at_a_time(keys, _AT_ONCE)
        ]
        if statements:
            with begin(self._engine) as link:
                for statement in statements:
                    link.execute(statement)


@cache
def _selection(table: Table, column: str) -> Select[Any]:
    return select(table).where(
        table.c.ledger == bindparam("ledger"),
        table.c[column].in_(bindparam("some", expanding=True)),
    )


def _columns(entry: SignedEntry | OrderEntry | CreditEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__slots__}
