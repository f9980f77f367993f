"""What a bank remembers about the credits that it took back. A row is written before it is sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    select,
    update,
)

from counterfoil.database import insert_new, open_database, transaction
from counterfoil.state import State

_TABLES = MetaData()

_CLAWS = Table(
    "claw_backs",
    _TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("claw_reference", String(255), primary_key=True),
    Column("reference", String(255), nullable=False),
    Column("wished", BigInteger),
    Column("points", BigInteger),
    Column("shortfall", BigInteger),
    Column("transaction", String(66)),
    Column("block", Integer),
)


@dataclass(frozen=True, slots=True)
class ClawEntry:
    """One claw-back of the credit ``reference``: ``wished`` points, None: all that was left.

    ``points`` taken and ``shortfall`` are what the ledger answered; ``transaction`` None: no answer
    yet, as far as we know.
    """

    claw_reference: str
    reference: str
    wished: int | None
    points: int | None = None
    shortfall: int | None = None
    transaction: str | None = None
    block: int | None = None


class ClawJournal:
    """The pages of one ledger."""

    def __init__(self, engine: Engine, ledger: str) -> None:
        self._engine = engine
        self._ledger = ledger

    @classmethod
    def open(cls, state: State, ledger: str) -> ClawJournal:
        """The pages in a state folder's points journal.

        Raises:
            Unavailable: the database can't be opened.
        """
        return cls(open_database(state.database_url("points"), _TABLES), ledger)

    def close(self) -> None:
        """Give back the database's connections."""
        self._engine.dispose()

    def all(self) -> list[ClawEntry]:
        """Every claw-back."""
        return self._rows(_CLAWS.c.ledger == self._ledger)

    def entry(self, claw_reference: str) -> ClawEntry | None:
        """The claw-back under a reference."""
        found = self.entries([claw_reference])
        return found[0] if found else None

    def entries(self, claw_references: Sequence[str]) -> list[ClawEntry]:
        """The claw-backs under these references."""
        named = _CLAWS.c.claw_reference.in_(claw_references)
        return self._rows(_CLAWS.c.ledger == self._ledger, named)

    def add(self, entry: ClawEntry) -> None:
        """Write a claw-back down before it is sent. A reference that is known stays as it was."""
        with transaction(self._engine) as link:
            insert_new(link, _CLAWS, [{"ledger": self._ledger, **asdict(entry)}])

    def note(self, entry: ClawEntry) -> None:
        """What the ledger answered."""
        answer = asdict(entry)
        values = {name: answer[name] for name in ("points", "shortfall", "transaction", "block")}
        with transaction(self._engine) as link:
            link.execute(update(_CLAWS).where(*self._named(entry.claw_reference)).values(**values))

    def reopen(self, transactions: Collection[str]) -> None:
        """Strike out what these transactions answered: the chain took them back."""
        answers = dict.fromkeys(("points", "shortfall", "transaction", "block"))
        theirs = (_CLAWS.c.ledger == self._ledger, _CLAWS.c.transaction.in_(transactions))
        with transaction(self._engine) as link:
            link.execute(update(_CLAWS).where(*theirs).values(**answers))

    def forget(self, claw_reference: str) -> None:
        """Strike out a claw-back that never reached the chain."""
        with transaction(self._engine) as link:
            unanswered = _CLAWS.c.transaction.is_(None)
            link.execute(delete(_CLAWS).where(*self._named(claw_reference), unanswered))

    def _named(self, claw_reference: str) -> tuple[ColumnElement[bool], ...]:
        return (_CLAWS.c.ledger == self._ledger, _CLAWS.c.claw_reference == claw_reference)

    def _rows(self, *where: ColumnElement[bool]) -> list[ClawEntry]:
        with transaction(self._engine) as link:
            rows = link.execute(select(_CLAWS).where(*where).order_by(_CLAWS.c.claw_reference))
            return [ClawEntry(*row[1:]) for row in rows]
