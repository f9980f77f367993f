"""Steps in a row, each at work on the next batch while its successor has this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    items: Iterable[Item], step: Callable[[Item], Result], *, depth: int, workers: int = 1
) -> Iterator[Result]:
    """What ``step`` makes of each item, in their order, worked out before it is asked for.

    If a step or the source fails, what was made of the items before comes out first. Whatever is
    in hand when the caller goes away is finished, and no more is begun.

    Args:
        items: the source; it is only drawn from when the caller asks.
        step: done on threads of its own.
        depth: how many items are in hand while the caller has one.
        workers: how many of them at a time.
    """
    pool = ThreadPoolExecutor(workers)
    waiting: deque[Future[Result]] = deque()
    failure: Exception | None = None
    source = iter(items)
    try:
        while failure is None:
            try:
                waiting.append(pool.submit(step, next(source)))
            except StopIteration:
                break
            except Exception as error:  # raised again when what is in hand is out
                failure = error
            if len(waiting) > depth:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
    if failure is not None:
        raise failure
