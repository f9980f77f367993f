"""Steps that work ahead of one another: the order, the depth, and what a failure leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from counterfoil.tickets.ahead import ahead

PATIENCE = 10


def test_ahead_keepsTheOrder() -> None:
    assert list(ahead(range(50), lambda one: one * 2, depth=3, workers=4)) == list(range(0, 100, 2))
    assert list(ahead([], lambda one: one, depth=2)) == []


def test_ahead_worksOnTheNextWhileTheCallerHasOne() -> None:
    second = threading.Event()
    made = ahead([1, 2, 3], lambda one: second.set() if one == 2 else None, depth=1)

    next(made)

    assert second.wait(PATIENCE)


def test_ahead_drawsNoMoreThanItsDepth() -> None:
    drawn: list[int] = []

    def source() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    made = ahead(source(), lambda one: one, depth=2)
    assert next(made) == 0
    assert len(drawn) <= 3
    made.close()
    assert len(drawn) <= 3


def test_ahead_givesWhatIsMadeThoughTheSourceTakesLong() -> None:
    go_on = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        assert go_on.wait(PATIENCE)
        yield 2

    made = ahead(ahead(source(), lambda one: one, depth=2), lambda one: one, depth=2)

    assert next(made) == 1
    go_on.set()
    assert list(made) == [2]


def test_ahead_beginsNoMoreOnceTheCallerIsGone() -> None:
    begun: list[int] = []
    ended = threading.Event()

    def source() -> Iterator[int]:
        try:
            yield from range(100)
        finally:
            ended.set()

    inner = ahead(source(), lambda one: one, depth=1)
    made = ahead(inner, begun.append, depth=2)
    next(made)
    made.close()

    assert ended.is_set()
    assert len(begun) <= 3


@pytest.mark.parametrize("where", ["source", "step"])
def test_ahead_givesWhatWasMadeBeforeAFailure(where: str) -> None:
    def failing(number: int, place: str) -> int:
        if number == 3 and place == where:
            raise ValueError(where)
        return number

    source = (failing(one, "source") for one in range(9))
    made = ahead(source, lambda one: failing(one, "step"), depth=2)
    got: list[int] = []
    with pytest.raises(ValueError, match=where):
        for one in made:
            got.append(one)

    assert got == [0, 1, 2]
