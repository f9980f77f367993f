"""Whoever waits for the chain: so many at once, and so many in line behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager

from counterfoil.errors import Unavailable

THREADS = 16
"""That ask the chain at the same time: each question takes it milliseconds."""
PLACES = 512
"""For those that ask and those in line: two seconds of quotes, as fast as a node gives them."""

PAGES = 64
"""Places of customers' pages beside those; who finds none waits for one as long as pages wait."""


class Crowd:
    """The threads of one node that wait for the chain. Its places are counted in the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="at-chain")
        self._taken = 0
        self._pages = asyncio.Semaphore(PAGES)

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

    @asynccontextmanager
    async def page(self) -> AsyncIterator[ThreadPoolExecutor]:
        """A customer's page's place, as soon as there is one."""
        async with self._pages:
            yield self._threads

    def close(self) -> None:
        """End; who is in line gets no answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)
