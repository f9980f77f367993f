"""A sale from the till's journal to the chain: every way it can end, and every way it can stop."""

from __future__ import annotations

import pytest

from counterfoil.errors import Refused
from counterfoil.points.ledger import Mark
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.sales import Stage, Wish
from tests.support.crash import crashing
from tests.support.cut_line import Line
from tests.support.points_office import Office
from tests.support.till import Counterpart
from tests.support.till_bank import StandInBank


def test_sale_goesThroughItsThreeRecords(till: Counterpart, office: Office) -> None:
    sale = till.pay()
    assert (sale.stage, office.events("OrdersRecorded")) == (Stage.PLACED, 0)

    till.go()
    assert till.sale(sale).stage == Stage.PAID
    assert (till.mark(sale), office.points()) == (Mark.PAID, 4500)

    till.wish(sale, Wish.COMPLETE)
    till.go()

    done = till.sale(sale)
    assert (done.stage, till.mark(sale)) == (Stage.COMPLETED, Mark.FINALIZED)
    assert (done.recorded_block or 0) < (done.answered_block or 0) < (done.ended_block or 0)
    assert done.status_url == "http://bank.test/s/token"


def test_sale_completesByItself(till: Counterpart) -> None:
    sale = till.pay()
    till.go()
    till.hand_over = 0

    till.go()

    assert till.sale(sale).stage == Stage.COMPLETED


def test_sale_isRejectedAsTheChainSays(till: Counterpart, office: Office) -> None:
    sale = till.pay(points=10_000)

    till.go()

    ended = till.sale(sale)
    assert (ended.stage, ended.reason) == (Stage.REJECTED, "insufficient-points")
    assert (till.mark(sale), office.points()) == (Mark.REJECTED, 5000)


@pytest.mark.parametrize("says", ["declined", "waiting"])
def test_sale_waitsForItsCustomer(till: Counterpart, bank: StandInBank, says: str) -> None:
    bank.says = says
    sale = till.pay()

    till.go()

    expected = Stage.DECLINED if says == "declined" else Stage.POSTED
    assert (till.sale(sale).stage, till.mark(sale)) == (expected, Mark.UNUSED)
    assert till.sale(sale).asked == (says == "waiting")


def test_sale_waitsForTheBankAndGoesOnByItself(till: Counterpart, bank: StandInBank) -> None:
    sale = till.pay()
    bank.away = True
    till.go()
    assert (till.sale(sale).stage, till.sale(sale).trouble) == (Stage.RECORDED, "bank-away")

    bank.away = False
    till.go()

    assert (till.sale(sale).stage, till.sale(sale).trouble) == (Stage.PAID, "")


def shut_out(bank: StandInBank) -> None:
    """The bank lets the till in no more."""
    bank.refuses = Refused("no", code="not-authenticated", arguments={"status": 401})


def test_sale_endsIfTheBankShutsTheTillOut(till: Counterpart, bank: StandInBank) -> None:
    sale = till.pay()
    shut_out(bank)

    till.go()

    ended = till.sale(sale)
    assert (ended.stage, ended.reason) == (Stage.INVALID, "not-authenticated")


@pytest.mark.parametrize("wish", [Wish.NONE, Wish.CANCEL])
def test_sale_thatMayBeAtTheBank_waitsToBeLetIn(
    till: Counterpart, bank: StandInBank, wish: Wish
) -> None:
    sale = till.pay()
    bank.away = True
    till.go()
    bank.away = False
    shut_out(bank)
    till.wish(sale, wish)
    till.go()
    held = till.sale(sale)
    assert (held.stage, held.trouble) == (Stage.RECORDED, "not-authenticated")

    bank.refuses = None
    till.go()

    expected = Stage.PAID if wish == Wish.NONE else Stage.WITHDRAWN
    assert (till.sale(sale).stage, till.sale(sale).trouble) == (expected, "")


def test_sale_thatMayBeAtTheBank_endsWithItsDeadline(
    till: Counterpart, bank: StandInBank, office: Office
) -> None:
    sale = till.pay()
    bank.away = True
    till.go()
    bank.away = False
    shut_out(bank)
    office.chain.request("evm_setNextBlockTimestamp", till.sale(sale).deadline + 1)
    office.chain.request("evm_mine")

    till.go()

    assert (till.sale(sale).stage, office.points()) == (Stage.INVALID, 5000)


def test_sale_thatTheBankHasPaid_isFoundOnTheChain(
    till: Counterpart, bank: StandInBank, office: Office
) -> None:
    sale = till.pay()
    with crashing(TillJournal, "note", only="status_url"):
        till.step()
        till.step()
    shut_out(bank)

    till.go()

    assert (till.sale(sale).stage, office.points()) == (Stage.PAID, 4500)


def test_sale_endsIfTheBankCantReadIt(till: Counterpart, bank: StandInBank) -> None:
    sale = till.pay()
    bank.refuses = Refused("no", code="bad-input", arguments={"status": 422})

    till.go()

    assert (till.sale(sale).stage, till.sale(sale).reason) == (Stage.INVALID, "bad-input")


def test_sale_endsIfTheBankDoesntTakeIt(till: Counterpart, bank: StandInBank) -> None:
    bank.says = "invalid"
    sale = till.pay()

    till.go()

    assert (till.sale(sale).stage, till.sale(sale).reason) == (Stage.INVALID, "quote-expired")


def test_sale_thatTheBankTookBefore_isntEndedByTheNextPost(
    till: Counterpart, bank: StandInBank, office: Office
) -> None:
    sale = till.pay()
    with crashing(TillJournal, "note", only="status_url"):
        till.step()
        till.step()
    bank.says = "invalid"

    till.go()

    assert (till.sale(sale).stage, office.points()) == (Stage.PAID, 4500)


def test_sale_waitsForTheChainAndGoesOnByItself(till: Counterpart, line: Line) -> None:
    sale = till.pay()
    line.down = True
    till.go()
    assert till.sale(sale).trouble == "chain-away"

    line.mend()
    till.go()

    assert (till.sale(sale).stage, till.sale(sale).trouble) == (Stage.PAID, "")
