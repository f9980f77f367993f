"""Batches as no honest encoder writes them: dirty bits, tails that overlap, lie or end early.

Whatever a batch looks like, an order has the one id of its fields, and nobody's order does nothing.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from counterfoil.model import Event, Mined
from counterfoil.points.orders import OrderLine, PaymentOrder
from tests.support.points_bank import HAMPER, HAMPER_CAP, CheckedBank
from tests.support.points_calldata import WORD, Batch, Send, sender
from tests.support.points_values import Mark, Reason

HUGE = 2**256 - 1


@pytest.fixture(autouse=True)
def rich(bank: CheckedBank) -> None:
    """Ann has points enough."""
    bank.give("ann", 50_000)


@pytest.fixture
def send(bank: CheckedBank) -> Send:
    """Send bytes to the ledger."""
    return sender(bank)


def ids(mined: Mined | None, event: str) -> list[bytes]:
    assert mined is not None
    return [told.arguments["orderId"] for told in mined.of(event)]


def answers(mined: Mined | None) -> list[Event]:
    """Every final answer of a call; none if it reverted."""
    return mined.of("OrderPaid") + mined.of("OrderRejected") if mined else []


def test_batch_isWhatAnEncoderWrites(bank: CheckedBank, send: Send) -> None:
    orders = [bank.order(), bank.order()]

    mined = send(bytes(Batch(*map(bank.sign, orders)).data))

    assert ids(mined, "OrderPaid") == [order.order_id() for order in orders]


@pytest.mark.parametrize(("place", "bit"), [(2, 72), (2, 255), (6, 128), (6, 255)])
def test_settle_readsNoBitBeyondAField(bank: CheckedBank, send: Send, place: int, bit: int) -> None:
    """Dirty bits make no second order of one: same id, same verdict, same sequence used."""
    order = bank.order()
    dirty = Batch(bank.sign(order)).mix(place, 1 << bit)

    assert ids(send(bytes(dirty.data)), "OrderPaid") == [order.order_id()]
    assert ids(send(bytes(dirty.data)), "OrderSkipped") == [order.order_id()]
    assert ids(send(bytes(Batch(bank.sign(order)).data)), "OrderSkipped") == [order.order_id()]


@pytest.mark.parametrize(("place", "bit"), [(1, 0), (1, 32), (1, 96), (2, 0), (2, 40), (6, 0)])
@pytest.mark.parametrize("step", [-1, 0])
def test_settle_readsEveryBitOfAField(
    bank: CheckedBank, send: Send, place: int, bit: int, step: int
) -> None:
    """One bit on either side of a field's border, and it is an order that nobody signed."""
    order = bank.order()
    number = max(bit + step, 0)
    spoilt = Batch(bank.sign(order))
    start = spoilt.first + WORD * place
    old = int.from_bytes(spoilt.data[start : start + WORD], "big")

    mined = send(bytes(spoilt.put(place, old ^ 1 << number).data))

    assert not answers(mined)
    assert ids(mined, "OrderSkipped") != [order.order_id()]


def test_settle_paysEachOfTwoOrdersThatShareTheirLines(bank: CheckedBank, send: Send) -> None:
    orders = [bank.order(), bank.order()]
    shared = Batch(*map(bank.sign, orders))
    gap = len(shared.data) - shared.first
    shared.put(3, gap // 2 + 5 * WORD)  # the first order's lines are the second's

    assert ids(send(bytes(shared.data)), "OrderPaid") == [order.order_id() for order in orders]


@pytest.mark.parametrize("place", [3, 4])
@pytest.mark.parametrize("offset", [HUGE, 2**255, 2**64, 2**63, 10_000])
def test_settle_takesNothingFromBeyondTheBatch(
    bank: CheckedBank, send: Send, place: int, offset: int
) -> None:
    order = bank.order()

    mined = send(bytes(Batch(bank.sign(order)).put(place, offset).data))

    assert not answers(mined)
    bank.check()
    assert bank.settle(order) == [Reason.PAID]


@pytest.mark.parametrize("offset", [HUGE, HUGE - 3, 2**256 - WORD, 2**255, 2**64, 10_000])
def test_settle_takesNothingIfAnOrdersOffsetLies(
    bank: CheckedBank, send: Send, offset: int
) -> None:
    order = bank.order()
    spoilt = Batch(bank.sign(order))
    spoilt.first = 4 + 2 * WORD

    mined = send(bytes(spoilt.put(0, offset).data))

    assert not answers(mined)
    bank.check()


@pytest.mark.parametrize("count", [2**64, 2**64 - 1, HUGE, 1000, 3])
def test_settle_revertsIfABatchSaysItIsLonger(bank: CheckedBank, send: Send, count: int) -> None:
    spoilt = Batch(bank.sign(bank.order()))
    spoilt.first = 4 + WORD

    assert send(bytes(spoilt.put(0, count).data)) is None


@pytest.mark.parametrize("count", [2**64, 2**64 - 1, HUGE, 33, 5])
def test_settle_revertsIfLinesSayTheyAreMore(bank: CheckedBank, send: Send, count: int) -> None:
    order = bank.order()

    assert send(bytes(Batch(bank.sign(order)).put(5, count).data)) is None
    assert bank.settle(order) == [Reason.PAID]


def test_settle_revertsHoweverFarTheBatchIsCutOff(bank: CheckedBank, send: Send) -> None:
    order = bank.order()
    whole = bytes(Batch(bank.sign(order)).data)

    cut = [send(whole[:length]) for length in range(4, len(whole), 7)]
    assert cut == [None] * len(cut)
    assert bank.settle(order) == [Reason.PAID]


def many_lines(order: PaymentOrder, count: int) -> PaymentOrder:
    """An order with so many lines that pay nothing, and the one that pays."""
    free = OrderLine(HAMPER, 1, HAMPER_CAP, 0)
    return replace(order, lines=(free,) * (count - 1) + order.lines)


def test_settle_skipsIfLinesReachIntoTheSignature(bank: CheckedBank, send: Send) -> None:
    order = bank.order()

    mined = send(bytes(Batch(bank.sign(order)).put(5, 4).data))

    assert len(ids(mined, "OrderSkipped")) == 1 and not answers(mined)


def test_settle_paysOthersIfOneOrderIsHuge(bank: CheckedBank) -> None:
    huge = many_lines(bank.order(), 3_000)

    assert bank.settle(bank.order(), huge, bank.order()) == [
        Reason.PAID,
        Reason.BAD_ROW,
        Reason.PAID,
    ]
    assert bank.contract.call("markOf", huge.terminal, huge.sequence) == Mark.UNUSED


def test_orderId_isWhatSettleTells(bank: CheckedBank) -> None:
    """Line bits that nobody reads leave the id alone there too."""
    order = bank.order()
    account, head, terms, lines = order.as_tuple()

    assert bank.contract.call("orderId", (account, head, terms, lines)) == order.order_id()
    assert bank.contract.call("orderId", (account, head, terms | 1 << 72, lines)) == (
        order.order_id()
    )


@pytest.mark.parametrize("seed", range(3))
def test_settle_paysOnlyWhatWasSignedHoweverABatchIsSpoilt(
    bank: CheckedBank, send: Send, seed: int
) -> None:
    random = Random(seed)
    for _ in range(60):
        orders = [bank.order(), bank.order("ben")]
        spoilt = Batch(*map(bank.sign, orders)).data
        for _ in range(random.randint(1, 3)):
            place = 4 + WORD * random.randrange((len(spoilt) - 4) // WORD)
            value = random.choice([0, 1, HUGE, 2**255, 32, 160, 192, random.getrandbits(9)])
            spoilt[place : place + WORD] = value.to_bytes(WORD, "big")

        answered = {told.arguments["orderId"] for told in answers(send(bytes(spoilt)))}

        assert answered <= {order.order_id() for order in orders}
