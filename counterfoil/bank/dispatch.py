"""From the orders that were taken to their answers: the one thread of a node that sends.

The database is the queue, so every node of a bank feeds it and any of them may be the sender. The
one that has the sender's right settles; when it is gone, the next one takes over what it had sent:
the settlement answers twice with the same.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue

from counterfoil.bank.orders import Answered, Orders, Taken
from counterfoil.bank.sender import SendersRight
from counterfoil.bank.settler import Settler
from counterfoil.bank.telemetry import Telemetry
from counterfoil.points.outcomes import Outcome
from counterfoil.points.reasons import Reason
from counterfoil.points.refunding import Refunding
from counterfoil.points.signedfile import SignedOrder, signed_order

_AT_ONCE = 1000
_MOST = 4000  # orders under way
_IDLE = 0.2  # seconds between two looks for what other nodes took
_BEAT = 0.5  # seconds between two looks for customers who didn't answer, and for refunds
_AFTER_FAILURE = 0.5
_CACHED = 10_000

Answer = tuple[Taken, "Future[Outcome]"]


class Dispatcher:
    """Sends what is ready and notes what came of it; ``tell`` hears which orders ended."""

    def __init__(
        self,
        orders: Orders,
        refunds: Refunding,
        right: SendersRight,
        settler: Settler,
        telemetry: Telemetry,
        tell: Callable[[Sequence[str]], None],
    ) -> None:
        self._orders = orders
        self._refunds = refunds
        self._right = right
        self._settler = settler
        self._telemetry = telemetry
        self._tell = tell
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._refund_due = threading.Event()
        self._beat = 0.0
        self._under_way = 0
        self._parsed: dict[str, SignedOrder] = {}
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self.sending = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and leave the right to others."""
        self._ended.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._settler.close()
        self._right.drop()

    def offer(self, fresh: Mapping[str, SignedOrder]) -> None:
        """There is something ready; these orders needn't be read again."""
        if len(self._parsed) < _CACHED:
            self._parsed.update(fresh)
        self._wake.set()

    def offer_refund(self) -> None:
        """There is a refund to be done."""
        self._refund_due.set()
        self._wake.set()

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
        beat = now - self._beat >= _BEAT
        if beat:
            self._beat = now
            self._expire()
        if not self._right.hold():
            self.sending = False
            self._parsed.clear()
            return
        if not self.sending:
            self._orders.release()
            self.sending = True
        while self._under_way < _MOST:
            taken = self._orders.ready(_AT_ONCE)
            self._send(taken)
            if len(taken) < _AT_ONCE:
                break
        if beat or self._refund_due.is_set():
            self._refund_due.clear()
            self._give_back()

    def _give_back(self) -> None:
        ended = self._refunds.work()
        for one in ended:
            status = "refunded" if one.state == "done" else "refused"
            self._telemetry.refunds.labels(status).inc()
        if ended:
            self._tell([one.order_id for one in ended])

    def _send(self, taken: Sequence[Taken]) -> None:
        if not taken:
            return
        entries = [self._entry(one) for one in taken]
        self._under_way += len(taken)
        for one, future in zip(taken, self._settler.submit(entries), strict=True):
            future.add_done_callback(partial(self._answered, one))

    def _entry(self, taken: Taken) -> SignedOrder:
        if taken.order_id in self._parsed:
            return self._parsed.pop(taken.order_id)
        return signed_order(json.loads(taken.row))

    def _answered(self, taken: Taken, future: Future[Outcome]) -> None:
        self._answers.put((taken, future))
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
        self._under_way -= len(answers)
        failed = [(one, done.exception()) for one, done in answers if done.exception()]
        self._orders.unsend([one.order_id for one, _ in failed])
        closed = [_answer(one, done.result()) for one, done in answers if not done.exception()]
        invalid = [one.order_id for one in closed if one.reason and _is_invalid(one.reason)]
        self._orders.close(closed, invalid, int(time.time()))
        for one in closed:
            status = "paid" if one.reason is None else "refused"
            self._telemetry.orders.labels(status).inc()
        if closed:
            self._tell([one.order_id for one in closed])
        for _, error in failed[:1]:
            if error is not None:
                raise error

    def _expire(self) -> None:
        """End the orders whose customers didn't answer in time."""
        now = int(time.time())
        for one in self._orders.waiting(until=now):
            if self._orders.decide(one.order_id, "expired", now):
                self._telemetry.orders.labels("declined").inc()
                self._tell([one.order_id])


def _answer(taken: Taken, outcome: Outcome) -> Answered:
    return Answered(taken.order_id, outcome.reason, outcome.transaction, outcome.block)


def _is_invalid(reason: str) -> bool:
    return Reason.of(reason) < Reason.EXPIRED
