"""The tables that a scanner fills: what happened to each order, in the order in which it was told.

``order_events`` is only ever appended to. A number, once given, stays: whoever has seen everything
up to it asks for what follows. A chain that takes a block back leaves its rows where they are,
``reverted`` set, and appends a row of kind ``reverted`` for each.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

TABLES = MetaData()
"""Shared with the bank's own tables, so that a step of an order and its event are one write."""

EVENTS = Table(
    "order_events",
    TABLES,
    Column(
        "number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("ledger", String(109), nullable=False),
    Column("order_id", String(66), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("place", String(160), nullable=False),  # what makes it the same event, told twice
    Column("at", BigInteger, nullable=False),
    Column("block", BigInteger),
    Column("block_hash", String(66)),
    Column("transaction", String(66)),
    Column("told", Text, nullable=False),  # JSON
    Column("reverted", BigInteger),
    UniqueConstraint("ledger", "order_id", "place"),
    Index("order_events_block", "ledger", "block"),
    sqlite_autoincrement=True,  # a number is never given twice
)

SETTLED = Table(
    "settled_orders",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("order_id", String(66), primary_key=True),
    Column("account", String(66), nullable=False),
    Column("terminal", String(42), nullable=False),
    Column("sequence", String(20), nullable=False),  # in digits: uint64 is more than SQL's integers
    Column("block", BigInteger, nullable=False),
    Index("settled_orders_sequence", "ledger", "terminal", "sequence"),
)

BLOCKS = Table(
    "scanned_blocks",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(66), nullable=False),
)


def one_writer(link: Connection) -> None:
    """Let one transaction at a time give out numbers, until it ends: so that they are seen in
    their order. SQLite has one writer anyway."""
    if link.dialect.name == "postgresql":
        link.execute(text("SELECT pg_advisory_xact_lock(hashtext('counterfoil order_events'))"))
