"""Settling many orders at once: each judged alone, and one root for those that are paid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.points.orders import PaymentOrder
from tests.support.points import account_of
from tests.support.points_bank import CheckedBank
from tests.support.points_values import Reason


def test_settle_doesNothingIfBatchIsEmpty(bank: CheckedBank) -> None:
    assert bank.settle() == []


def test_settle_leavesNoRootIfNothingIsPaid(bank: CheckedBank) -> None:
    assert bank.settle(bank.order(), bank.order()) == [Reason.INSUFFICIENT_POINTS] * 2


def test_settle_judgesEachOrderAlone(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    other = bank.new_till("till 2")
    elsewhere = bank.order(till=other.address)
    batch: dict[Reason, PaymentOrder] = {
        Reason.BAD_ROW: replace(bank.order(), lines=()),
        Reason.PAID: bank.order(),
        Reason.EXPIRED: replace(bank.order(), deadline=0),
        Reason.POINTS_MINIMUM: bank.order(points=400),
        Reason.UNKNOWN_TERMINAL: replace(bank.order(), terminal=bank.admin.address),
        Reason.INSUFFICIENT_POINTS: bank.order("ben"),
    }

    answers = bank.settle(
        *batch.values(), bank.sign(elsewhere, bank.till), bank.order("ann", till=other.address)
    )

    assert answers == [*batch, Reason.BAD_SIGNATURE, Reason.PAID]


def test_settle_seesWhatItsEarlierOrdersTook(bank: CheckedBank) -> None:
    bank.give("ann", 1000)
    orders = [bank.order("ann", 500) for _ in range(3)]

    assert bank.settle(*orders) == [Reason.PAID, Reason.PAID, Reason.INSUFFICIENT_POINTS]


def test_settle_sumsADaysCapsOverTheBatch(bank: CheckedBank) -> None:
    bank.publish(max_account_day=670, max_terminal_day=1005)
    bank.give("ann", 5000)
    bank.give("ben", 5000)
    orders = [bank.order(name) for name in ("ann", "ann", "ann", "ben", "ben")]

    assert bank.settle(*orders) == [
        Reason.PAID,
        Reason.PAID,
        Reason.ACCOUNT_DAY_CAP,
        Reason.PAID,
        Reason.TERMINAL_DAY_CAP,
    ]


def test_settle_paysOnceIfOrderStandsTwice(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    order = bank.order()

    assert bank.settle(order, order) == [Reason.PAID, Reason.REPLAYED]


def test_settle_skipsIfSequenceWasRejectedInTheSameBatch(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    wrong = bank.order(points=400)
    right = replace(bank.order(), sequence=wrong.sequence)

    assert bank.settle(wrong, right) == [Reason.POINTS_MINIMUM, Reason.REPLAYED]


def test_settle_keepsTheSequencesOfTerminalsApart(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    other = bank.new_till("till 2")

    orders = [bank.order(), bank.order(till=other.address)]

    assert orders[0].sequence == orders[1].sequence
    assert bank.settle(*orders) == [Reason.PAID] * 2


def test_settle_mixesRulesVersions(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    before = bank.order()
    bank.publish(minor_units=100)

    assert bank.settle(bank.order(), before) == [Reason.PAID] * 2
    assert bank.holding(account_of("ann"))[2] == 500 + 335


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 33])
def test_settle_givesEachPaidOrderAProof(bank: CheckedBank, count: int) -> None:
    bank.give("ann", 50_000)
    orders = [bank.order() for _ in range(count)]
    bank.settle(*orders, bank.order("ben"))

    for order in (orders[0], orders[-1]):
        bank.refund(order, 1)


def test_settle_lapsesOnceIfAccountStandsTwice(bank: CheckedBank) -> None:
    bank.give("ann", 100, lot=0)
    bank.give("ann", 5000, lot=3)
    bank.next_period()

    bank.settle(bank.order(), bank.order())

    assert bank.model.totals.lapsed == 100


def test_settle_lapsesNothingIfRejected(bank: CheckedBank) -> None:
    bank.give("ann", 100, lot=0)
    bank.next_period()

    bank.settle(bank.order())

    assert (bank.model.totals.lapsed, bank.model.totals.held()) == (0, 100)
