"""Processes that let others go first (nice(1), sched(7))."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

BEHIND_THE_CHAIN = 12
"""For IPFS nodes and verifiers: a chain works on one thread, and in the end all wait for it."""
_PATIENCE = 2.0  # seconds
_POLL = 0.02  # seconds


def nicely(command: Sequence[str], nice: int) -> tuple[str, ...]:
    """The command that lets others go first so far, 0 to 19; itself where ``nice`` is missing."""
    wrapper = shutil.which("nice") if nice else None
    return (wrapper, "-n", str(nice), *command) if wrapper else tuple(command)


def let_others_first(session: int, nice: int) -> None:
    """The same for the session that a process leads: Linux gives each session an equal share where
    it makes autogroups of them, and then ``nice`` counts only within it.

    Whoever isn't root may set one every 100 ms, all together.
    """
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            Path(f"/proc/{session}/autogroup").write_text(str(nice), encoding="ascii")
        except BlockingIOError:
            time.sleep(_POLL)
        except OSError:
            return  # no autogroups here, and `nice` alone does it
        else:
            return
