"""The limits on cash and points that stand at the end of settling's list, both sides of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.points import account_of
from tests.support.points_bank import CheckedBank
from tests.support.points_values import MAX_POINTS, Reason


@pytest.fixture(autouse=True)
def rich(bank: CheckedBank) -> None:
    """Ann has more than any limit lets her spend."""
    bank.give("ann", 100_000)


@pytest.mark.parametrize(("cap", "answer"), [(335, Reason.PAID), (334, Reason.ORDER_CAP)])
def test_settle_capsOrders(bank: CheckedBank, cap: int, answer: Reason) -> None:
    bank.publish(max_order=cap)

    assert bank.settle(bank.order(points=500)) == [answer]


@pytest.mark.parametrize(("cap", "answer"), [(737, Reason.PAID), (736, Reason.ACCOUNT_DAY_CAP)])
def test_settle_capsAnAccountsDay(bank: CheckedBank, cap: int, answer: Reason) -> None:
    bank.publish(max_account_day=cap)
    other = bank.new_till("till 2")
    bank.pay(points=500)

    assert bank.settle(bank.order(points=600, till=other.address)) == [answer]


@pytest.mark.parametrize(("cap", "answer"), [(737, Reason.PAID), (736, Reason.TERMINAL_DAY_CAP)])
def test_settle_capsATerminalsDay(bank: CheckedBank, cap: int, answer: Reason) -> None:
    bank.publish(max_terminal_day=cap)
    bank.give("ben", 500)
    bank.pay("ben", 500)

    assert bank.settle(bank.order("ann", 600)) == [answer]


def test_settle_capsEachAccountAlone(bank: CheckedBank) -> None:
    bank.publish(max_account_day=335)
    bank.give("ben", 500)

    assert bank.settle(bank.order("ann"), bank.order("ben")) == [Reason.PAID, Reason.PAID]


def test_settle_capsEachTerminalAlone(bank: CheckedBank) -> None:
    bank.publish(max_terminal_day=335)
    other = bank.new_till("till 2")

    answers = bank.settle(bank.order(), bank.order(till=other.address))

    assert answers == [Reason.PAID, Reason.PAID]


def test_settle_capsDaysByTheRulesThatTheOrderNames(bank: CheckedBank) -> None:
    before = bank.order(points=600)
    bank.publish(max_account_day=335)
    bank.pay(points=500)

    assert bank.settle(bank.order(), before) == [Reason.ACCOUNT_DAY_CAP, Reason.PAID]


def test_settle_countsNoCashOfRejectedOrders(bank: CheckedBank) -> None:
    bank.publish(max_account_day=335)
    bank.settle(bank.order(points=600))

    assert bank.settle(bank.order(points=500)) == [Reason.PAID]


def test_settle_givesNoDaysCapBackIfRefunded(bank: CheckedBank) -> None:
    bank.publish(max_account_day=335, max_terminal_day=335)
    bank.refund(bank.pay(), 335)

    assert bank.settle(bank.order()) == [Reason.ACCOUNT_DAY_CAP]


def test_settle_forgetsSpendingOfBeforeIfFrozenAndSweptNextDay(bank: CheckedBank) -> None:
    bank.publish(max_account_day=335)
    bank.pay()
    bank.later(days=1)
    bank.freeze("ann")
    bank.sweep("ann")
    bank.freeze("ann", False)

    assert bank.settle(bank.order()) == [Reason.PAID]


def test_settle_keepsSpendingOfTodayIfTouched(bank: CheckedBank) -> None:
    bank.publish(max_account_day=335)
    bank.pay()
    bank.freeze("ann")
    bank.sweep("ann")
    bank.freeze("ann", False)
    bank.give("ann", 1)

    assert bank.settle(bank.order()) == [Reason.ACCOUNT_DAY_CAP]


def test_settle_rejectsIfFrozen(bank: CheckedBank) -> None:
    bank.freeze("ann")

    assert bank.settle(bank.order()) == [Reason.FROZEN]


def test_settle_paysIfThawed(bank: CheckedBank) -> None:
    bank.freeze("ann")
    bank.freeze("ann", False)

    assert bank.settle(bank.order()) == [Reason.PAID]


def test_settle_staysFrozenOverTime(bank: CheckedBank) -> None:
    bank.freeze("ann")
    bank.next_period(7)

    assert bank.settle(bank.order()) == [Reason.FROZEN]


@pytest.mark.parametrize(
    ("held", "answer"), [(500, Reason.PAID), (499, Reason.INSUFFICIENT_POINTS)]
)
def test_settle_needsThePoints(bank: CheckedBank, held: int, answer: Reason) -> None:
    bank.give("ben", held)

    assert bank.settle(bank.order("ben", 500)) == [answer]


def test_settle_rejectsIfNeverCredited(bank: CheckedBank) -> None:
    assert bank.settle(bank.order("zoe")) == [Reason.INSUFFICIENT_POINTS]


def test_settle_countsAllSixLots(bank: CheckedBank) -> None:
    for lot in range(6):
        bank.give("ben", 100, lot=lot)

    assert bank.settle(bank.order("ben", 600)) == [Reason.PAID]
    assert bank.holding(account_of("ben"))[0] == (0,) * 6


@pytest.mark.parametrize(("late", "answer"), [(-1, Reason.PAID), (0, Reason.INSUFFICIENT_POINTS)])
def test_settle_countsNoLotThatIsDue(bank: CheckedBank, late: int, answer: Reason) -> None:
    bank.give("ben", 500, lot=0)
    bank.next_period(seconds=late)

    assert bank.settle(bank.order("ben", 500)) == [answer]


def test_settle_paysTheLargestOrder(bank: CheckedBank) -> None:
    most = 2**40 - 1
    bank.publish(
        minor_units=1,
        points=1,
        increment=1,
        max_order=most,
        max_account_day=most,
        max_terminal_day=most,
    )
    bank.give("ben", MAX_POINTS, lot=0)
    bank.give("ben", MAX_POINTS, lot=5)
    order = bank.order("ben", MAX_POINTS)
    split = tuple(replace(order.lines[0], quantity=2**16 - 1, cash=c) for c in _spread(MAX_POINTS))

    assert bank.settle(replace(order, lines=split)) == [Reason.PAID]


def _spread(cash: int) -> list[int]:
    """An amount over lines of at most 65,535 hampers."""
    line = (2**16 - 1) * 4500
    return [line] * (cash // line) + [cash % line]
