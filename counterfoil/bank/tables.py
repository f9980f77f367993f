"""The node's own tables, beside those of the scanner in one database.

No customer id stands here, only accounts; of keys and links only digests. Rows belong to one
ledger, as in the bank's other journals, but for the channel's keys and customers' wishes, which
outlive a chain.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from counterfoil.index.tables import TABLES

QUOTES = Table(
    "bank_quotes",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("quote_id", String(64), primary_key=True),
    Column("terminal", String(42), nullable=False),
    Column("account", String(66), nullable=False),
    Column("basket", Text, nullable=False),  # JSON; empty: any
    Column("expires_at", BigInteger, nullable=False),
    Column("order_id", String(66)),  # that answered it
    Index("bank_quotes_expiry", "ledger", "expires_at"),
)

ORDERS = Table(
    "bank_orders",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("order_id", String(66), primary_key=True),
    Column("order_ref", String(255), nullable=False),
    Column("terminal", String(42), nullable=False),
    Column("account", String(66), nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("cash", BigInteger, nullable=False),
    Column("rules", BigInteger, nullable=False),
    Column("row", Text, nullable=False),
    Column("quote_id", String(64), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),  # waiting, ready, done, declined, withdrawn
    Column("reason", String(32)),
    Column("transaction", String(66)),
    Column("block", BigInteger),
    Column("confirm_until", BigInteger),
    Column("decision", String(10)),  # confirmed, declined, expired, withdrawn
    Column("status_link", String(64), nullable=False),
    Column("confirm_link", String(64), nullable=False),
    Index("bank_orders_state", "ledger", "state", "received_at"),
    Index("bank_orders_status_link", "status_link"),
    Index("bank_orders_confirm_link", "confirm_link"),
)

CONSENTS = Table(
    "bank_consents",
    TABLES,
    Column("bank", String(32), primary_key=True),
    Column("account", String(66), primary_key=True),
    Column("above", BigInteger, nullable=False),  # minor units; -1: always
)

CHANNEL_KEYS = Table(
    "bank_channel_keys",
    TABLES,
    Column("bank", String(32), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("made_at", BigInteger, nullable=False),
)

ALARMS = Table(
    "bank_alarms",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("terminal", String(42), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("minute", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("limit", Integer, nullable=False),
)

LINKS_KEYS = Table(
    "bank_links_keys",
    TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("digest", String(64), nullable=False),
)
