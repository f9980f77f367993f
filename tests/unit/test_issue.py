"""Crediting points: dated lots, numbered batches, all or nothing."""

from __future__ import annotations

import pytest

from tests.support.points import LOT_DAYS, account_of
from tests.support.points_bank import CheckedBank
from tests.support.points_books import DAY
from tests.support.points_values import MAX_POINTS
from tests.support.refusals import refuses


def test_issue_creditsTheLotOfTheDay(bank: CheckedBank) -> None:
    bank.issue(bank.credit("ann", 700))

    assert bank.holding(account_of("ann"))[0] == (0, 0, 0, 0, 0, 700)


def test_issue_creditsManyAccounts(bank: CheckedBank) -> None:
    bank.issue(*(bank.credit(name, 1, reference=name) for name in ("ann", "ben", "ann", "cleo")))

    assert bank.model.totals.issued == 4


def test_issue_refusesIfEmpty(bank: CheckedBank) -> None:
    with refuses("EmptyBatch"):
        bank.issue()


@pytest.mark.parametrize("batch", [0, 1, 2**64 - 1])
def test_issue_refusesIfBatchNumberUsed(bank: CheckedBank, batch: int) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=batch)

    with refuses("CreditBatchUsed", batch=batch):
        bank.issue(credit, batch=batch)
    with refuses("CreditBatchUsed", batch=batch):
        bank.issue(bank.credit("ben", 1), batch=batch)


def test_issue_takesBatchNumbersInAnyOrder(bank: CheckedBank) -> None:
    for batch in (7, 3, 5):
        bank.issue(bank.credit("ann", 1), batch=batch)


def test_issue_leavesBatchNumberFreeIfRefused(bank: CheckedBank) -> None:
    with refuses("ZeroPoints", creditReference=bank.credit("ben", 0).reference):
        bank.issue(bank.credit("ann", 1), bank.credit("ben", 0), batch=1)

    bank.issue(bank.credit("ann", 1), batch=1)


def test_issue_refusesIfEarnedTomorrow(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 1, earned_on=bank.today + 1)

    with refuses("EarnedInFuture", creditReference=credit.reference, earnedOn=credit.earned_on):
        bank.issue(credit)


def test_issue_creditsIfTomorrowHasCome(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 1, earned_on=bank.today + 1)
    bank.at(credit.earned_on * DAY)

    bank.issue(credit)


def test_issue_creditsIfLotHasItsLastDay(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 1, earned_on=bank.model.first_period(bank.now) * LOT_DAYS)
    bank.next_period(seconds=-1)

    bank.issue(credit)

    assert bank.holding(account_of("ann"))[0] == (1, 0, 0, 0, 0, 0)


def test_issue_refusesIfLotHasLapsed(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 1, earned_on=bank.model.first_period(bank.now) * LOT_DAYS - 1)

    with refuses("LotLapsed", creditReference=credit.reference, earnedOn=credit.earned_on):
        bank.issue(credit)


@pytest.mark.parametrize("day", [0, 1])
def test_issue_refusesIfEarnedAtTheBeginningOfTime(bank: CheckedBank, day: int) -> None:
    credit = bank.credit("ann", 1, earned_on=day)

    with refuses("LotLapsed", creditReference=credit.reference, earnedOn=day):
        bank.issue(credit)


def test_issue_fillsALot(bank: CheckedBank) -> None:
    bank.give("ann", MAX_POINTS - 1)
    bank.give("ann", 1)


def test_issue_refusesIfLotWouldOverflow(bank: CheckedBank) -> None:
    bank.give("ann", MAX_POINTS)
    credit = bank.credit("ann", 1)

    with refuses("LotFull", creditReference=credit.reference, points=MAX_POINTS + 1):
        bank.issue(credit)


def test_issue_fillsAllLotsWithoutTouchingTheOthers(bank: CheckedBank) -> None:
    for lot in range(6):
        bank.give("ann", MAX_POINTS, lot=lot)

    assert bank.holding(account_of("ann"))[0] == (MAX_POINTS,) * 6


def test_issue_lapsesDueLots(bank: CheckedBank) -> None:
    bank.give("ann", 5, lot=0)
    bank.give("ann", 7, lot=1)
    bank.next_period()

    bank.give("ann", 1)

    assert bank.model.totals.lapsed == 5


def test_issue_lapsesOnceIfAccountStandsTwice(bank: CheckedBank) -> None:
    bank.give("ann", 5, lot=0)
    bank.next_period()

    bank.issue(bank.credit("ann", 1), bank.credit("ann", 2, reference="2"))

    assert bank.model.totals.lapsed == 5


def test_issue_worksIfPaused(bank: CheckedBank) -> None:
    bank.pause()

    bank.give("ann", 5)


def test_issue_worksIfFrozen(bank: CheckedBank) -> None:
    bank.freeze("ann")

    bank.give("ann", 5)


# ------------------------------------------------------------------------------------ lapsing


@pytest.mark.parametrize("periods", range(1, 8))
def test_sweep_lapsesEachLotInItsTime(bank: CheckedBank, periods: int) -> None:
    for lot in range(6):
        bank.give("ann", 10**lot, lot=lot)
    bank.next_period(periods)

    bank.sweep("ann")

    left = (1, 10, 100, 1000, 10_000, 100_000)[periods:]
    assert bank.holding(account_of("ann"))[0] == left + (0,) * (6 - len(left))


def test_sweep_lapsesNothingOnALotsLastSecond(bank: CheckedBank) -> None:
    bank.give("ann", 5, lot=0)
    bank.next_period(seconds=-1)

    bank.sweep("ann")

    assert bank.model.totals.lapsed == 0


def test_sweep_movesLotsUpOnceADayAtMost(bank: CheckedBank) -> None:
    bank.give("ann", 5, lot=1)
    bank.next_period()

    bank.sweep("ann", "ann")
    bank.later(days=1)
    bank.sweep("ann")

    assert bank.holding(account_of("ann"))[0] == (5, 0, 0, 0, 0, 0)


def test_sweep_takesAnybodyAndUnknownAccounts(bank: CheckedBank) -> None:
    bank.give("ann", 5, lot=0)
    bank.next_period()

    bank.sweep("ann", "zoe", by=bank.till)

    assert bank.contract.call("accountSlot", account_of("zoe")) == 0


def test_holding_leavesOutWhatIsDue(bank: CheckedBank) -> None:
    bank.give("ann", 5, lot=0)
    bank.next_period()

    assert sum(bank.holding(account_of("ann"))[0]) == 0
    assert bank.model.totals.held() == 5


def test_setFrozen_lapsesDueLots(bank: CheckedBank) -> None:
    bank.give("ann", 5, lot=0)
    bank.next_period()

    bank.freeze("ann")

    assert bank.model.totals.lapsed == 5
