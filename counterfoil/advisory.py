"""Turns among all that share a PostgreSQL, as its advisory locks:
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from hashlib import sha256

from sqlalchemy import Connection, NullPool, TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.database import as_unavailable, engine_at
from counterfoil.errors import Unavailable
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
    is given. Should it end, so do our turns, and the next is taken in a new one: what was under way
    may then be overtaken, which its sender notices.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._link: Connection | None = None
        self._using = threading.Lock()

    def give(self, address: str) -> None:
        """Let the next one send."""
        with suppress(Unavailable):  # a session that has ended holds no turn
            self._ask(_GIVE, address)

    def _taken(self, address: str) -> bool:
        return bool(self._ask(_TAKE, address))

    def _holder(self, address: str) -> str:
        return str(self._ask(_WHO, address) or "")

    def _ask(self, question: TextClause, address: str) -> object:
        with self._using, as_unavailable():
            if self._link is None:
                self._link = self._connected()
            try:
                return self._link.execute(question, {"key": _number(address)}).scalar()
            except SQLAlchemyError:
                self._link.invalidate()  # and all of our turns end, if they have not already
                self._link = None
                raise

    def _connected(self) -> Connection:
        name = f"counterfoil {os.getpid()}"
        engine = engine_at(self._url, poolclass=NullPool, connect_args={"application_name": name})
        return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def turns_of(state: State) -> Turns:
    """Turns among all that share a state folder, or the PostgreSQL in which its journals are."""
    url = state.database_url("points")
    return PostgresTurns(url) if url.startswith("postgresql") else FileTurns(state.root / "turns")


def _number(address: str) -> int:
    """The advisory lock of an address: 63 bits, so that PostgreSQL shows them as they are."""
    return int.from_bytes(sha256(b"counterfoil turn " + address.encode()).digest()[:8], "big") >> 1
