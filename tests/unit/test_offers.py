"""Offers: the best order for each item, the first limit that forbids one, and settling agrees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.points.orders import OrderLine, PaymentOrder
from tests.support.points import account_of
from tests.support.points_offers import Counter, Offer
from tests.support.points_values import MAX_POINTS, Reason
from tests.support.refusals import refuses

ANN = account_of("ann")


def order_of(counter: Counter, offer: Offer, *, more: int = 0, name: str = "ann") -> PaymentOrder:
    """An order of one piece that takes the offer, or some points more."""
    points = offer.points + more
    cash = counter.bank.model.rules[-1].cash(points)
    line = OrderLine(offer.item, 1, 2**40 - 1, cash)
    return replace(counter.bank.order(name, points), lines=(line,))


def test_offers_giveTheLargestCash(counter: Counter) -> None:
    assert counter.offers() == [
        Offer(1, 0, 0, Reason.ITEM_CAP),  # the smallest order, 500 points, pays 3.35 of 3.00
        Offer(2, 6700, 4489, Reason.PAID),
        Offer(3, 0, 0, Reason.ITEM_CAP),
    ]


@pytest.mark.parametrize("held", [0, 499, 500, 599, 600, 6699, 6700, 6800])
def test_offers_giveWhatTheAccountHolds(counter: Counter, held: int) -> None:
    if held:
        counter.bank.give("ben", held)

    hamper = counter.offers("ben")[1]

    assert hamper.points == (min(held // 100 * 100, 6700) if held >= 500 else 0)


def test_offers_leaveOutWhatIsDue(counter: Counter) -> None:
    counter.bank.give("ben", 5000, lot=0)
    counter.bank.next_period()

    assert counter.offers("ben")[1].reason == Reason.INSUFFICIENT_POINTS


@pytest.mark.parametrize(("limit", "points"), [(335, 500), (334, 0), (402, 600), (401, 500)])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("max_order", Reason.ORDER_CAP),
        ("max_account_day", Reason.ACCOUNT_DAY_CAP),
        ("max_terminal_day", Reason.TERMINAL_DAY_CAP),
    ],
)
def test_offers_stopAtEachLimit(
    counter: Counter, name: str, reason: Reason, limit: int, points: int
) -> None:
    counter.bank.publish(**{name: limit})

    hamper = counter.offers()[1]

    assert (hamper.points, hamper.reason) == (points, reason if not points else Reason.PAID)


@pytest.mark.parametrize("name", ["max_account_day", "max_terminal_day"])
def test_offers_takeOffWhatTheDaySpent(counter: Counter, name: str) -> None:
    counter.bank.publish(**{name: 1000})
    counter.bank.pay(points=500)

    assert counter.offers()[1].points == 900  # 603 of the 665 left


@pytest.mark.parametrize("name", ["max_account_day", "max_terminal_day"])
def test_offers_areNoneIfTheDaySpentMoreThanNewRulesAllow(counter: Counter, name: str) -> None:
    counter.bank.pay(points=5000)
    counter.bank.publish(**{name: 1000})

    assert counter.offers()[1].points == 0


def test_offers_areNoneIfFrozen(counter: Counter) -> None:
    counter.bank.freeze("ann")

    assert counter.offers()[1].reason == Reason.FROZEN


def test_offers_refuseIfTerminalUnknown(counter: Counter) -> None:
    ledger, stranger = counter.bank.contract.address, counter.bank.admin.address

    with refuses("TerminalUnknown", terminal=stranger):
        counter.contract.call("offers", ledger, ANN, stranger, 1, 1)


def test_offers_refuseIfTerminalDisabled(counter: Counter) -> None:
    ledger, till = counter.bank.contract.address, counter.bank.till.address
    counter.bank.enable(till, False)

    with refuses("TerminalUnknown", terminal=till):
        counter.contract.call("offers", ledger, ANN, till, 1, 1)


def test_offers_refuseIfPaused(counter: Counter) -> None:
    ledger, till = counter.bank.contract.address, counter.bank.till.address
    counter.bank.pause()

    with refuses("EnforcedPause"):
        counter.contract.call("offers", ledger, ANN, till, 1, 1)
    counter.bank.pause(False)
    counter.offers()


@pytest.mark.parametrize(("first", "count"), [(1, 0), (1, 1), (2, 1), (2, 99), (4, 1), (99, 9)])
def test_offers_page(counter: Counter, first: int, count: int) -> None:
    counter.offers(first=first, count=count)


@pytest.mark.parametrize("count", [1000, 1001, 2**256 - 1])
def test_offers_giveAThousandAtMost(counter: Counter, count: int) -> None:
    bank = counter.bank
    for _ in range(5):
        bank.list_items([1] * 240, [""] * 240, catalogue=1)

    rows = counter.contract.call("offers", bank.contract.address, ANN, bank.till.address, 1, count)

    assert len(rows) == 1000


# ------------------------------------------------------------------------ settling agrees

TIGHT: list[dict[str, int]] = [
    {},
    {"max_order": 1000},
    {"max_account_day": 1000},
    {"max_terminal_day": 1000},
    {"points": 150, "minor_units": 1, "minimum": 170, "increment": 10},  # 170 points pay 1
    {"points": 7, "minor_units": 3, "minimum": 20, "increment": 15},  # 30 is the smallest
    {"points": 1, "minor_units": 200, "minimum": 1, "increment": 1},
    {"points": 3, "minor_units": 1, "minimum": 3, "increment": 1, "max_order": 5},
]


@pytest.mark.parametrize("changes", TIGHT, ids=str)
@pytest.mark.parametrize("held", [170, 6000])
def test_offers_areWhatSettleAccepts(counter: Counter, changes: dict[str, int], held: int) -> None:
    bank = counter.bank
    bank.publish(**changes)
    bank.list_items([1, 2, 170], ["a", "b", "c"], catalogue=1)
    bank.give("ben", held)
    increment, rules = bank.model.rules[-1].increment, bank.model.rules[-1]

    for offer in counter.offers("ben"):
        if offer.reason != Reason.PAID:
            continue
        with counter.trying():
            larger = bank.settle(order_of(counter, offer, more=increment, name="ben"))
            assert larger != [Reason.PAID] or rules.cash(offer.points + increment) == offer.cash
            assert bank.settle(order_of(counter, offer, name="ben")) == [Reason.PAID]


def test_offers_sayWhatSettleSaysIfTheItemsCapIsBelowTheSmallestOrder(counter: Counter) -> None:
    espresso = counter.offers()[0]

    assert counter.bank.settle(order_of(counter, espresso, more=500)) == [espresso.reason]


@pytest.mark.parametrize(
    "reason",
    [Reason.ORDER_CAP, Reason.ACCOUNT_DAY_CAP, Reason.TERMINAL_DAY_CAP, Reason.FROZEN],
)
def test_offers_sayWhatSettleSays(counter: Counter, reason: Reason) -> None:
    bank = counter.bank
    caps = {
        Reason.ORDER_CAP: "max_order",
        Reason.ACCOUNT_DAY_CAP: "max_account_day",
        Reason.TERMINAL_DAY_CAP: "max_terminal_day",
    }
    bank.publish(**({caps[reason]: 300} if reason in caps else {}))
    if reason == Reason.FROZEN:
        bank.freeze("ann")

    assert counter.offers()[1].reason == reason
    assert bank.settle(bank.order()) == [reason]


def test_offers_neverExceedOneOrdersPoints(counter: Counter) -> None:
    bank, most = counter.bank, 2**40 - 1
    caps = dict.fromkeys(("max_order", "max_account_day", "max_terminal_day"), most)
    bank.publish(points=1, minor_units=1, minimum=2**31, increment=2**31 - 1, **caps)
    bank.list_items([most], ["palace"], catalogue=1)
    for lot in range(6):
        bank.give("ben", MAX_POINTS, lot=lot)

    palace = counter.offers("ben")[3]

    assert palace.points == 2 * (2**31 - 1)
