"""The page on which a bank writes its credits, before it sends them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

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
