"""The parts of a payment's page as they change: looked at once for all who watch it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

from counterfoil.bank.hub import Hub
from counterfoil.errors import CounterfoilError

_LASTS = 1.0  # seconds for which a look is good for whoever comes after it


@dataclass(frozen=True, slots=True)
class Seen:
    """A page's parts by name. ``whole``: no part that answers late is left out of them."""

    parts: Mapping[str, str]
    whole: bool = True


Draw = Callable[[], Awaitable[Seen]]


class Look:
    """The latest look at one payment."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._number = -1
        self._began = 0.0
        self._task: asyncio.Future[Seen] | None = None

    async def after(self, number: int) -> Seen:
        """How it is, as of the event of this number or later: seen a moment ago, or now.

        Raises:
            CounterfoilError: it isn't to be seen.
        """
        now, task = time.monotonic(), self._task
        old = task is None or (task.done() and now - self._began > _LASTS)
        if task is None or old or self._number < number:
            self._number, self._began = number, now
            self._task = task = asyncio.ensure_future(self._draw())
            task.add_done_callback(_noticed)
        return await asyncio.shield(task)  # who leaves doesn't end it for the others


class Looks:
    """By order, as long as anybody watches it."""

    def __init__(self) -> None:
        self._by_order: WeakValueDictionary[str, Look] = WeakValueDictionary()

    def at(self, order_id: str, draw: Draw) -> Look:
        """The one that all who watch this order share; ``draw`` is how the first of them looks."""
        return self._by_order.setdefault(order_id, Look(draw))


async def live(
    hub: Hub, order_id: str, look: Look, last: str = ""
) -> AsyncIterator[tuple[str, str]]:
    """The page's parts, each as it changes, until the link ends or the part ``last`` was told."""
    shown: dict[str, str] = {}
    number, whole = 0, True
    async with contextlib.aclosing(hub.batches(order_id, 0)) as batches:
        async for batch in batches:
            if whole and not batch:
                yield "", ""
                continue
            number = batch[-1].number if batch else number
            try:
                seen = await look.after(number)
            except CounterfoilError:
                return  # the link has ended, or a part is away: the browser asks again
            whole = seen.whole
            changed = [(name, html) for name, html in seen.parts.items() if shown.get(name) != html]
            shown.update(changed)
            for name, html in changed or [("", "")]:
                yield name, html
            if last in shown:
                return


def _noticed(task: asyncio.Future[Seen]) -> None:
    """A failure that nobody is left to hear of isn't told as one that was forgotten."""
    if not task.cancelled():
        task.exception()
