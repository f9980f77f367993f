"""Quotes: the best order of a basket, and that settling agrees at every limit."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from counterfoil.points.orders import MAX_LINES
from tests.support.points import account_of
from tests.support.points_offers import ALL, Counter, LineQuote, Piece
from tests.support.points_values import MAX_POINTS, Reason, Rules
from tests.support.refusals import refuses

ESPRESSO, HAMPER, GIFT_CARD = 1, 2, 3
# Many of the rules that are drawn contradict themselves, and are drawn again.
_ASKED_FOR = [
    HealthCheck.function_scoped_fixture,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
]
UNKNOWN = 4


def test_quote_sharesTheCashOutInOrder(counter: Counter) -> None:
    basket = [Piece(ESPRESSO, 2, 350), Piece(GIFT_CARD, 1, 9000), Piece(HAMPER, 1, 2000)]

    quote = counter.quote(*basket)

    assert (quote.points, quote.cash) == (3800, 2546)  # of 600 and 2,000
    assert quote.lines == (
        LineQuote(ESPRESSO, 600, Reason.PAID),
        LineQuote(GIFT_CARD, 0, Reason.ITEM_CAP),
        LineQuote(HAMPER, 1946, Reason.PAID),
    )
    assert counter.bank.settle(counter.order(quote, *basket)) == [Reason.PAID]


@pytest.mark.parametrize(
    ("wish", "points"), [(0, 0), (334, 0), (335, 500), (401, 500), (402, 600), (ALL, 6700)]
)
def test_quote_paysNoMoreThanWasWished(counter: Counter, wish: int, points: int) -> None:
    quote = counter.quote(Piece(HAMPER, 1, 5000), wish=wish)

    assert quote.points == points
    assert quote.reason == (Reason.PAID if points else Reason.POINTS_MINIMUM)


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (Piece(ESPRESSO, 1, 300), Reason.ITEM_CAP),
        (Piece(ESPRESSO, 2, 167), Reason.ITEM_CAP),  # 3.34 of the smallest order's 3.35
        (Piece(ESPRESSO, 2, 168), Reason.PAID),
        (Piece(HAMPER, 0, 5000), Reason.ITEM_CAP),
        (Piece(HAMPER, 1, 0), Reason.ITEM_CAP),
        (Piece(GIFT_CARD, 2**16 - 1, 2**40 - 1), Reason.ITEM_CAP),
        (Piece(0, 1, 5000), Reason.UNKNOWN_ITEM),
        (Piece(UNKNOWN, 1, 5000), Reason.UNKNOWN_ITEM),
        (Piece(2**32 - 1, 1, 5000), Reason.UNKNOWN_ITEM),
    ],
)
def test_quote_saysWhatSettleSaysToTheSmallestOrder(
    counter: Counter, piece: Piece, reason: Reason
) -> None:
    assert counter.quote(piece).reason == reason
    if reason != Reason.UNKNOWN_ITEM:
        assert counter.quote_points(500, piece).reason == reason


def test_quote_isNoneIfOneItemIsUnknown(counter: Counter) -> None:
    quote = counter.quote(Piece(HAMPER, 1, 5000), Piece(UNKNOWN, 1, 5000))

    assert (quote.points, quote.reason) == (0, Reason.UNKNOWN_ITEM)
    assert [line.reason for line in quote.lines] == [Reason.PAID, Reason.UNKNOWN_ITEM]


@pytest.mark.parametrize("function", ["quote", "quotePoints"])
@pytest.mark.parametrize(
    ("count", "reason"),
    [(0, Reason.BAD_ROW), (1, Reason.PAID), (MAX_LINES, Reason.PAID), (33, Reason.BAD_ROW)],
)
def test_quote_takesTheLinesOfOneOrder(
    counter: Counter, function: str, count: int, reason: Reason
) -> None:
    line = HAMPER << 96 | 1 << 80 | 5000 << 40
    who = (counter.bank.contract.address, account_of("ann"), counter.bank.till.address)

    assert counter.contract.call(function, *who, [line] * count, 500).reason == reason


@pytest.mark.parametrize("function", ["quote", "quotePoints"])
def test_quote_refusesIfTerminalDisabled(counter: Counter, function: str) -> None:
    till = counter.bank.till.address
    counter.bank.enable(till, False)

    with refuses("TerminalUnknown", terminal=till):
        ledger = counter.bank.contract.address
        counter.contract.call(function, ledger, account_of("ann"), till, [1], 500)


@pytest.mark.parametrize("function", ["quote", "quotePoints"])
def test_quote_refusesIfPaused(counter: Counter, function: str) -> None:
    ledger, till = counter.bank.contract.address, counter.bank.till.address
    line = HAMPER << 96 | 1 << 80 | 5000 << 40
    counter.bank.pause()

    with refuses("EnforcedPause"):
        counter.contract.call(function, ledger, account_of("ann"), till, [line], 500)


def test_quote_holdsTheLargestBasketThereIs(counter: Counter) -> None:
    bank, most = counter.bank, 2**40 - 1
    caps = dict.fromkeys(("max_order", "max_account_day", "max_terminal_day"), most)
    bank.publish(points=1, minor_units=1, minimum=2**31, increment=2**31 - 1, **caps)
    bank.list_items([most], ["palace"], catalogue=1)
    for lot in range(6):
        bank.give("ben", MAX_POINTS, lot=lot)

    quote = counter.quote(*[Piece(4, 2**16 - 1, most)] * MAX_LINES, name="ben")

    assert quote.points == 2 * (2**31 - 1)


# ------------------------------------------------------------------------------- every limit

small = st.integers
RULES = st.builds(
    Rules,
    points=small(1, 12),
    minor_units=small(1, 6),
    minimum=small(1, 40),
    increment=small(1, 12),
    max_order=small(1, 60),
    max_account_day=small(1, 80),
    max_terminal_day=small(1, 100),
    sunset_seconds=st.just(3600),
    refund_days=st.just(180),
    grace_days=st.just(30),
).filter(lambda rules: rules.wrong_field() is None)
CAPS = (0, 1, 7, 30)
BASKETS = st.lists(
    st.builds(Piece, small(1, len(CAPS)).map(lambda n: n + 3), small(0, 3), small(0, 40)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=15, deadline=None, suppress_health_check=_ASKED_FOR)
@given(
    rules=RULES,
    basket=BASKETS,
    held=small(1, 250),
    spent=small(0, 3),
    frozen=st.sampled_from([False, False, False, True]),
    wish=st.one_of(st.just(ALL), small(0, 60)),
    data=st.data(),
)
def test_quote_isWhatSettleAcceptsAndNoMore(
    counter: Counter,
    rules: Rules,
    basket: list[Piece],
    held: int,
    spent: int,
    frozen: bool,
    wish: int,
    data: st.DataObject,
) -> None:
    bank = counter.bank
    with counter.trying():
        bank.list_items(list(CAPS), [""] * len(CAPS), catalogue=1)
        bank.give("ben", held)
        bank.publish(**rules._asdict())
        for _ in range(spent):  # of the account's day, and of the terminal's
            bank.settle(bank.order("ben", rules.smallest))
        if frozen:
            bank.freeze("ben")

        quote = counter.quote(*basket, name="ben", wish=wish)
        if quote.reason == Reason.PAID:
            assert counter.quote_points(quote.points, *basket, name="ben") == quote
            probes = {quote.points - rules.increment, quote.points + rules.increment}
        else:
            probes = {rules.smallest}
        probes.add(data.draw(st.integers(0, 300)))

        for points in sorted(probe for probe in probes if probe >= 0):
            said = counter.quote_points(points, *basket, name="ben")
            if said.reason == Reason.PAID and said.cash <= wish:
                better = (said.cash, -said.points) > (quote.cash, -quote.points)
                assert not better, f"{said} is better than {quote}"
            if quote.reason not in (Reason.PAID, Reason.POINTS_MINIMUM) and (
                points == rules.smallest
            ):
                assert said.reason == quote.reason


@settings(max_examples=15, deadline=None, suppress_health_check=_ASKED_FOR)
@given(basket=BASKETS, points=st.integers(0, MAX_POINTS), rules=RULES)
def test_quotePoints_saysWhatSettleSays(
    counter: Counter, basket: list[Piece], points: int, rules: Rules
) -> None:
    assume(rules.cash(points) < 2**40)
    with counter.trying():
        counter.bank.list_items(list(CAPS), [""] * len(CAPS), catalogue=1)
        counter.bank.publish(**rules._asdict())

        counter.quote_points(points, *basket)
