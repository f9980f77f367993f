"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 30


def until(holds: Callable[[], object], seconds: float = SECONDS) -> None:
    """Return as soon as ``holds()``; fail if it doesn't in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)
