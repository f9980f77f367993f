"""Orders that somebody waits for: who is under way, and who follows."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace

from counterfoil.points.batches import Batch
from counterfoil.points.outcomes import Outcome
from counterfoil.points.signedfile import SignedOrder


class Job:
    """An order and its answer to come. The answer can't be called off."""

    def __init__(self, order: SignedOrder) -> None:
        self.order = order
        self.answer: Future[Outcome] = Future()
        self.answer.set_running_or_notify_cancel()

    def tell(self, answer: Outcome) -> None:
        """Answer it, under the name that it came with."""
        if not self.answer.done():
            ref = self.order.order_ref
            self.answer.set_result(
                answer if answer.order_ref == ref else replace(answer, order_ref=ref)
            )

    def fail(self, error: Exception) -> None:
        """Say that there is no answer."""
        if not self.answer.done():
            self.answer.set_exception(error)


@dataclass(slots=True)
class Flight:
    """A batch, and by order id whom its answers are for."""

    batch: Batch
    jobs: dict[str, Job]


class Board:
    """Which orders are under way. The same order again follows the first and gets its answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._followers: dict[str, list[Job]] = {}

    def claim(self, order_ids: Iterable[str]) -> set[str]:
        """Those of them that weren't under way, and are from now on."""
        with self._lock:
            ours = {order_id for order_id in order_ids if order_id not in self._followers}
            self._followers.update((order_id, []) for order_id in ours)
            return ours

    def follow(self, job: Job) -> bool:
        """Let a job wait for the order that is under way; False if it isn't any more."""
        with self._lock:
            followers = self._followers.get(job.order.order_id)
            if followers is not None:
                followers.append(job)
            return followers is not None

    def release(self, order_ids: Iterable[str]) -> list[Job]:
        """The followers of orders that are under way no more."""
        with self._lock:
            return [job for key in order_ids for job in self._followers.pop(key, [])]
