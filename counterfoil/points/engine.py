"""The settlement engine: orders from any thread, one final answer to each.

::

    with desk.engine(warn) as engine:
        answer = engine.submit(order)           # a concurrent.futures.Future of an Outcome
        answer.result()                         # or add_done_callback, or asyncio.wrap_future

Orders are gathered into batches by count, lines, gas and time (:class:`Batching`). Batches take the
steps of :class:`Settlement` one behind the other: while the chain settles one, the next is checked,
written down and recorded, and the one before is finalized. Answers come in the order of submission,
except to orders that need no transaction. An order that is submitted again while it is under way
gets the same answer, ``replayed``.

A future holds an exception if its batch failed: ``Unavailable`` or ``Refused``. The order has no
answer then, and may be submitted again.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from queue import Queue
from types import TracebackType

from counterfoil.errors import Unavailable
from counterfoil.points.batches import Batch, Batching
from counterfoil.points.jobs import Board, Flight, Job
from counterfoil.points.outcomes import Outcome
from counterfoil.points.settlement import Settlement
from counterfoil.points.signedfile import SignedOrder

_JOIN_SECONDS = 60


_Line = Queue[Flight | None]  # None: no more will come


class Engine:
    """Settles what is submitted. Use it in a ``with``: leaving it answers all that is waiting.

    It is the one sender of its bank's key while anything is under way, and lets others send when
    nothing is.
    """

    def __init__(self, settlement: Settlement, batching: Batching | None = None) -> None:
        self._settlement = settlement
        self._batching = batching or Batching()
        self._mail = threading.Condition()
        self._inbox: deque[Job] = deque()
        self._closing = False
        self._board = Board()
        self._checked: _Line = Queue(1)
        self._recorded: _Line = Queue(1)
        self._settled: _Line = Queue(1)
        self._threads = [
            threading.Thread(target=work, name=f"settlement-{work.__name__}", daemon=True)
            for work in (self._check, self._record, self._settle, self._finish)
        ]

    def start(self) -> Engine:
        """Begin to work."""
        for thread in self._threads:
            thread.start()
        return self

    def submit(self, order: SignedOrder) -> Future[Outcome]:
        """Have an order answered; doesn't block.

        Raises:
            Unavailable: too many are waiting (``busy``), or the engine is closed (``closed``).
        """
        return self.submit_all([order])[0]

    def submit_all(self, orders: Iterable[SignedOrder]) -> list[Future[Outcome]]:
        """Have orders answered, in this order among themselves; all are taken, or none.

        Raises:
            Unavailable: as :meth:`submit` says.
        """
        jobs = [Job(order) for order in orders]
        with self._mail:
            if self._closing:
                raise Unavailable("The bank settles no more now.", fix="Try later.", code="closed")
            if len(self._inbox) + len(jobs) > self._batching.waiting:
                raise Unavailable("Too many orders are waiting.", fix="Try later.", code="busy")
            self._inbox.extend(jobs)
            self._mail.notify()
        return [job.answer for job in jobs]

    def drain(self) -> None:
        """Take no more orders; those that wait are answered soon. Doesn't block."""
        with self._mail:
            self._closing = True
            self._mail.notify()

    def close(self, *, abandon: bool = False) -> None:
        """Answer all that is waiting, then stop. ``abandon``: stop now; what is under way may still
        happen, and submitting it again tells."""
        if abandon:
            self._settlement.stop.set()
        self.drain()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(_JOIN_SECONDS)

    def __enter__(self) -> Engine:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(abandon=error is not None)

    # ------------------------------------------------------------------------------- gathering

    def _gather(self) -> list[Job]:
        """The next batch's jobs; none if there will be no more."""
        with self._mail:
            while not self._inbox and not self._closing:
                self._mail.wait()
            jobs: list[Job] = []
            lines = gas = 0
            book = self._settlement.gas
            due = time.monotonic() + self._batching.milliseconds / 1000
            while True:
                while self._inbox:
                    order = self._inbox[0].order
                    lines, gas = lines + len(order.order.lines), gas + book.of(order)
                    if jobs and not book.has_room(len(jobs) + 1, lines, gas, self._batching):
                        return jobs
                    jobs.append(self._inbox.popleft())
                left = due - time.monotonic()
                if self._closing or left <= 0 or len(jobs) == self._batching.orders:
                    return jobs
                self._mail.wait(left)

    # ------------------------------------------------------------------------------- the steps

    def _check(self) -> None:
        while jobs := self._gather():
            try:
                self._may_go_on()
                flight = self._checked_flight(jobs)
            except Exception as error:
                for job in jobs:
                    job.fail(error)
            else:
                if flight.jobs:
                    self._checked.put(flight)
        self._checked.put(None)

    def _record(self) -> None:
        while flight := self._checked.get():
            if self._did(self._settlement.record, flight):
                self._recorded.put(flight)
        self._recorded.put(None)

    def _settle(self) -> None:
        """Send each batch while the one before is mined."""
        sent: deque[Flight] = deque()
        more = True
        while more or sent:
            if sent and (
                not more or len(sent) >= self._batching.in_flight or self._recorded.empty()
            ):
                flight = sent.popleft()
                if self._did(self._settlement.collect, flight):
                    self._settled.put(flight)
                continue
            arrived = self._recorded.get()
            more = arrived is not None
            if arrived is not None and self._did(self._settlement.send, arrived):
                sent.append(arrived)
        self._settled.put(None)

    def _finish(self) -> None:
        while flight := self._settled.get():
            if self._did(self._settlement.finish, flight):
                self._tell(flight)

    def _did(self, step: Callable[[Batch], None], flight: Flight) -> bool:
        try:
            self._may_go_on()
            step(flight.batch)
        except Exception as error:
            self._settlement.abandon(flight.batch)
            for job in (*flight.jobs.values(), *self._board.release(flight.jobs)):
                job.fail(error)
            return False
        return True

    def _may_go_on(self) -> None:
        if self._settlement.stop.is_set():
            raise Unavailable("Settling was stopped.", fix="Run again.", code="closed")

    def _checked_flight(self, jobs: list[Job]) -> Flight:
        """Answer what can't be settled; the others follow an order that is under way, or fly."""
        ids = list(dict.fromkeys(job.order.order_id for job in jobs))
        ours = self._board.claim(ids)  # before the journal is read: nobody else can take off then
        leaders: dict[str, Job] = {}
        try:
            known = self._settlement.journal.orders(ids)
            faults = self._settlement.checks.faults([job.order for job in jobs], known)
            for job, fault in zip(jobs, faults, strict=True):
                order_id = job.order.order_id
                if fault:
                    job.tell(self._settlement.outcome(job.order, fault))
                elif order_id in ours and order_id not in leaders:
                    leaders[order_id] = job
                elif not self._board.follow(job):  # its order has just been answered: look again
                    with self._mail:
                        self._inbox.appendleft(job)
            orders = {order_id: job.order for order_id, job in leaders.items()}
            batch = Batch(orders, {key: known[key] for key in orders if key in known})
            self._settlement.checks.prepare(batch)
        except Exception:
            self._board.release(ours)
            raise
        self._board.release(ours - leaders.keys())
        return Flight(batch, leaders)

    def _tell(self, flight: Flight) -> None:
        for order_id, job in flight.jobs.items():
            answer = self._settlement.outcome(job.order, flight.batch.answers[order_id])
            followers = self._board.release([order_id])
            job.tell(answer)
            for follower in followers:
                follower.tell(replace(answer, replayed=answer.status != "invalid"))
