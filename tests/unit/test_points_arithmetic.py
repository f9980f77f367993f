"""The contracts' arithmetic against exact fractions and against lots kept in dictionaries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.chain import Chain, Contract
from counterfoil.hashing import keccak
from counterfoil.points.arithmetic import Rate
from tests.support.points import signer_of
from tests.support.points_values import LOTS, MAX_POINTS, Account, packed

CALLS, ROWS = 15, 8_000
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


# ------------------------------------------------------------------------------- exact fractions


def exact_cash(amount: int, points: int, minor: int) -> int:
    """What so many points pay."""
    return floor(Fraction(amount * minor, points))


def check_points(found: int, wish: int, points: int, minor: int, increment: int) -> None:
    """The fewest for the largest cash, by what makes them so: one step less pays less, and the
    first step that pays more pays more than was wished."""
    worth = Fraction(minor, points)
    cash = floor(found * worth)
    assert found % increment == 0 and cash <= wish
    assert found == 0 or floor((found - increment) * worth) < cash
    steps = -(-(cash + 1) * points // (minor * increment))
    assert steps * increment * worth >= cash + 1 > (steps - 1) * increment * worth
    assert floor(steps * increment * worth) > wish


@pytest.mark.parametrize("seed", range(3))
def test_arithmetic_isTheSameOnChainAndInPythonAndExact(harness: Contract, seed: int) -> None:
    """360,000 rows in all, each for two functions in two spellings: 1.4 million values."""
    random = Random(seed)
    for _ in range(CALLS):
        rows = [
            (drawn(random, 32), drawn(random, 40), drawn(random, 32, least=1), rate)
            for rate in rates(random, ROWS)
        ]
        answers = both(harness, [(amount, wish, *rate, step) for amount, wish, step, rate in rows])
        for (amount, wish, step, (points, minor)), (fewest, cash) in zip(
            rows, answers, strict=True
        ):
            ours = Rate(points, minor)
            assert cash == ours.cash_for(amount) == exact_cash(amount, points, minor)
            assert fewest == ours.points_for(wish, step)
            check_points(fewest, wish, points, minor, step)


def both(
    harness: Contract, rows: Sequence[tuple[int, int, int, int, int]]
) -> Iterator[tuple[int, int]]:
    """What the contract says to rows of amount, wish, points, minor units and increment."""
    words = b"".join(
        (step << 136 | points << 104 | minor << 72 | wish << 32 | amount).to_bytes(32)
        for amount, wish, points, minor, step in rows
    )
    data = keccak(b"both(uint256[])")[:4] + (32).to_bytes(32) + len(rows).to_bytes(32) + words
    call = {"to": harness.address, "data": "0x" + data.hex(), "gas": hex(2**62)}
    answer = bytes.fromhex(str(harness.chain.request("eth_call", call, "latest"))[2:])[64:]
    for at in range(0, len(answer), 32):
        yield int.from_bytes(answer[at : at + 16]), int.from_bytes(answer[at + 16 : at + 32])


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
