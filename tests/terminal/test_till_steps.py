"""A sale from the till's journal to the chain: every way it can end, and every way it can stop."""

from __future__ import annotations

import pytest

from counterfoil.points.ledger import Mark
from counterfoil.terminal.sales import Stage, Wish
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


def test_cancel_givesAllPointsBack(till: Counterpart, office: Office) -> None:
    sale = till.pay()
    till.go()

    till.wish(sale, Wish.CANCEL)
    till.go()

    assert (till.sale(sale).stage, till.mark(sale)) == (Stage.CANCELLED, Mark.FINALIZED)
    assert office.points() == 5000


def test_cancel_beforeTheBankHasIt_withdraws(till: Counterpart, bank: StandInBank) -> None:
    sale = till.pay()
    bank.away = True
    till.go()
    assert till.sale(sale).stage == Stage.RECORDED

    till.wish(sale, Wish.CANCEL)
    bank.away = False
    till.go()

    assert till.sale(sale).stage == Stage.WITHDRAWN
    assert (bank.posts, till.mark(sale)) == ([], Mark.UNUSED)


def test_theFirstWishStays(till: Counterpart) -> None:
    sale = till.pay()
    till.go()

    till.wish(sale, Wish.CANCEL)
    till.wish(sale, Wish.COMPLETE)
    till.go()

    assert till.sale(sale).stage == Stage.CANCELLED


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


def test_sale_waitsForTheChainAndGoesOnByItself(till: Counterpart, line: Line) -> None:
    sale = till.pay()
    line.down = True
    till.go()
    assert till.sale(sale).trouble == "chain-away"

    line.mend()
    till.go()

    assert (till.sale(sale).stage, till.sale(sale).trouble) == (Stage.PAID, "")
