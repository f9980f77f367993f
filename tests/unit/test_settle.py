"""Settling one order: what it leaves, and each reason for which it isn't paid.

Each test changes one thing of an order that is paid. That a rejection uses up its sequence and a
skipped order nothing, and that neither moves anything else, ``settle`` compares each time.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.points.orders import OrderLine
from tests.support.points import LOT_DAYS, ROLES, account_of
from tests.support.points_bank import HAMPER, HAMPER_CAP, CheckedBank
from tests.support.points_books import DAY
from tests.support.points_model import Model
from tests.support.points_values import Reason
from tests.support.refusals import refuses


@pytest.fixture(autouse=True)
def rich(bank: CheckedBank) -> None:
    """Ann has more than any limit lets her spend."""
    bank.give("ann", 100_000)


def test_settle_paysIfEverythingIsRight(bank: CheckedBank) -> None:
    assert bank.settle(bank.order(points=500)) == [Reason.PAID]

    lots, _, spent, _ = bank.holding(account_of("ann"))
    assert (sum(lots), spent) == (99_500, 335)


def test_settle_drawsSoonestLotFirst(bank: CheckedBank) -> None:
    bank.give("ben", 300, lot=2)
    bank.give("ben", 400, lot=4)

    order = bank.pay("ben", 600)

    assert bank.holding(account_of("ben"))[0] == (0, 0, 0, 0, 100, 0)
    assert bank.receipt(order).drawn == 300 << 64 | 300 << 128


def test_settle_lapsesDueLots(bank: CheckedBank) -> None:
    bank.give("ben", 300, lot=0)
    bank.give("ben", 600, lot=1)
    bank.next_period()

    bank.pay("ben", 600)

    assert bank.model.totals.lapsed == 300


def test_settle_refusesIfPaused(bank: CheckedBank) -> None:
    order = bank.order()
    bank.pause()

    with refuses("EnforcedPause"):
        bank.settle(order)


def test_settle_paysIfUnpaused(bank: CheckedBank) -> None:
    bank.pause()
    bank.pause(False)

    assert bank.settle(bank.order()) == [Reason.PAID]


# ------------------------------------------------------------------------------------ rejected


def test_settle_paysIfAtDeadline(bank: CheckedBank) -> None:
    order = bank.order()
    bank.at(order.deadline)

    assert bank.settle(order) == [Reason.PAID]


def test_settle_rejectsIfPastDeadline(bank: CheckedBank) -> None:
    order = bank.order()
    bank.at(order.deadline + 1)

    assert bank.settle(order) == [Reason.EXPIRED]


@pytest.mark.parametrize("version", [0, 2, 2**32 - 1])
def test_settle_rejectsIfRulesUnknown(bank: CheckedBank, version: int) -> None:
    assert bank.settle(replace(bank.order(), rules=version)) == [Reason.RULES_VERSION]


def test_settle_paysIfInSunset(bank: CheckedBank) -> None:
    order = replace(bank.order(), deadline=2**40 - 1)
    bank.publish(sunset_seconds=60)
    bank.later(seconds=60)

    assert bank.settle(order) == [Reason.PAID]


def test_settle_rejectsIfPastSunset(bank: CheckedBank) -> None:
    order = replace(bank.order(), deadline=2**40 - 1)
    bank.publish(sunset_seconds=60)
    bank.later(seconds=61)

    assert bank.settle(order) == [Reason.RULES_VERSION]


def test_settle_judgesByTheRulesThatTheOrderNames(bank: CheckedBank) -> None:
    before = bank.order()
    bank.publish(minimum=600, minor_units=70)

    assert bank.settle(before, bank.order()) == [Reason.PAID, Reason.POINTS_MINIMUM]


@pytest.mark.parametrize("item", [0, 4, 2**32 - 1])
def test_settle_rejectsIfItemUnknown(bank: CheckedBank, item: int) -> None:
    order = bank.order()
    lines = (*order.lines, OrderLine(item, 1, 1, 0))

    assert bank.settle(replace(order, lines=lines)) == [Reason.UNKNOWN_ITEM]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (OrderLine(1, 1, 1000, 300), Reason.PAID),  # the catalogue's cap
        (OrderLine(1, 1, 1000, 301), Reason.ITEM_CAP),
        (OrderLine(1, 2, 1000, 600), Reason.PAID),  # times the quantity
        (OrderLine(1, 2, 1000, 601), Reason.ITEM_CAP),
        (OrderLine(1, 2, 150, 300), Reason.PAID),  # the price, if that is less
        (OrderLine(1, 2, 150, 301), Reason.ITEM_CAP),
        (OrderLine(3, 9, 1000, 0), Reason.PAID),  # not payable with points
        (OrderLine(3, 9, 1000, 1), Reason.ITEM_CAP),
        (OrderLine(1, 0, 1000, 0), Reason.PAID),
        (OrderLine(1, 0, 1000, 1), Reason.ITEM_CAP),
        (OrderLine(1, 2**16 - 1, 2**40 - 1, 300), Reason.PAID),
        (OrderLine(1, 2**16 - 1, 2**40 - 1, 2**40 - 1), Reason.ITEM_CAP),
    ],
)
def test_settle_capsItems(bank: CheckedBank, line: OrderLine, answer: Reason) -> None:
    order = bank.order(points=1000)  # pays 670
    rest = OrderLine(HAMPER, 1, HAMPER_CAP, max(670 - line.cash, 0))

    assert bank.settle(replace(order, lines=(rest, line))) == [answer]


@pytest.mark.parametrize(
    ("points", "answer"),
    [
        (0, Reason.POINTS_MINIMUM),
        (499, Reason.POINTS_MINIMUM),
        (500, Reason.PAID),
        (501, Reason.POINTS_INCREMENT),
        (599, Reason.POINTS_INCREMENT),
        (600, Reason.PAID),
    ],
)
def test_settle_boundsPoints(bank: CheckedBank, points: int, answer: Reason) -> None:
    assert bank.settle(bank.order(points=points)) == [answer]


@pytest.mark.parametrize("off", [-1, 1])
def test_settle_rejectsIfLinesDontComeToTheCash(bank: CheckedBank, off: int) -> None:
    order = bank.order()
    lines = (replace(order.lines[0], cash=order.cash + off),)

    assert bank.settle(replace(order, lines=lines)) == [Reason.CASH_MISMATCH]


def test_settle_paysNextDayIfTodayIsSpent(bank: CheckedBank) -> None:
    bank.publish(max_account_day=335, max_terminal_day=335)
    bank.at((bank.today + 1) * DAY - 1)
    bank.pay()
    bank.later(seconds=1)

    assert bank.settle(bank.order()) == [Reason.PAID]


def test_settle_rejectsVersionZeroIfNoRulesWerePublished(bank: CheckedBank) -> None:
    ledger = bank.chain.deploy(
        bank.admin, "PointsLedger", "new", b"EUR", LOT_DAYS, bank.admin.address, 0
    ).contract
    for role in ROLES:
        ledger.send(bank.admin, "grantRole", ledger.call(role), bank.operator.address)
    new = replace(bank, contract=ledger, model=Model(LOT_DAYS))
    new.list_items([4500], ["hamper"])
    new.register(bank.till.address)
    nothing = (OrderLine(1, 1, 1, 0),)

    order = replace(bank.order(points=0), rules=0, lines=nothing)

    assert new.settle(order) == [Reason.RULES_VERSION]
