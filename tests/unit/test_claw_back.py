"""Taking a credit back: whole or in parts, each once, with its proof, its own lot first, never
below zero."""

from __future__ import annotations

import pytest

from tests.support.points import account_of
from tests.support.points_bank import CheckedBank
from tests.support.points_books import credit_leaf
from tests.support.points_values import LOTS, ClawBack
from tests.support.refusals import refuses


def shortfall(bank: CheckedBank) -> int:
    """Points of the last claw-back that weren't there any more."""
    told = bank.contract.events("PointsClawedBack", first=bank.chain.block_number())
    return int(told[-1].arguments["shortfall"])


def test_clawBack_takesTheCreditBack(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=1)

    bank.claw_back(1, credit)

    assert (bank.model.totals.held(), shortfall(bank)) == (0, 0)


@pytest.mark.parametrize("place", [0, 1, 4])
def test_clawBack_takesOneOfABatch(bank: CheckedBank, place: int) -> None:
    credits = [bank.credit(f"c{n}", 10 + n, reference=str(n)) for n in range(5)]
    bank.issue(*credits, batch=1)

    bank.claw_back(1, credits[place])

    assert bank.model.totals.clawed_back == 10 + place


def test_clawBack_takesItsOwnLotFirst(bank: CheckedBank) -> None:
    bank.give("ann", 100, lot=0)
    bank.give("ann", 700, lot=3)
    bank.give("ann", 100, lot=4)

    bank.claw_back(2, bank.model.batches[2][0])

    assert bank.holding(account_of("ann"))[0] == (100, 0, 0, 0, 100, 0)


def test_clawBack_takesSoonestToExpireNext(bank: CheckedBank) -> None:
    bank.give("ann", 200, lot=0)
    bank.give("ann", 700, lot=3)
    bank.give("ann", 1000, lot=4)
    bank.pay("ann", 500)  # 200 of lot 0, 300 of lot 3
    bank.give("ann", 50, lot=1)

    bank.claw_back(2, bank.model.batches[2][0])

    assert bank.holding(account_of("ann"))[0] == (0, 0, 0, 0, 750, 0)
    assert shortfall(bank) == 0


def test_clawBack_leavesAnotherCreditOfItsLotIfOnlyThatIsLeft(bank: CheckedBank) -> None:
    bank.give("ann", 700)
    bank.give("ann", 100)

    bank.claw_back(1, bank.model.batches[1][0])

    assert sum(bank.holding(account_of("ann"))[0]) == 100


@pytest.mark.parametrize(("spent", "short"), [(500, 0), (600, 100), (1000, 500)])
def test_clawBack_stopsAtZero(bank: CheckedBank, spent: int, short: int) -> None:
    bank.give("ann", 500)
    bank.give("ann", 500)
    bank.pay("ann", spent)

    bank.claw_back(1, bank.model.batches[1][0])

    assert shortfall(bank) == short
    assert sum(bank.holding(account_of("ann"))[0]) == 500 - spent + short


@pytest.mark.parametrize(("later", "lapsed", "short"), [(-1, 0, 0), (0, 500, 500)])
def test_clawBack_takesNothingIfItsOwnLotHasLapsed(
    bank: CheckedBank, later: int, lapsed: int, short: int
) -> None:
    bank.give("ann", 500, lot=0)
    bank.give("ann", 300, lot=1)
    bank.next_period(seconds=later)

    bank.claw_back(1, bank.model.batches[1][0])

    assert (bank.model.totals.lapsed, shortfall(bank)) == (lapsed, short)
    assert sum(bank.holding(account_of("ann"))[0]) == 300


def test_clawBack_refusesIfDoneBefore(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=1)
    bank.claw_back(1, credit)

    taken = {"creditReference": credit.reference, "taken": 700}
    with refuses("ClawBackOutOfTurn", before=0, **taken):
        bank.claw_back(1, credit, 700, before=0)
    with refuses("ClawBackExceedsCredit", creditReference=credit.reference, asked=1, left=0):
        bank.claw_back(1, credit, 1)


def test_clawBack_takesACreditInParts(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=1)

    bank.claw_back(1, credit, 1)
    bank.claw_back(1, credit, 400)
    with refuses("ClawBackExceedsCredit", creditReference=credit.reference, asked=300, left=299):
        bank.claw_back(1, credit, 300)
    bank.claw_back(1, credit, 299)

    assert bank.model.totals.held() == 0


@pytest.mark.parametrize("before", [0, 99, 101, 2**32 - 1])
def test_clawBack_refusesIfOutOfTurn(bank: CheckedBank, before: int) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=1)
    bank.claw_back(1, credit, 100)

    with refuses("ClawBackOutOfTurn", creditReference=credit.reference, before=before, taken=100):
        bank.claw_back(1, credit, 100, before=before)


def test_clawBack_refusesNoPoints(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=1)

    with refuses("ZeroPoints", creditReference=credit.reference):
        bank.claw_back(1, credit, 0)


def test_clawBack_countsWhatWasInVain(bank: CheckedBank) -> None:
    bank.give("ann", 500)
    bank.pay("ann", 500)
    credit = bank.model.batches[1][0]
    bank.claw_back(1, credit, 300)
    bank.give("ann", 500)

    with refuses("ClawBackExceedsCredit", creditReference=credit.reference, asked=201, left=200):
        bank.claw_back(1, credit, 201)
    bank.claw_back(1, credit, 200)

    assert (bank.model.totals.held(), shortfall(bank)) == (300, 0)


def test_clawBack_takesTheSameCreditOfAnotherBatch(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=1)
    bank.issue(credit, batch=2)

    bank.claw_back(1, credit)
    bank.claw_back(2, credit)

    assert bank.model.totals.held() == 0


@pytest.mark.parametrize("batch", [0, 2])
def test_clawBack_refusesIfBatchUnknown(bank: CheckedBank, batch: int) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=1)

    with refuses("CreditUnknown", batch=batch, creditReference=credit.reference):
        bank.claw_back(batch, credit)


@pytest.mark.parametrize(
    "change",
    [{"account": account_of("ben")}, {"points": 701}, {"earned_on": 0}, {"reference": b"\1" * 32}],
)
def test_clawBack_refusesIfCreditDiffers(bank: CheckedBank, change: dict[str, object]) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=1)
    other = credit._replace(**change)  # type: ignore[arg-type]

    with refuses("CreditUnknown", batch=1, creditReference=other.reference):
        bank.claw_back(1, other)


def test_clawBack_refusesIfProofIsAnothers(bank: CheckedBank) -> None:
    credits = [bank.credit(f"c{n}", 10, reference=str(n)) for n in range(4)]
    bank.issue(*credits, batch=1)
    values = {"batch": 1, "creditReference": credits[0].reference}

    part = ClawBack(b"\1" * 32, 10, 0)
    for proof in ([], bank.credit_proof(1, credits[2]), [credit_leaf(credits[1])]):
        with refuses("CreditUnknown", **values):
            bank.contract.send(bank.operator, "clawBack", 1, credits[0], proof, part)
    bank.check()


def test_clawBack_worksIfFrozenAndPaused(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, batch=1)
    bank.freeze("ann")
    bank.pause()

    bank.claw_back(1, credit)

    assert bank.model.accounts[account_of("ann")].frozen


def test_clawBack_worksInEveryLot(bank: CheckedBank) -> None:
    for lot in range(LOTS):
        bank.give("ann", 100 + lot, lot=lot)

    for batch, credits in bank.model.batches.items():
        bank.claw_back(batch, credits[0])
        assert shortfall(bank) == 0


def test_clawBack_takesACreditOnceIfItStandsTwiceInItsBatch(bank: CheckedBank) -> None:
    credit = bank.credit("ann", 700)
    bank.issue(credit, credit, batch=1)
    bank.claw_back(1, credit)

    with refuses("ClawBackExceedsCredit", creditReference=credit.reference, asked=700, left=0):
        bank.claw_back(1, credit, 700)
