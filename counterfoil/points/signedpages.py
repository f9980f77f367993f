"""The page on which terminals write the orders that they signed, before they give them out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Index, MetaData, String, Table, Text, text

TABLES = MetaData()
"""All tables of a points journal."""

SIGNED = Table(
    "signed_orders",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("order_ref", String(255), primary_key=True),
    Column("content", String(64), nullable=False),
    Column("terminal", String(42), nullable=False),
    Column("sequence", String(20), nullable=False),  # in digits: uint64 is more than SQL's integers
    Column("automatic", Boolean, nullable=False),
    Column("row", Text, nullable=False),
    # Of two processes that count the same number at once, one is left out. A number that was given
    # by hand may be another order's too.
    Index(
        "signed_orders_counted_once",
        *("ledger", "terminal", "sequence"),
        unique=True,
        sqlite_where=text("automatic"),
        postgresql_where=text("automatic"),
    ),
)


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """A signed order as the terminal gave it out: ``row`` is its JSON line, ``sequence`` 20 digits
    (:func:`digits`), ``automatic`` if the terminal counted it itself."""

    order_ref: str
    content: str
    terminal: str
    sequence: str
    automatic: bool
    row: str


def digits(sequence: int) -> str:
    """A sequence as the journal sorts it."""
    return f"{sequence:020d}"
