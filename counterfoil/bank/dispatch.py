"""From the orders that were taken to their answers: the one sender of a node.

The database is the queue, so every node of a bank feeds it and any of them may be the sender. The
one that has the sender's right settles what is ready, and only its memory knows what is under way;
when it is gone, the next one settles all that is ready anew: the settlement answers twice with the
same.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue

from counterfoil.bank.giving import Giving
from counterfoil.bank.orders import Answered, Orders
from counterfoil.bank.sender import SendersRight
from counterfoil.bank.settler import Settler
from counterfoil.bank.telemetry import Telemetry
from counterfoil.errors import Unavailable
from counterfoil.points.outcomes import Outcome
from counterfoil.points.reasons import Reason
from counterfoil.points.signedfile import SignedOrder, signed_order

_AT_ONCE = 1000
_MOST = 4000  # orders under way
_IDLE = 0.2  # seconds between two looks for what other nodes took
_BEAT = 0.5  # seconds between two looks for customers who didn't answer
_AFTER_FAILURE = 0.5

Answer = tuple[str, "Future[Outcome]"]


class Dispatcher:
    """Sends what is ready and notes what came of it; ``tell`` hears which orders ended, ``unpaid``
    which of them without being paid."""

    def __init__(
        self,
        orders: Orders,
        giving: Giving,
        right: SendersRight,
        settler: Settler,
        telemetry: Telemetry,
        tell: Callable[[Sequence[str]], None],
        unpaid: Callable[[Sequence[str]], None],
    ) -> None:
        self._orders = orders
        self._giving = giving
        self._right = right
        self._settler = settler
        self._telemetry = telemetry
        self._tell = tell
        self._unpaid = unpaid
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._look_due = threading.Event()
        self._beat = self._looked = 0.0
        self._lock = threading.Lock()
        self._under_way: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self.sending = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()
        self._giving.start(lambda: self.sending)

    def stop(self) -> None:
        """End, and leave the right to others."""
        self._ended.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        self.sending = False
        self._giving.stop()
        self._settler.close()
        self._right.drop()

    @property
    def busy(self) -> bool:
        """Whether orders are under way."""
        return bool(self._under_way)

    def offer(self, orders: Sequence[SignedOrder]) -> None:
        """These are ready, and written down as such. They are under way at once if this node sends;
        else whoever does will find them."""
        if self.sending and len(self._under_way) < _MOST:
            with suppress(Unavailable):  # too many at once: they are found later
                self._send(orders)

    def look(self) -> None:
        """Something else may be ready."""
        self._look_due.set()
        self._wake.set()

    def offer_refund(self) -> None:
        """There is a refund to be done."""
        self._giving.look()

    def _run(self) -> None:
        while not self._ended.is_set():
            pause = _IDLE
            try:
                self._turn()
            except Exception as error:  # told, counted, and tried again
                self._telemetry.failed("dispatcher", error)
                pause = _AFTER_FAILURE
            if not self._ended.is_set():
                self._wake.wait(pause)
            self._wake.clear()

    def _turn(self) -> None:
        self._collect()
        now = time.monotonic()
        if now - self._beat >= _BEAT:
            self._beat = now
            self._expire()
        if not self._holds_right():
            return
        if now - self._looked >= _IDLE or self._look_due.is_set():
            self._look_due.clear()
            self._look()
            self._looked = now

    def _holds_right(self) -> bool:
        held = self._right.hold()
        if held and not self.sending:
            self._look_due.set()
        self.sending = held
        return held

    def _look(self) -> None:
        """Send what is ready and isn't under way: other nodes took it, or it failed before."""
        while (room := _MOST - len(self._under_way)) > 0:
            with self._lock:
                under_way = frozenset(self._under_way)
            taken = self._orders.ready(min(room, _AT_ONCE), under_way)
            self._send([signed_order(json.loads(one.row)) for one in taken])
            if len(taken) < _AT_ONCE:
                break

    def _send(self, orders: Sequence[SignedOrder]) -> None:
        with self._lock:
            new = [one for one in orders if one.order_id not in self._under_way]
            if not new:
                return
            futures = self._settler.submit(new)  # all of them, or none
            self._under_way.update(one.order_id for one in new)
        for one, future in zip(new, futures, strict=True):
            future.add_done_callback(partial(self._answered, one.order_id))

    def _answered(self, order_id: str, future: Future[Outcome]) -> None:
        self._answers.put((order_id, future))
        self._wake.set()

    def _collect(self) -> None:
        """Note the answers that have come."""
        answers: list[Answer] = []
        while True:
            try:
                answers.append(self._answers.get_nowait())
            except Empty:
                break
        if not answers:
            return
        try:
            self._note(answers)
        finally:  # those that aren't noted are ready still, and found again
            with self._lock:
                self._under_way.difference_update(order_id for order_id, _ in answers)
        failed = [done.exception() for _, done in answers if done.exception()]
        for error in failed[:1]:
            if error is not None:
                raise error

    def _note(self, answers: Sequence[Answer]) -> None:
        closed = [_answer(*one) for one in answers if not one[1].exception()]
        invalid = [one.order_id for one in closed if one.reason and _is_invalid(one.reason)]
        self._orders.close(closed, invalid, int(time.time()))
        for one in closed:
            status = "paid" if one.reason is None else "refused"
            self._telemetry.orders.labels(status).inc()
        if closed:
            self._tell([one.order_id for one in closed])
            self._unpaid([one.order_id for one in closed if one.reason is not None])

    def _expire(self) -> None:
        """End the orders whose customers didn't answer in time."""
        now = int(time.time())
        for one in self._orders.late(now):
            if self._orders.decide(one.order_id, "expired", now):
                self._telemetry.orders.labels("declined").inc()
                self._tell([one.order_id])
                self._unpaid([one.order_id])


def _answer(order_id: str, future: Future[Outcome]) -> Answered:
    outcome = future.result()
    return Answered(order_id, outcome.reason, outcome.transaction, outcome.block)


def _is_invalid(reason: str) -> bool:
    return Reason.of(reason) < Reason.EXPIRED
