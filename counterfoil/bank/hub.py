"""Who waits for which order: event streams, and posts that wait for their answers.

One task of the node's event loop reads the table of events and hands
out what is new. The table is the truth, so an order may be settled by another node; the threads of
this one only say when it is worth looking at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from typing import Final

from counterfoil.bank.problems import refused
from counterfoil.bank.telemetry import Telemetry
from counterfoil.index.book import PAGE, Book, Numbered

_LOOK = 0.2  # seconds between two looks when nobody said anything
_IDLE = 1.0  # ... and nobody waits for anything
_SILENCE = 15.0  # seconds after which a listener hears that nothing happens
_LATELY = 10_000  # orders that ended a moment ago
_QUEUED = 1000  # events that a listener may be behind
_ENDS = frozenset({"settled", "invalid", "declined", "withdrawn"})


class Hub:
    """Made inside the event loop that it serves."""

    def __init__(self, book: Book, telemetry: Telemetry, listeners: int, last: int) -> None:
        """``last``: the number of the last event that nobody is told any more."""
        self._book = book
        self._telemetry = telemetry
        self._most = listeners
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._seats: dict[str, dict[_Seat, None]] = defaultdict(dict)  # by order, oldest first
        self._waiters: dict[str, set[Waiter]] = defaultdict(set)
        self._ended: dict[str, None] = {}
        self._last = last
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
        while True:
            try:
                await self._look()
            except Exception as error:  # told, counted, and tried again
                self._telemetry.failed("hub", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK if self.awaited else _IDLE)
            self._news.clear()

    @property
    def awaited(self) -> bool:
        """Whether anybody listens or waits."""
        return bool(self._open or self._waiters)

    def make_room(self, order_id: str) -> None:
        """Room for one more listener. When all seats are taken, the order that has the most gives
        its oldest one up: who holds the links of a few orders shuts nobody else out.

        Raises:
            Refused: no order has more seats than this one would.
        """
        if self._open < self._most:
            return
        fullest = max(self._seats, key=lambda one: len(self._seats[one]))
        seats = self._seats[fullest]
        if len(seats) <= len(self._seats.get(order_id, ())) + 1:
            raise refused("too-many", "Too many streams are open.", "Try again later.")
        seat = next(iter(seats))
        self._leave(fullest, seat)
        seat.end()

    async def listen(self, order_id: str, after: int) -> AsyncGenerator[Numbered | None]:
        """What happened to an order after a number, and then what happens; None now and then
        while nothing does."""
        async with contextlib.aclosing(self.batches(order_id, after)) as batches:
            async for batch in batches:
                for one in batch or (None,):
                    yield one

    async def batches(self, order_id: str, after: int) -> AsyncGenerator[list[Numbered]]:
        """As :meth:`listen`, but all at once that has happened meanwhile; nothing now and then."""
        self._hurry()
        seat = _Seat()
        self._seats[order_id][seat] = None
        self._count(1)
        try:
            found = await asyncio.to_thread(self._book.of_order, order_id, after)
            while not seat.over:
                found = [one for one in found if one.number > after]
                if found:
                    after = found[-1].number
                    yield found
                try:
                    found = await asyncio.wait_for(seat.heard(), _SILENCE)
                except TimeoutError:
                    found = []
                    yield found
        finally:
            self._leave(order_id, seat)

    @contextlib.contextmanager
    def waiting(self, order_ids: Sequence[str], *, lately: bool = False) -> Iterator[Waiter]:
        """Who hears of these orders from here on; ``lately``: of those too that ended a moment ago.
        What ended before is not heard of: whoever waits looks now and then."""
        self._hurry()
        waiter = Waiter(order_ids)
        for order_id in self._ended.keys() & set(order_ids) if lately else ():
            waiter.heard(order_id)
        for order_id in order_ids:
            self._waiters[order_id].add(waiter)
        try:
            yield waiter
        finally:
            for order_id in order_ids:
                self._waiters[order_id].discard(waiter)
                if not self._waiters[order_id]:
                    del self._waiters[order_id]

    async def _look(self) -> None:
        more = True
        while more:
            rows = await asyncio.to_thread(self._book.since, self._last, PAGE)
            more = len(rows) == PAGE
            self._last = rows[-1].number if rows else self._last
            self._wake([row.happening.order_id for row in rows if row.happening.kind in _ENDS])
            for row in rows:
                for seat in self._seats.get(row.happening.order_id, ()):
                    seat.tell(row)

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

    def _hurry(self) -> None:
        """Somebody is about to wait: look at once if nobody did."""
        if not self.awaited:
            self._news.set()

    def _leave(self, order_id: str, seat: _Seat) -> None:
        """Give a seat up; it may have been taken from its listener before."""
        seats = self._seats.get(order_id, {})
        if seat not in seats:
            return
        del seats[seat]
        if not seats:
            del self._seats[order_id]
        self._count(-1)

    def _count(self, more: int) -> None:
        self._open += more
        self._telemetry.listeners.set(self._open)


class _Seat:
    """One listener's: what it has not heard yet. Over: it is taken, or so far behind that its
    listener had better start again from its last number."""

    def __init__(self) -> None:
        self.unheard: Final[asyncio.Queue[Numbered | None]] = asyncio.Queue(_QUEUED)
        self.over = False

    def tell(self, row: Numbered) -> None:
        """Something happened to its order."""
        try:
            self.unheard.put_nowait(row)
        except asyncio.QueueFull:
            self.over = True

    async def heard(self) -> list[Numbered]:
        """All that it has not heard yet, once there is something."""
        found = [await self.unheard.get()]
        while not self.unheard.empty():
            found.append(self.unheard.get_nowait())
        return [one for one in found if one is not None]

    def end(self) -> None:
        """It is taken."""
        self.over = True
        with contextlib.suppress(asyncio.QueueFull):
            self.unheard.put_nowait(None)  # only to wake its listener


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
