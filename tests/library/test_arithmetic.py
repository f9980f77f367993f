"""What points are worth, against exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.points.arithmetic import Rate, restored, round_up, spread

MAX = 2**32 - 1
rates = st.builds(Rate, st.integers(1, MAX), st.integers(1, MAX))
whole = st.integers(0, MAX)
steps = st.integers(1, MAX)
small_rates = st.builds(Rate, st.integers(1, 40), st.integers(1, 40))


def exact(rate: Rate, points: int) -> Fraction:
    """What so many points are worth, not rounded."""
    return Fraction(points * rate.minor_units, rate.points)


@given(rates, whole)
def test_cashFor_isTheExactWorthRoundedDown(rate: Rate, points: int) -> None:
    assert rate.cash_for(points) == floor(exact(rate, points))


@given(rates, whole, whole)
def test_cashFor_neverPaysMoreForOrdersApart(rate: Rate, one: int, other: int) -> None:
    together = rate.cash_for(one + other)
    assert 0 <= together - rate.cash_for(one) - rate.cash_for(other) <= 1


@pytest.mark.parametrize(
    ("points", "cash"), [(0, 0), (1, 0), (149, 99), (150, 100), (500, 335), (550, 368)]
)
def test_cashFor_roundsAtTheFraction(points: int, cash: int) -> None:
    assert Rate(100, 67).cash_for(points) == cash


@given(small_rates, st.integers(0, 200), st.integers(1, 40))
def test_pointsFor_isTheFewestThatReachTheMostCash(rate: Rate, wish: int, step: int) -> None:
    """Told by trying every order there is."""
    orders = range(0, ceil((wish + 1) / exact(rate, 1)) + 1, step)
    affordable = [points for points in orders if floor(exact(rate, points)) <= wish]
    most = max(floor(exact(rate, points)) for points in affordable)

    fewest = min(points for points in affordable if floor(exact(rate, points)) == most)
    assert rate.points_for(wish, step) == fewest


@given(rates, st.integers(0, 2**40 - 1), steps)
def test_pointsFor_canBeBetteredByNoOtherOrder(rate: Rate, wish: int, step: int) -> None:
    points = rate.points_for(wish, step)
    cash = rate.cash_for(points)

    assert (points % step, cash <= wish) == (0, True)
    assert points < step or rate.cash_for(points - step) < cash
    # The next order that pays more pays too much.
    more = round_up(ceil(Fraction((cash + 1) * rate.points, rate.minor_units)), step)
    assert rate.cash_for(more) > wish


@given(st.integers(0, 2**64), steps)
def test_roundUp_isTheNextMultiple(amount: int, step: int) -> None:
    assert round_up(amount, step) == ceil(Fraction(amount, step)) * step


@given(st.integers(0, 2**40), st.lists(st.integers(0, 2**40), min_size=1, max_size=32))
def test_spread_takesAsMuchAsEachLineCanInOrder(cash: int, limits: list[int]) -> None:
    shares = spread(cash, limits)

    assert sum(shares) == cash
    for place, (share, limit) in enumerate(zip(shares[:-1], limits, strict=False)):
        assert share == min(limit, cash - sum(shares[:place]))
    assert shares[-1] == cash - sum(shares[:-1])


@pytest.mark.parametrize(
    ("cash", "limits", "shares"),
    [
        (0, [5], [0]),
        (5, [5], [5]),
        (6, [5], [6]),  # where the ledger finds it
        (6, [5, 5], [5, 1]),
        (10, [5, 5], [5, 5]),
        (11, [5, 5], [5, 6]),
        (7, [5, 0, 5], [5, 0, 2]),
        (7, [0, 0], [0, 7]),
    ],
)
def test_spread_leavesTheRestOnTheLastLine(cash: int, limits: list[int], shares: list[int]) -> None:
    assert spread(cash, limits) == shares


@given(whole, st.integers(1, 2**40 - 1), st.data())
def test_restored_isTheExactShareRoundedDown(points: int, cash: int, data: st.DataObject) -> None:
    back = data.draw(st.integers(0, cash))

    assert restored(points, cash, back) == floor(points * Fraction(back, cash))


@given(whole, st.integers(1, 2**40 - 1))
def test_restored_isAllOfItAfterAFullRefund(points: int, cash: int) -> None:
    assert restored(points, cash, cash) == points
    assert restored(points, cash, 0) == 0
