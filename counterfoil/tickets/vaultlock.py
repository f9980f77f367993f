"""How a vault is locked: where its master key comes from, and a mark that tells two apart."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Column, Connection, Integer, LargeBinary, MetaData, String, Table, select

from counterfoil.database import open_database, transaction
from counterfoil.errors import Unavailable

TABLES = MetaData()
LOCKS = Table(
    "vault_locks",
    TABLES,
    Column("registry", String(66), primary_key=True),
    Column("kind", String(11), nullable=False),
    Column("mark", LargeBinary(32), nullable=False),
    Column("salt", LargeBinary(16)),
    Column("n", Integer),
    Column("r", Integer),
    Column("p", Integer),
)

Kind = Literal["file", "environment", "passphrase"]


@dataclass(frozen=True, slots=True)
class Lock:
    """Where a vault's master key comes from; ``salt`` and scrypt's cost are a passphrase's."""

    kind: Kind
    salt: bytes | None = None
    n: int | None = None
    r: int | None = None
    p: int | None = None


FILE = Lock("file")


def lock_of(url: str, registry: str) -> Lock | None:
    """How the vault of a registry is locked, None if it is still to be made.

    Raises:
        Unavailable: the database can't be opened.
    """
    engine = open_database(url, TABLES)
    with transaction(engine) as link:
        row = lock_row(link, registry)
    engine.dispose()
    return Lock(row.kind, row.salt, row.n, row.r, row.p) if row else None


def mark(master: bytes) -> bytes:
    """What tells one master key from another, and says nothing more of it."""
    return hmac.digest(master, b"counterfoil vault/1", hashlib.sha256)


def lock_columns(registry: str, lock: Lock, master: bytes) -> dict[str, object]:
    """A lock's row."""
    return {"registry": registry, "mark": mark(master), **asdict(lock)}


def lock_row(link: Connection, registry: str) -> Any:
    """The row of a registry's vault, None if there is none."""
    return link.execute(select(LOCKS).where(LOCKS.c.registry == registry)).one_or_none()


def hold(link: Connection, registry: str, master: bytes) -> None:
    """See to it that the vault stays locked with this key until the transaction ends.

    Raises:
        Unavailable: it is locked with another one since it was opened (``vault-rotated``).
    """
    here = select(LOCKS.c.mark).where(LOCKS.c.registry == registry)
    if link.scalar(here.with_for_update()) != mark(master):
        raise Unavailable(
            "the vault was locked with another master key meanwhile",
            fix="Run again.",
            code="vault-rotated",
        )
