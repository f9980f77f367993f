"""A sale that is called off: wherever it stands, it ends with nothing paid."""

from __future__ import annotations

import json

from counterfoil.points.ledger import Mark
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.sales import Stage, Wish
from tests.support.crash import crashing
from tests.support.points_office import Office
from tests.support.till import Counterpart
from tests.support.till_bank import StandInBank


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


def test_cancel_whileTheCustomerIsAsked_withdraws(till: Counterpart, bank: StandInBank) -> None:
    bank.says = "waiting"
    sale = till.pay()
    till.go()

    till.wish(sale, Wish.CANCEL)
    till.go()

    ended = till.sale(sale)
    assert (ended.stage, ended.reason) == (Stage.WITHDRAWN, "confirmation-withdrawn")
    assert (bank.answers[sale.order_id].status, till.mark(sale)) == ("withdrawn", Mark.UNUSED)


def test_cancel_whilePowerIsCut_isFoundWithdrawn(till: Counterpart, bank: StandInBank) -> None:
    bank.says = "waiting"
    sale = till.pay()
    till.go()
    till.wish(sale, Wish.CANCEL)
    with crashing(TillJournal, "note", only="reason"):
        till.step()
    assert (till.sale(sale).stage, bank.answers[sale.order_id].status) == (
        Stage.POSTED,
        "withdrawn",
    )

    till.go()

    assert till.sale(sale).stage == Stage.WITHDRAWN


def test_cancel_afterTheCustomersYes_givesAllPointsBack(
    till: Counterpart, bank: StandInBank, office: Office
) -> None:
    bank.says = "waiting"
    sale = till.pay()
    till.go()
    till.wish(sale, Wish.CANCEL)
    bank.says = "yes"
    bank.post(json.loads(sale.row), sale.quote_id)  # settled, and the till doesn't know yet

    till.go()

    assert (till.sale(sale).stage, till.mark(sale)) == (Stage.CANCELLED, Mark.FINALIZED)
    assert office.points() == 5000


def test_theFirstWishStays(till: Counterpart) -> None:
    sale = till.pay()
    till.go()

    till.wish(sale, Wish.CANCEL)
    till.wish(sale, Wish.COMPLETE)
    till.go()

    assert till.sale(sale).stage == Stage.CANCELLED


def test_cancel_beforeAnyPost_asksNobody(till: Counterpart, bank: StandInBank) -> None:
    sale = till.pay()
    opened = till.open()
    opened.worker.round()
    till.wish(sale, Wish.CANCEL)
    bank.away = True

    opened.worker.round()

    assert till.sale(sale).stage == Stage.WITHDRAWN
