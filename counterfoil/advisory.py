"""Turns among all that share a PostgreSQL, as its advisory locks:
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS"""

from __future__ import annotations

import os
import threading
from hashlib import sha256

from sqlalchemy import Connection, TextClause, create_engine, text

from counterfoil.database import as_unavailable
from counterfoil.state import State
from counterfoil.turns import FileTurns, Turns

_TAKE = text("SELECT pg_try_advisory_lock(:key)")
_GIVE = text("SELECT pg_advisory_unlock(:key)")
_WHO = text(
    "SELECT replace(application_name, 'counterfoil ', '') FROM pg_locks"
    " JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted"
    " AND (classid::bigint << 32 | objid::bigint) = :key AND objsubid = 1"
)


class PostgresTurns(Turns):
    """Turns among all that share a database.

    One session holds all of ours. It doesn't keep itself out, so an address is taken once before it
    is given.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._link: Connection | None = None
        self._using = threading.Lock()

    def give(self, address: str) -> None:
        """Let the next one send."""
        self._ask(_GIVE, address)

    def _taken(self, address: str) -> bool:
        return bool(self._ask(_TAKE, address))

    def _holder(self, address: str) -> str:
        return str(self._ask(_WHO, address) or "")

    def _ask(self, question: TextClause, address: str) -> object:
        with self._using, as_unavailable():
            if self._link is None:
                name = f"counterfoil {os.getpid()}"
                engine = create_engine(self._url, connect_args={"application_name": name})
                self._link = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return self._link.execute(question, {"key": _number(address)}).scalar()


def turns_of(state: State) -> Turns:
    """Turns among all that share a state folder, or the PostgreSQL in which its journals are."""
    url = state.database_url("points")
    return PostgresTurns(url) if url.startswith("postgresql") else FileTurns(state.root / "turns")


def _number(address: str) -> int:
    """The advisory lock of an address: 63 bits, so that PostgreSQL shows them as they are."""
    return int.from_bytes(sha256(b"counterfoil turn " + address.encode()).digest()[:8], "big") >> 1
