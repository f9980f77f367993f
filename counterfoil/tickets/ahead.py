"""Steps in a row, each at work on the next batch while its successor has this one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    items: Iterable[Item], step: Callable[[Item], Result], *, depth: int, workers: int = 1
) -> Generator[Result, None, None]:
    """What ``step`` makes of each item, in their order, each as soon as it is made.

    If a step or the source fails, what was made of the items before comes out first. When the
    caller goes away, what is in hand is finished and no more is begun, once the source has given
    the item that it is at work on.

    Args:
        items: the source, drawn from on a thread of its own from when the caller first asks: it
            may take as long for an item as it likes, and holds up no other.
        step: done on threads of its own.
        depth: how many items are in hand at most while the caller has one.
        workers: how many of them at a time.
    """
    belt = _Belt(items, step, depth, workers)
    belt.start()
    try:
        while (future := belt.line.get()) is not None:
            made = future.result()
            belt.room.release()
            yield made
    finally:
        belt.stop()
    if belt.failure is not None:
        raise belt.failure


class _Belt(threading.Thread, Generic[Item, Result]):
    """Draws items while there is ``room``, and puts what will become of them into ``line``; None
    there: no more will come, because of ``failure`` if there is one."""

    def __init__(
        self, items: Iterable[Item], step: Callable[[Item], Result], depth: int, workers: int
    ) -> None:
        super().__init__(name="ahead", daemon=True)
        self.line: SimpleQueue[Future[Result] | None] = SimpleQueue()
        self.room = threading.Semaphore(depth)
        self.failure: BaseException | None = None
        self._items = items
        self._step = step
        self._pool = ThreadPoolExecutor(workers)
        self._over = threading.Event()

    def run(self) -> None:
        """Draw until there are no more, or nobody wants them."""
        source: Iterator[Item] = iter(())
        try:
            source = iter(self._items)
            while self.room.acquire() and not self._over.is_set():
                self.line.put(self._pool.submit(self._step, next(source)))
        except StopIteration:
            pass
        except BaseException as error:  # raised again when what is in hand is out
            self.failure = error
        finally:
            try:
                if isinstance(source, Generator):
                    source.close()
            finally:
                self.line.put(None)

    def stop(self) -> None:
        """Begin no more, and wait for what is in hand."""
        self._over.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.room.release()
        self.join()
        self._pool.shutdown()
