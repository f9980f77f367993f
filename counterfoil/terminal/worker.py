"""The one thread that moves the till's sales on, and tells whoever watches."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from counterfoil.errors import CounterfoilError, Unavailable
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.sales import Refund, Sale, Stage
from counterfoil.terminal.steps import Steps
from counterfoil.web.faults import kind_and_place

_LOG = logging.getLogger("counterfoil.terminal")
_POLL = 0.2  # seconds between two looks at a sale that waits for somebody else
_SHARE = 0.1  # ... and for each of those that wait: the bank is asked ten times a second at most
_SOON, _LATE = 0.5, 5.0  # seconds before a step that failed is tried again: doubled each time
_IDLE = 1.0


class Changes:
    """Tells coroutines that something has changed, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def tell(self) -> None:
        """Something has changed."""
        with self._lock:
            for loop, event in self._listeners:
                loop.call_soon_threadsafe(event.set)

    def listen(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Event]:
        """An event of the running loop that is set at each change; give it back to ``leave``."""
        listener = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listeners.add(listener)
        return listener

    def leave(self, listener: tuple[asyncio.AbstractEventLoop, asyncio.Event]) -> None:
        """Listen no more."""
        with self._lock:
            self._listeners.discard(listener)


class Worker:
    """Takes every open sale and refund as far as it goes, again and again."""

    def __init__(
        self,
        journal: TillJournal,
        steps: Steps,
        changes: Changes,
        away: Callable[[], None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``away``: told when the bank or the chain doesn't answer a step; ``now``: a clock that is
        never put back, in seconds."""
        self._now = now
        self._away = away
        self._journal = journal
        self.steps = steps
        self._changes = changes
        self._wake = threading.Event()
        self._end = threading.Event()
        self._look = _POLL
        self._thread = threading.Thread(target=self._run, name="till", daemon=True)
        # When a step that failed, or found nothing new, is due again; and the pause after that.
        self._again: dict[str, tuple[float, float]] = {}
        self._woken: set[str] = set()

    def start(self) -> None:
        """Begin; what was open goes on."""
        self._thread.start()

    def wake(self, key: str = "") -> None:
        """There is something new to do, with the sale of that name if there is one."""
        if key:
            self._woken.add(key)
        self._wake.set()

    def stop(self) -> None:
        """End after the step that is being taken."""
        self._end.set()
        self._wake.set()
        self._thread.join()

    def round(self) -> bool:
        """One step of each open sale and due refund; whether anything has changed."""
        changed = False
        sales = self._journal.open_sales()
        waiting = sum(sale.stage != Stage.PAID for sale in sales)
        self._look = max(_POLL, waiting * _SHARE)
        for sale in reversed(sales):  # somebody stands there for the newest
            changed |= self._told(sale.sale_id, sale, partial(self.steps.advance, sale))
        for refund in self._journal.due_refunds():
            sold = self._journal.sale(refund.sale_id)
            if sold is not None:
                step = partial(self.steps.give_back, refund, sold)
                changed |= self._told(refund.refund_id, refund, step)
        return changed

    def _told(self, key: str, row: Sale | Refund, step: Callable[[], bool]) -> bool:
        changed = self._tried(key, row, step)
        if changed:  # at once: the next one may wait long for a chain that is away
            self._changes.tell()
        return changed

    def _tried(self, key: str, row: Sale | Refund, step: Callable[[], bool]) -> bool:
        due, pause = self._again.get(key, (0.0, _SOON))
        if self._woken_for(key):
            due, pause = 0.0, _SOON
        if self._now() < due:
            return False
        try:
            changed = step()
        except Exception as error:  # whatever it is: the other sales go on, and this one later
            self._again[key] = (self._now() + pause, min(2 * pause, _LATE))
            return self._troubled(row, error)
        self._again.pop(key, None)
        if not changed and row.stage == Stage.POSTED:
            self._again[key] = (self._now() + self._look, _SOON)
        return changed

    def _woken_for(self, key: str) -> bool:
        """Whether somebody asked for it since its last step began: what was asked during that step
        isn't done by it."""
        woken = key in self._woken
        self._woken.discard(key)
        return woken

    def _troubled(self, row: Sale | Refund, error: Exception) -> bool:
        code = _code(error)
        if code in (row.trouble, "bank-busy"):  # what is shown of the sale is still true
            return False
        if isinstance(error, Unavailable):
            self._away()
        if isinstance(error, CounterfoilError):
            _LOG.warning("a sale waits: %s", error.line())
        else:  # its message may hold anything: only kind and place
            _LOG.error("a sale waits: %s", kind_and_place(error))
        if isinstance(row, Sale):
            self._journal.note(row.sale_id, trouble=code)
        else:
            self._journal.note_refund(row.refund_id, trouble=code)
        return True

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                changed = self.round()
            except CounterfoilError as error:  # the journal's database; nothing else is left
                _LOG.error("%s", error.line())
                changed = False
            if not changed:
                self._wake.wait(self._pause())
                self._wake.clear()

    def _pause(self) -> float:
        try:
            waits = any(sale.stage != Stage.PAID for sale in self._journal.open_sales())
        except CounterfoilError:
            return _IDLE
        return _POLL if waits else _IDLE


def _code(error: Exception) -> str:
    if not isinstance(error, CounterfoilError):
        return "fault"
    if isinstance(error, Unavailable) and error.code not in ("bank-away", "bank-busy"):
        return "chain-away"
    return error.code
