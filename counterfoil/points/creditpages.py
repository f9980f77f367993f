"""The page on which a bank writes its credits, before it sends them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    Integer,
    String,
    Table,
    Text,
    delete,
    select,
)

from counterfoil.database import insert_new, reading, transaction
from counterfoil.model import at_a_time
from counterfoil.points.signedpages import TABLES

CREDITS = Table(
    "credits",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("reference", String(255), primary_key=True),
    Column("content", Text, nullable=False),
    Column("batch", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),
    Column("transaction", String(66)),
    Column("block", Integer),
)

_BEGUN = Table(  # a table of its own: journals that were made before it have no such column
    "credit_batches",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("batch", BigInteger, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """A credit; ``content`` is what was sent, as JSON. ``transaction`` None: no answer yet."""

    reference: str
    content: str
    batch: int
    place: int
    transaction: str | None = None
    block: int | None = None

    @property
    def chain_reference(self) -> str:
        """The 32 bytes, in hex, that stand for the reference on chain."""
        return str(json.loads(self.content)[3])


class CreditPages:
    """What a journal has of credits that are sent. ``at``: in seconds."""

    _engine: Engine
    _ledger: str

    def begin_credits(self, entries: Sequence[CreditEntry], at: int) -> None:
        """Write a batch down before it is sent. A reference that is known stays as it was."""
        own = {"ledger": self._ledger}
        batches = {entry.batch for entry in entries}
        with transaction(self._engine) as link:
            link.execute(delete(_BEGUN).where(*_named(self._ledger, batches)))
            insert_new(link, _BEGUN, [{**own, "batch": batch, "at": at} for batch in batches])
            insert_new(link, CREDITS, [{**own, **asdict(entry)} for entry in entries])

    def begun_credits(self, batches: Iterable[int]) -> dict[int, int]:
        """When each of these batches was written down, as far as that is known."""
        found: dict[int, int] = {}
        with reading(self._engine) as link:
            for some in at_a_time(batches, _AT_ONCE):
                asked = select(_BEGUN.c.batch, _BEGUN.c.at).where(*_named(self._ledger, some))
                found |= {row.batch: row.at for row in link.execute(asked)}
        return found


def _named(ledger: str, batches: Iterable[int]) -> list[ColumnElement[bool]]:
    return [_BEGUN.c.ledger == ledger, _BEGUN.c.batch.in_(batches)]
