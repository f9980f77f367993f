"""Who waits for which order: event streams, and posts that wait for their answers.

One task of the node's event loop reads the table of events and hands
out what is new. The table is the truth, so an order may be settled by another node; the threads of
this one only say when it is worth looking at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from counterfoil.bank.problems import refused
from counterfoil.bank.telemetry import Telemetry
from counterfoil.index.book import Book, Numbered

_LOOK = 0.2  # seconds between two looks when nobody said anything
_LATELY = 10_000  # orders that ended a moment ago
_QUEUED = 1000  # events that a listener may be behind
_Waits = TypeVar("_Waits", bound=Hashable)
_ENDS = frozenset({"settled", "invalid", "declined"})


class Hub:
    """Made inside the event loop that it serves."""

    def __init__(self, book: Book, telemetry: Telemetry, listeners: int) -> None:
        self._book = book
        self._telemetry = telemetry
        self._most = listeners
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._listeners: dict[str, set[asyncio.Queue[Numbered]]] = defaultdict(set)
        self._waiters: dict[str, set[Waiter]] = defaultdict(set)
        self._ended: dict[str, None] = {}
        self._last = 0
        self._open = 0

    def poke(self) -> None:
        """There may be something new. Any thread may say so."""
        self._call(self._news.set)

    def ended(self, order_ids: Iterable[str]) -> None:
        """These orders have ended, or something else came of them. Any thread may say so."""
        some = list(order_ids)
        self._call(lambda: self._wake(some))
        self.poke()

    async def run(self) -> None:
        """Hand out what is new until cancelled."""
        self._last = await asyncio.to_thread(self._book.last_number)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK)
            self._news.clear()
            try:
                await self._look()
            except Exception as error:  # told, counted, and tried again
                self._telemetry.failed("hub", error)

    def check_room(self) -> None:
        """Refuse one listener too many."""
        if self._open >= self._most:
            raise refused("too-many", "Too many streams are open.", "Try again later.")

    async def listen(self, order_id: str, after: int) -> AsyncGenerator[Numbered | None]:
        """What happened to an order after a number, and then what happens; None now and then
        while nothing does."""
        queue: asyncio.Queue[Numbered] = asyncio.Queue(_QUEUED)
        self._listeners[order_id].add(queue)
        self._count(1)
        try:
            for one in await asyncio.to_thread(self._book.of_order, order_id, after):
                after = one.number
                yield one
            while not queue.full():  # one that is so far behind starts again from its last number
                try:
                    one = await asyncio.wait_for(queue.get(), 15)
                except TimeoutError:
                    yield None
                    continue
                if one.number > after:
                    after = one.number
                    yield one
        finally:
            self._count(-1)
            _forget(self._listeners, order_id, queue)

    @contextlib.contextmanager
    def waiting(self, order_ids: Sequence[str], *, lately: bool = False) -> Iterator[Waiter]:
        """Who hears of these orders from here on; ``lately``: of those too that ended a moment ago.
        What ended before is not heard of: whoever waits looks now and then."""
        waiter = Waiter(order_ids)
        for order_id in self._ended.keys() & set(order_ids) if lately else ():
            waiter.heard(order_id)
        for order_id in order_ids:
            self._waiters[order_id].add(waiter)
        try:
            yield waiter
        finally:
            for order_id in order_ids:
                _forget(self._waiters, order_id, waiter)

    async def _look(self) -> None:
        while rows := await asyncio.to_thread(self._book.since, self._last):
            self._last = rows[-1].number
            self._wake([row.happening.order_id for row in rows if row.happening.kind in _ENDS])
            for row in rows:
                for queue in self._listeners.get(row.happening.order_id, ()):
                    with contextlib.suppress(asyncio.QueueFull):
                        queue.put_nowait(row)

    def _wake(self, order_ids: list[str]) -> None:
        self._ended.update(dict.fromkeys(order_ids))
        while len(self._ended) > _LATELY:
            del self._ended[next(iter(self._ended))]
        for order_id in order_ids:
            for waiter in self._waiters.get(order_id, ()):
                waiter.heard(order_id)

    def _call(self, act: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(act)

    def _count(self, more: int) -> None:
        self._open += more
        self._telemetry.listeners.set(self._open)


class Waiter:
    """Counts orders down."""

    def __init__(self, order_ids: Iterable[str]) -> None:
        self._left = set(order_ids)
        self._event = asyncio.Event()

    def heard(self, order_id: str) -> None:
        """Something came of an order."""
        self._left.discard(order_id)
        if not self._left:
            self._event.set()

    async def all_heard(self, seconds: float) -> None:
        """Wait until something came of all of them, or so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)


def _forget(places: dict[str, set[_Waits]], order_id: str, one: _Waits) -> None:
    places[order_id].discard(one)
    if not places[order_id]:
        del places[order_id]
