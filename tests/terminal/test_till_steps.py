"""A sale from the till's journal to the chain: every way it can end, and every way it can stop."""

from __future__ import annotations

import pytest

from counterfoil.chain import Contract
from counterfoil.errors import BadInput, Refused
from counterfoil.points.ledger import Ledger, Mark
from counterfoil.terminal.journal import FIRST_SEQUENCE, TillJournal
from counterfoil.terminal.sales import RefundStage, Stage, Wish
from tests.support.crash import crashing
from tests.support.cut_line import Line
from tests.support.points_office import Office, order
from tests.support.till import HAMPERS, Counterpart
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


@pytest.mark.parametrize("wish", [Wish.COMPLETE, Wish.CANCEL])
@pytest.mark.parametrize(
    ("owner", "method", "only"),
    [
        (TillJournal, "note", None),
        (Contract, "send", "recordOrders"),
        (StandInBank, "post", None),
        (Ledger, "submit", "settle"),
        (Contract, "send", "last"),
    ],
    ids=["first note", "record 1", "post", "settle", "record 3"],
)
def test_powerCut_endsInATrueState(
    till: Counterpart, office: Office, owner: type, method: str, only: str | None, wish: Wish
) -> None:
    sale = till.pay()
    if only == "last":
        only = "finalize" if wish == Wish.COMPLETE else "cancel"
        till.go()
        till.wish(sale, wish)
    with crashing(owner, method, only=only):
        for _ in range(9):
            till.step()

    till.go()
    till.wish(sale, wish)
    till.go()

    expected = Stage.COMPLETED if wish == Wish.COMPLETE else Stage.CANCELLED
    assert (till.sale(sale).stage, till.mark(sale)) == (expected, Mark.FINALIZED)
    assert (office.events("OrdersRecorded"), office.events("OrderPaid")) == (1, 1)
    assert office.points() == (4500 if wish == Wish.COMPLETE else 5000)


@pytest.mark.parametrize("wish", [Wish.COMPLETE, Wish.CANCEL])
@pytest.mark.parametrize(
    "noted", ["recorded_transaction", "status_url", "answered_transaction", "ended_transaction"]
)
def test_powerCut_afterAnEffectAndBeforeItsNote(
    till: Counterpart, office: Office, noted: str, wish: Wish
) -> None:
    sale = till.pay()
    if noted == "ended_transaction":
        till.go()
        till.wish(sale, wish)
    with crashing(TillJournal, "note", only=noted):
        for _ in range(9):
            till.step()

    till.go()
    till.wish(sale, wish)
    till.go()

    expected = Stage.COMPLETED if wish == Wish.COMPLETE else Stage.CANCELLED
    assert (till.sale(sale).stage, till.mark(sale)) == (expected, Mark.FINALIZED)
    assert (office.events("OrdersRecorded"), office.events("OrderPaid")) == (1, 1)


def test_refund_inParts(till: Counterpart, office: Office) -> None:
    sale = till.pay(points=1000)
    till.go()
    till.wish(sale, Wish.COMPLETE)
    till.go()

    till.refund(sale, "2.00", "R-1")
    till.refund(sale, "2.00", "R-1")
    till.refund(sale, "1.00", "R-2")
    with pytest.raises(BadInput):
        till.refund(sale, "4.00", "R-3")
    till.go()

    assert [one.stage for one in till.refunds(sale)] == [RefundStage.DONE] * 2
    assert office.points() == 4000 + 1000 * 300 // 670


@pytest.mark.parametrize(("method", "owner"), [("send", Contract), ("note_refund", TillJournal)])
def test_refund_isGivenOnceWhateverBreaksOff(
    till: Counterpart, office: Office, owner: type, method: str
) -> None:
    sale = till.pay(points=1000)
    till.go()
    till.wish(sale, Wish.COMPLETE)
    till.go()
    till.refund(sale, "2.00", "R-1")
    with crashing(owner, method, only="refund" if owner is Contract else "transaction"):
        till.step()

    till.go()
    till.refund(sale, "2.00", "R-2")
    till.go()

    assert [one.stage for one in till.refunds(sale)] == [RefundStage.DONE] * 2
    assert office.events("OrderRefunded") == 2


def test_refund_needsACompletedSale(till: Counterpart) -> None:
    sale = till.pay()
    till.go()

    with pytest.raises(Refused, match="completed"):
        till.refund(sale, "1.00")


def test_sequences_keepClearOfSignedFiles(till: Counterpart, office: Office) -> None:
    office.redeem(office.lines(order("A")))
    first, second = till.pay(), till.pay()

    till.go()

    assert [till.sale(one).stage for one in (first, second)] == [Stage.PAID] * 2
    assert f'"sequence": {FIRST_SEQUENCE}' in first.row
    assert f'"sequence": {FIRST_SEQUENCE + 1}' in second.row


def test_sequences_goOnAfterTheStoreIsLost(till: Counterpart, office: Office) -> None:
    till.pay()
    till.go()
    for file in office.state.root.glob("terminal-till-1.db*"):
        file.unlink()

    sale = till.pay()
    till.go()

    assert till.sale(sale).stage == Stage.PAID


def test_paying_theSameOfferTwiceIsOneSale(till: Counterpart) -> None:
    opened = till.open()
    visit = opened.look_up("C-1")
    name, _ = opened.offer(visit, HAMPERS)

    assert opened.pay(visit, name, 500).sale_id == opened.pay(visit, name, 700).sale_id


@pytest.mark.parametrize(
    ("points", "code"),
    [(400, "points-minimum"), (550, "points-increment"), (100_100, "points-over")],
)
def test_paying_refusesWhatWasNotOffered(till: Counterpart, points: int, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        till.pay(points=points)

    assert refused.value.code == code
