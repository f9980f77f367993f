"""What happened to orders: written by the scanner and by the bank's node, read by everybody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from counterfoil.database import insert_new, reading, transaction
from counterfoil.index.tables import BLOCKS, EVENTS, SETTLED, one_writer

PAGE = 5000
"""Rows that one look at what is new gives at most."""
_AT_ONCE = 500

# Statements that are asked for each order: to put one together takes longer than to answer it.
_OURS = select(EVENTS).where(EVENTS.c.ledger == bindparam("ledger")).order_by(EVENTS.c.number)
_OF_ORDER = _OURS.where(
    EVENTS.c.order_id == bindparam("order_id"), EVENTS.c.number > bindparam("after")
)
_OF_ORDERS = _OURS.where(EVENTS.c.order_id.in_(bindparam("order_ids", expanding=True)))
_SINCE = _OURS.where(EVENTS.c.number > bindparam("after")).limit(bindparam("most"))
_LAST = (
    select(BLOCKS.c.number, BLOCKS.c.hash)
    .where(BLOCKS.c.ledger == bindparam("ledger"))
    .order_by(BLOCKS.c.number.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an order. ``told`` is JSON-ready; ``at`` in seconds; ``place``
    tells it from every other of that order. A step of the bank's own has no block."""

    order_id: str
    kind: str
    place: str
    at: int
    told: Mapping[str, Any] = field(default_factory=dict)
    block: int | None = None
    block_hash: str | None = None
    transaction: str | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """A happening under its number. ``reverted``: the number of the row that took it back."""

    number: int
    happening: Happening
    reverted: int | None


@dataclass(frozen=True, slots=True)
class Settled:
    """The sequence that an order used. ``sequence`` in 20 digits."""

    order_id: str
    account: str
    terminal: str
    sequence: str
    block: int


class Book:
    """The events of one ledger's orders."""

    def __init__(self, engine: Engine, ledger: str) -> None:
        self._engine = engine
        self._ledger = ledger

    def of_order(self, order_id: str, after: int = 0) -> list[Numbered]:
        """What happened to an order, after a number, in the order of numbers."""
        return self._rows(_OF_ORDER, order_id=order_id, after=after)

    def of_orders(self, order_ids: Sequence[str]) -> dict[str, list[Numbered]]:
        """What happened to each of these orders."""
        found: dict[str, list[Numbered]] = {order_id: [] for order_id in order_ids}
        for start in range(0, len(order_ids), _AT_ONCE):
            some = order_ids[start : start + _AT_ONCE]
            for row in self._rows(_OF_ORDERS, order_ids=some):
                found[row.happening.order_id].append(row)
        return found

    def since(self, number: int, limit: int) -> list[Numbered]:
        """What happened to any order after a number."""
        return self._rows(_SINCE, after=number, most=limit)

    def last_number(self) -> int:
        """The highest number given out; 0 if none is."""
        with reading(self._engine) as link:
            return int(link.execute(select(func.max(EVENTS.c.number))).scalar() or 0)

    def scanned(self) -> tuple[int, str] | None:
        """Number and hash of the last block that was looked at."""
        with reading(self._engine) as link:
            return _last(link, self._ledger)

    def known_blocks(self) -> list[tuple[int, str]]:
        """The blocks that were looked at, as far as they were noted, latest first."""
        asked = select(BLOCKS.c.number, BLOCKS.c.hash).where(BLOCKS.c.ledger == self._ledger)
        with reading(self._engine) as link:
            rows = link.execute(asked.order_by(BLOCKS.c.number.desc()))
            return [(int(row.number), str(row.hash)) for row in rows]

    def settled(self, sequences: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Settled]:
        """The orders that used these sequences (terminal, 20 digits)."""
        found: dict[tuple[str, str], Settled] = {}
        wanted: dict[str, list[str]] = {}
        for terminal, sequence in sequences:
            wanted.setdefault(terminal, []).append(sequence)
        with reading(self._engine) as link:
            for terminal, some in wanted.items():
                asked = select(SETTLED).where(
                    SETTLED.c.ledger == self._ledger,
                    SETTLED.c.terminal == terminal,
                    SETTLED.c.sequence.in_(some),
                )
                for row in link.execute(asked):
                    one = Settled(*row[1:])
                    found[one.terminal, one.sequence] = one
        return found

    def keep(
        self,
        before: tuple[int, str] | None,
        blocks: Iterable[tuple[int, str]],
        settled: Iterable[Settled],
        happenings: Iterable[Happening],
    ) -> bool:
        """Note that the blocks after ``before`` were looked at, and what was found there.

        Returns:
            False if another scanner was quicker; nothing was noted then.
        """
        with transaction(self._engine) as link:
            one_writer(link)
            if _last(link, self._ledger) != before:
                return False
            insert_new(link, BLOCKS, [self._row(number=n, hash=h) for n, h in blocks])
            rows = [
                self._row(
                    order_id=one.order_id,
                    account=one.account,
                    terminal=one.terminal,
                    sequence=one.sequence,
                    block=one.block,
                )
                for one in settled
            ]
            insert_new(link, SETTLED, rows)
            self.append(link, happenings)
        return True

    def append(self, link: Connection, happenings: Iterable[Happening]) -> None:
        """Append to the table inside a transaction of the caller's; what is there stays."""
        one_writer(link)
        rows = [
            self._row(
                order_id=one.order_id,
                kind=one.kind,
                place=one.place,
                at=one.at,
                told=json.dumps(one.told),
                block=one.block,
                block_hash=one.block_hash,
                transaction=one.transaction,
            )
            for one in happenings
        ]
        insert_new(link, EVENTS, rows)

    def take_back(self, before: tuple[int, str], to: tuple[int, str], at: int) -> list[str] | None:
        """Forget the blocks above ``to``, which the chain has no more.

        Returns:
            The orders whose settlement was among what they held; None if another scanner was
            quicker.
        """
        gone = (EVENTS.c.ledger == self._ledger, EVENTS.c.block > to[0])
        with transaction(self._engine) as link:
            one_writer(link)
            if _last(link, self._ledger) != before:
                return None
            rows = link.execute(select(EVENTS).where(*gone, EVENTS.c.reverted.is_(None))).all()
            for row in rows:
                self._take_back(link, row, at)
            for table, column in ((BLOCKS, BLOCKS.c.number), (SETTLED, SETTLED.c.block)):
                link.execute(delete(table).where(table.c.ledger == self._ledger, column > to[0]))
        return [str(row.order_id) for row in rows if row.kind == "settled"]

    def _take_back(self, link: Connection, row: Any, at: int) -> None:
        told = self._row(
            order_id=row.order_id,
            kind="reverted",
            place=f"reverted:{row.number}",
            at=at,
            told=json.dumps({"reverted": row.number}),
        )
        number = link.execute(insert(EVENTS).values(told)).inserted_primary_key
        # Its place is free again: the same block may come back.
        link.execute(
            update(EVENTS)
            .where(EVENTS.c.number == row.number)
            .values(reverted=number[0] if number else None, place=f"{row.place}:{row.number}")
        )

    def _rows(self, asked: Select[Any], **values: object) -> list[Numbered]:
        with reading(self._engine) as link:
            rows = link.execute(asked, {"ledger": self._ledger, **values}).all()
        return [_numbered(row) for row in rows]

    def _row(self, **values: object) -> dict[str, object]:
        return {"ledger": self._ledger, **values}


def _last(link: Connection, ledger: str) -> tuple[int, str] | None:
    found = link.execute(_LAST, {"ledger": ledger}).first()
    return (int(found.number), str(found.hash)) if found else None


def _numbered(row: Any) -> Numbered:
    happening = Happening(
        order_id=row.order_id,
        kind=row.kind,
        place=row.place,
        at=int(row.at),
        told=json.loads(row.told),
        block=row.block,
        block_hash=row.block_hash,
        transaction=row.transaction,
    )
    return Numbered(int(row.number), happening, row.reverted)
