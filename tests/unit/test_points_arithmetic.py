"""The contracts' arithmetic against exact fractions and against lots kept in dictionaries."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.chain import Chain, Contract
from tests.support.points import signer_of
from tests.support.points_values import LOTS, MAX_POINTS, Account, packed

PAGE = 1000
FREEZE = 1 << 255
CALM = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
POINTS = st.one_of(st.sampled_from([0, 1, MAX_POINTS - 1, MAX_POINTS]), st.integers(0, MAX_POINTS))
LOT_POINTS = st.lists(POINTS, min_size=LOTS, max_size=LOTS)


@pytest.fixture
def harness(chain: Chain) -> Contract:
    """The contracts' libraries, callable."""
    return chain.deploy(signer_of(chain, "tester"), "ArithmeticHarness").contract


def drawn(random: Random, bits: int, *, least: int = 0) -> int:
    """A number of at most so many bits; small and extreme ones as often as middling ones."""
    width = random.randint(0, bits)
    any_of_it: int = random.choice([2**width - 1, random.getrandbits(bits) >> (bits - width)])
    return max(least, any_of_it)


def rates(random: Random, count: int) -> Iterator[tuple[int, int]]:
    """(points, minor units) that rules may hold."""
    while count:
        points, minor = drawn(random, 32, least=1), drawn(random, 32, least=1)
        if MAX_POINTS * minor // points < 2**40:
            count -= 1
            yield points, minor


@pytest.mark.parametrize("seed", range(5))
def test_cashFor_isTheFloorOfTheFraction(harness: Contract, seed: int) -> None:
    random = Random(seed)
    cases = [(drawn(random, 32), points, minor) for points, minor in rates(random, PAGE)]

    found = harness.call("cashFor", cases)

    assert found == [floor(Fraction(amount * minor, points)) for amount, points, minor in cases]


@pytest.mark.parametrize("seed", range(5))
def test_pointsFor_areTheFewestForTheLargestCash(harness: Contract, seed: int) -> None:
    """Checked by what makes them so: one step less pays less, one step more than can be paid."""
    random = Random(seed)
    cases = [
        (drawn(random, 40), points, minor, drawn(random, 32, least=1))
        for points, minor in rates(random, PAGE)
    ]

    for (wish, points, minor, increment), found in zip(
        cases, harness.call("pointsFor", cases), strict=True
    ):
        worth = Fraction(minor, points)
        cash = floor(found * worth)
        assert found % increment == 0 and cash <= wish
        assert found == 0 or floor((found - increment) * worth) < cash
        # The first multiple that pays more than ``cash`` pays more than was wished.
        steps = -(-Fraction(cash + 1) / worth // increment)
        assert floor(steps * increment * worth) > wish


@CALM
@given(held=LOT_POINTS, points=POINTS, frozen=st.booleans())
def test_draw_isWhatTheModelDraws(
    harness: Contract, held: list[int], points: int, frozen: bool
) -> None:
    account = Account(dict(enumerate(held)))
    upper = FREEZE * frozen | 12345 << 192

    left, taken, missing = harness.call("draw", upper | packed(account.lots, 0), points)

    expected = account.draw(points, 0)
    assert taken == packed(expected, 0)
    assert missing == points - sum(expected.values())
    assert left == upper | packed(account.lots, 0)


@CALM
@given(held=LOT_POINTS, points=POINTS, home=st.integers(0, LOTS - 1), frozen=st.booleans())
def test_put_isWhatTheModelPuts(
    harness: Contract, held: list[int], points: int, home: int, frozen: bool
) -> None:
    account = Account(dict(enumerate(held)))
    upper = FREEZE * frozen | 12345 << 192

    after, over = harness.call("put", upper | packed(account.lots, 0), home, points)

    assert over == account.put(points, home, 0)
    assert after == upper | packed(account.lots, 0)


@CALM
@given(
    held=LOT_POINTS,
    frozen=st.booleans(),
    spent=st.integers(0, 2**40 - 1),
    last=st.integers(0, 2**16 - 1),
    days=st.integers(0, 5000),
    lot_days=st.sampled_from([1, 7, 183, 3660]),
)
def test_touch_isWhatTheModelLapses(
    harness: Contract,
    held: list[int],
    frozen: bool,
    spent: int,
    last: int,
    days: int,
    lot_days: int,
) -> None:
    today = min(last + days, 2**16 - 1)
    was, now = last // lot_days, today // lot_days
    account = Account({was + lot: points for lot, points in enumerate(held)})
    slot = FREEZE * frozen | spent << 208 | last << 192 | packed(account.lots, was)

    fresh, lapsed = harness.call("touch", slot, today, lot_days)

    assert lapsed == account.lapse(now)
    spent_today = spent if today == last else 0
    assert fresh == FREEZE * frozen | spent_today << 208 | today << 192 | packed(account.lots, now)
