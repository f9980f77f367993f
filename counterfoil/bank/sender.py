"""Who may send with a bank's key: one node at a time.

On SQLite, whose file one machine shares, the right is a lock on a file; on PostgreSQL an advisory
lock of a connection. Both are gone the moment that their holder is, and not a moment before.
"""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

_ROOM = 0x62616E6B  # of advisory locks: that of the bank's nodes


class SendersRight:
    """The right to send with one key. ``file`` is where the lock of a SQLite stands."""

    def __init__(self, engine: Engine, address: str, file: Path) -> None:
        self._engine = engine
        self._number = int(address, 16) & 0x7FFFFFFF
        self._file = file
        self._held: IO[str] | Connection | None = None
        self._lock = threading.Lock()

    def hold(self) -> bool:
        """Whether this node has the right: it takes it if it is free."""
        with self._lock:
            if self._engine.dialect.name != "postgresql":
                return self._hold_file()
            return self._hold_link()

    def drop(self) -> None:
        """Leave it to others."""
        with self._lock:
            if isinstance(self._held, Connection):
                self._held.invalidate()  # the lock goes with the connection itself
            if self._held is not None:
                self._held.close()
            self._held = None

    def _hold_file(self) -> bool:
        if self._held is not None:
            return True
        file = self._file.open("w", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._held = file
        return True

    def _hold_link(self) -> bool:
        link = self._held
        try:
            if isinstance(link, Connection):
                link.execute(text("SELECT 1"))
                return True
            link = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            asked = text("SELECT pg_try_advisory_lock(:room, :number)")
            if link.execute(asked, {"room": _ROOM, "number": self._number}).scalar():
                self._held = link
                return True
            link.close()
        except SQLAlchemyError:
            if isinstance(link, Connection):
                link.invalidate()
            self._held = None  # the connection is gone, and the lock with it
        return False
