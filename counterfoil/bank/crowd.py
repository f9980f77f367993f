"""Whoever waits for the chain: so many at once, and so many in line behind them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from counterfoil.errors import Unavailable

THREADS = 16
"""That ask the chain at the same time: each question takes it milliseconds."""
PLACES = 512
"""For those that ask and those in line: two seconds of quotes, as fast as a node gives them."""


class Crowd:
    """The threads of one node that wait for the chain. Its places are counted in the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="at-chain")
        self._taken = 0

    @contextmanager
    def place(self) -> Iterator[ThreadPoolExecutor]:
        """A place until the answer has come, or nobody waits for it.

        Raises:
            Unavailable: there is none.
        """
        if self._taken >= PLACES:
            raise Unavailable("Too many wait for the chain.", fix="Send the same again later.")
        self._taken += 1
        try:
            yield self._threads
        finally:
            self._taken -= 1

    def close(self) -> None:
        """End; who is in line gets no answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)
