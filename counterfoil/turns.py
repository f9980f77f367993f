"""Whose turn it is to send with a key: two senders at once would take each other's nonces. Other
work that only one at a time may do has turns under a name of its own.

A turn is a lock that ends with its process, whatever happens to that: ``flock`` on a file of the
state folder, or an advisory lock of PostgreSQL (:mod:`counterfoil.advisory`) where the journals are
there, since then several machines may share them.
"""

from __future__ import annotations

import fcntl
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from counterfoil.errors import Unavailable

_LOOK = 0.05  # seconds between two looks whether it is our turn


class Turns(ABC):
    """Hands out turns. ``say`` hears whom one waits for."""

    def __init__(self) -> None:
        self.say: Callable[[str], None] = lambda _: None

    @abstractmethod
    def give(self, address: str) -> None:
        """Let the next one send."""

    @abstractmethod
    def _taken(self, address: str) -> bool:
        """Whether it is ours now."""

    @abstractmethod
    def _holder(self, address: str) -> str:
        """The process that has it, as far as that can be told."""

    def take(self, address: str, seconds: float) -> None:
        """Wait until nobody else sends with the key of this address, then keep others out.

        Raises:
            Unavailable: somebody else still does after so many seconds.
        """
        deadline = time.monotonic() + seconds
        told = ""
        while not self._taken(address):
            holder = self._holder(address) or told
            if holder != told:
                self.say(f"Waiting for process {holder}, which {_doing(address)}.")
                told = holder
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"Process {told or 'unknown'} {_doing(address)}.",
                    fix="Wait for it to end, or end it, and run again.",
                    code="turn",
                )
            time.sleep(_LOOK)


class NoTurns(Turns):
    """For whoever is alone with its keys."""

    def give(self, address: str) -> None:
        """Nobody waits."""

    def _taken(self, address: str) -> bool:
        return True

    def _holder(self, address: str) -> str:
        return ""


class FileTurns(Turns):
    """Turns among the processes and threads that share a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._files: dict[str, int] = {}

    def give(self, address: str) -> None:
        """Let the next one send."""
        os.close(self._files.pop(address))  # and the lock with it

    def _taken(self, address: str) -> bool:
        if address not in self._files:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._files[address] = os.open(self._file(address), os.O_RDWR | os.O_CREAT, 0o600)
        file = self._files[address]
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.pwrite(file, b"%-20d" % os.getpid(), 0)
        return True

    def _holder(self, address: str) -> str:
        return self._file(address).read_text("ascii", "replace").strip()

    def _file(self, address: str) -> Path:
        return self._folder / f"{address}.turn"


def _doing(name: str) -> str:
    return f"sends with the key of {name}" if name.startswith("0x") else f"is at work on {name}"
