"""Where points go that are given back: their own lots, or what the rules say of lapsed ones."""

from __future__ import annotations

import pytest
from hexbytes import HexBytes
from web3.exceptions import ContractLogicError

from counterfoil.points.orders import PaymentOrder
from tests.support.points import LOT_DAYS, account_of
from tests.support.points_bank import CheckedBank
from tests.support.points_books import DAY
from tests.support.points_values import LAPSE, MAX_POINTS


def lots(bank: CheckedBank) -> tuple[int, ...]:
    """Ann's lots, soonest to expire first."""
    return tuple(bank.holding(account_of("ann"))[0])


def drawn_from(bank: CheckedBank, *held: int) -> PaymentOrder:
    """A paid order that took all of ann's points, held in these lots."""
    for lot, points in enumerate(held):
        if points:
            bank.give("ann", points, lot=lot)
    return bank.pay(points=sum(held))


def test_refund_restoresEachLot(bank: CheckedBank) -> None:
    order = drawn_from(bank, 100, 200, 300, 400, 500, 600)

    bank.refund(order, order.cash)

    assert lots(bank) == (100, 200, 300, 400, 500, 600)


def test_refund_restoresLastDrawnFirst(bank: CheckedBank) -> None:
    bank.publish(minor_units=100)  # a point is worth one minor unit
    order = drawn_from(bank, 100, 0, 300, 0, 600, 0)

    bank.refund(order, 500)
    assert lots(bank) == (0, 0, 0, 0, 500, 0)
    bank.refund(order, 300)
    assert lots(bank) == (0, 0, 200, 0, 600, 0)
    bank.refund(order, 150)
    assert lots(bank) == (50, 0, 300, 0, 600, 0)
    bank.cancel(order)
    assert lots(bank) == (100, 0, 300, 0, 600, 0)


@pytest.fixture
def long_refunds(bank: CheckedBank) -> None:
    """Orders of the live rules can be refunded for ever, and what lapsed lives 30 days more."""
    bank.publish(refund_days=2**16 - 1)


@pytest.mark.usefixtures("long_refunds")
def test_refund_followsLotsThatMovedUp(bank: CheckedBank) -> None:
    order = drawn_from(bank, 0, 0, 0, 400, 100)
    bank.next_period(2)

    bank.refund(order, order.cash)

    assert lots(bank) == (0, 400, 100, 0, 0, 0)


@pytest.mark.usefixtures("long_refunds")
@pytest.mark.parametrize("periods", range(1, 8))
def test_refund_restoresIntoSoonestLotIfItsOwnLapsed(bank: CheckedBank, periods: int) -> None:
    order = drawn_from(bank, 100, 200, 300, 400, 500, 600)
    bank.next_period(periods)

    bank.refund(order, order.cash)

    drawn = (100, 200, 300, 400, 500, 600)
    assert lots(bank)[0] == sum(drawn[: periods + 1])
    assert lots(bank)[1:] == (drawn + (0,) * 7)[periods + 1 : periods + 6]


@pytest.mark.usefixtures("long_refunds")
@pytest.mark.parametrize(("days_left", "home"), [(30, 0), (29, 1)])
def test_refund_gracesIntoALotThatLivesLongEnough(
    bank: CheckedBank, days_left: int, home: int
) -> None:
    order = drawn_from(bank, 500)
    bank.next_period(2, seconds=-days_left * DAY)

    bank.refund(order, order.cash)

    assert lots(bank)[home] == 500


@pytest.mark.usefixtures("long_refunds")
@pytest.mark.parametrize(
    ("grace_days", "home"),
    [
        (0, 0),
        (LOT_DAYS, 0),
        (LOT_DAYS + 1, 1),
        (5 * LOT_DAYS + 1, 5),
        (6 * LOT_DAYS + 1, 5),
        (LAPSE - 1, 5),
    ],
)
def test_refund_gracesAsLongAsTheRulesSay(bank: CheckedBank, grace_days: int, home: int) -> None:
    bank.publish(grace_days=grace_days)
    order = drawn_from(bank, 500)
    bank.next_period()

    bank.refund(order, order.cash)

    assert lots(bank)[home] == 500


@pytest.mark.usefixtures("long_refunds")
def test_refund_lapsesIfTheRulesSaySo(bank: CheckedBank) -> None:
    bank.publish(grace_days=LAPSE)
    order = drawn_from(bank, 300, 400)
    bank.next_period()

    bank.refund(order, order.cash)

    assert lots(bank) == (400, 0, 0, 0, 0, 0)
    assert bank.model.totals.lapsed == 300


@pytest.mark.usefixtures("long_refunds")
def test_refund_gracesByTheRulesOfTheOrder(bank: CheckedBank) -> None:
    order = drawn_from(bank, 500)
    bank.publish(grace_days=LAPSE)
    bank.next_period()

    bank.refund(order, order.cash)

    assert (sum(lots(bank)), bank.model.totals.lapsed) == (500, 0)


@pytest.mark.usefixtures("long_refunds")
def test_refund_lapsesWhatIsDueToo(bank: CheckedBank) -> None:
    order = drawn_from(bank, 0, 500)
    bank.give("ann", 70, lot=0)
    bank.next_period()

    bank.refund(order, order.cash)

    assert (lots(bank)[0], bank.model.totals.lapsed) == (500, 70)


# ------------------------------------------------------------------------------- a full lot


def filled(bank: CheckedBank, *room: int) -> PaymentOrder:
    """An order of 500 points out of lot 3, then each lot filled but for so much room."""
    bank.give("ann", 500, lot=3)
    order = bank.pay(points=500)
    for lot, left in enumerate(room):
        if left < MAX_POINTS:
            bank.give("ann", MAX_POINTS - left, lot=lot)
    return order


@pytest.mark.parametrize(
    ("room", "added", "lapsed"),
    [
        ((0, 0, 0, 500, 0, 0), (0, 0, 0, 500, 0, 0), 0),
        ((0, 0, 0, 499, 9, 9), (0, 0, 0, 499, 1, 0), 0),
        ((900, 900, 900, 0, 100, 400), (0, 0, 0, 0, 100, 400), 0),
        ((900, 900, 100, 0, 0, 0), (0, 400, 100, 0, 0, 0), 0),
        ((498, 1, 0, 0, 0, 0), (498, 1, 0, 0, 0, 0), 1),
        ((0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 0), 500),
    ],
)
def test_refund_spillsIfLotIsFull(
    bank: CheckedBank, room: tuple[int, ...], added: tuple[int, ...], lapsed: int
) -> None:
    order = filled(bank, *room)

    bank.refund(order, order.cash)

    expected = tuple(MAX_POINTS - r + a for r, a in zip(room, added, strict=True))
    assert (lots(bank), bank.model.totals.lapsed) == (expected, lapsed)


def test_refund_lapsesOnlyWhatNoLotHasRoomFor(bank: CheckedBank) -> None:
    bank.give("ann", 500)
    order = bank.pay(points=500)
    for lot in range(6):
        bank.give("ann", MAX_POINTS - (lot == 5), lot=lot)

    bank.refund(order, order.cash)

    assert lots(bank) == (MAX_POINTS,) * 6
    assert bank.model.totals.lapsed == 499


WORDS = {"terminal": 2, "sequence": 3, "rules": 4, "points": 5, "cash": 6, "firstPeriod": 8}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS.keys())
def test_refund_revertsIfReceiptHasBitsBeyondItsTypes(bank: CheckedBank, word: int) -> None:
    order = drawn_from(bank, 500)
    settled = bank.model.paid[order.order_id()]
    data = HexBytes(bank.encoded("refund", settled.receipt, settled.proof, 1))
    at = 4 + 32 * word
    dirty = data[:at] + bytes((data[at] | 0x80,)) + data[at + 1 :]
    call = {"from": bank.till.address, "to": bank.contract.address}

    bank.chain.web3.eth.call(call | {"data": data})
    with pytest.raises(ContractLogicError):
        bank.chain.web3.eth.call(call | {"data": dirty})
