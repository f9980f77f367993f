"""Batches as no honest encoder writes them: dirty bits, tails that overlap, lie or end early.

Whatever a batch looks like, an order has the one id of its fields, and nobody's order does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from web3 import Web3

from counterfoil.model import Event, Mined
from counterfoil.points.orders import OrderLine, PaymentOrder
from tests.support.anvil import receipt_of
from tests.support.points_bank import HAMPER, HAMPER_CAP, CheckedBank
from tests.support.points_model import Placed
from tests.support.points_values import Mark, Reason

SETTLE = Web3.keccak(text="settle((bytes32,uint256,uint256,uint128[],bytes)[])")[:4]
WORD = 32
HUGE = 2**256 - 1


def word(value: int) -> bytes:
    return value.to_bytes(WORD, "big")


class Batch:
    """Calldata of ``settle``, word by word, for tests to spoil. All offsets count from the tuple's
    own start, as the ABI says."""

    def __init__(self, *placed: Placed) -> None:
        tuples = [self._tuple(one) for one in placed]
        starts = [WORD * len(tuples)]
        for made in tuples[:-1]:
            starts.append(starts[-1] + len(made))
        heads = b"".join(map(word, starts))
        self.data = bytearray(SETTLE + word(WORD) + word(len(tuples)) + heads + b"".join(tuples))
        self.first = 4 + 2 * WORD + starts[0]  # where the first order's tuple stands

    @staticmethod
    def _tuple(placed: Placed) -> bytes:
        account, head, terms, lines = placed.order.as_tuple()
        body = word(len(lines)) + b"".join(map(word, lines))
        tail = word(len(placed.signature)) + placed.signature
        offsets = word(5 * WORD) + word(5 * WORD + len(body))
        return account + word(head) + word(terms) + offsets + body + tail

    def put(self, place: int, value: int) -> Batch:
        """Write a word of the first order's tuple; 3 and 4 are offsets, 5 counts its lines."""
        start = self.first + WORD * place
        self.data[start : start + WORD] = word(value)
        return self

    def mix(self, place: int, value: int) -> Batch:
        """Set bits of such a word."""
        start = self.first + WORD * place
        return self.put(place, int.from_bytes(self.data[start : start + WORD], "big") | value)


@pytest.fixture(autouse=True)
def rich(bank: CheckedBank) -> None:
    """Ann has points enough."""
    bank.give("ann", 50_000)


@pytest.fixture
def send(bank: CheckedBank) -> Callable[[bytes], Mined | None]:
    """Send these bytes to the ledger; None if it reverts."""
    bank.chain.request("anvil_impersonateAccount", bank.operator.address)
    parties = {"from": bank.operator.address, "to": bank.contract.address, "gas": hex(5_000_000)}

    def sent(data: bytes) -> Mined | None:
        call = bank.chain.request("eth_sendTransaction", parties | {"data": "0x" + data.hex()})
        receipt = receipt_of(bank.chain, call)
        return bank.contract.mined(receipt) if int(receipt["status"], 16) else None

    return sent


def ids(mined: Mined | None, event: str) -> list[bytes]:
    assert mined is not None
    return [told.arguments["orderId"] for told in mined.of(event)]


def answers(mined: Mined | None) -> list[Event]:
    """Every final answer of a call; none if it reverted."""
    return mined.of("OrderPaid") + mined.of("OrderRejected") if mined else []


def test_batch_isWhatAnEncoderWrites(
    bank: CheckedBank, send: Callable[[bytes], Mined | None]
) -> None:
    orders = [bank.order(), bank.order()]

    mined = send(bytes(Batch(*map(bank.sign, orders)).data))

    assert ids(mined, "OrderPaid") == [order.order_id() for order in orders]


@pytest.mark.parametrize(("place", "bit"), [(2, 72), (2, 255), (6, 128), (6, 255)])
def test_settle_readsNoBitBeyondAField(
    bank: CheckedBank, send: Callable[[bytes], Mined | None], place: int, bit: int
) -> None:
    """Dirty bits make no second order of one: same id, same verdict, same sequence used."""
    order = bank.order()
    dirty = Batch(bank.sign(order)).mix(place, 1 << bit)

    assert ids(send(bytes(dirty.data)), "OrderPaid") == [order.order_id()]
    assert ids(send(bytes(dirty.data)), "OrderSkipped") == [order.order_id()]
    assert ids(send(bytes(Batch(bank.sign(order)).data)), "OrderSkipped") == [order.order_id()]


@pytest.mark.parametrize(("place", "bit"), [(1, 0), (1, 32), (1, 96), (2, 0), (2, 40), (6, 0)])
@pytest.mark.parametrize("step", [-1, 0])
def test_settle_readsEveryBitOfAField(
    bank: CheckedBank, send: Callable[[bytes], Mined | None], place: int, bit: int, step: int
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


def test_settle_paysEachOfTwoOrdersThatShareTheirLines(
    bank: CheckedBank, send: Callable[[bytes], Mined | None]
) -> None:
    orders = [bank.order(), bank.order()]
    shared = Batch(*map(bank.sign, orders))
    gap = len(shared.data) - shared.first
    shared.put(3, gap // 2 + 5 * WORD)  # the first order's lines are the second's

    assert ids(send(bytes(shared.data)), "OrderPaid") == [order.order_id() for order in orders]


@pytest.mark.parametrize("place", [3, 4])
@pytest.mark.parametrize("offset", [HUGE, 2**255, 2**64, 2**63, 10_000])
def test_settle_takesNothingFromBeyondTheBatch(
    bank: CheckedBank, send: Callable[[bytes], Mined | None], place: int, offset: int
) -> None:
    order = bank.order()

    mined = send(bytes(Batch(bank.sign(order)).put(place, offset).data))

    assert not answers(mined)
    bank.check()
    assert bank.settle(order) == [Reason.PAID]


@pytest.mark.parametrize("offset", [HUGE, HUGE - 3, 2**256 - WORD, 2**255, 2**64, 10_000])
def test_settle_takesNothingIfAnOrdersOffsetLies(
    bank: CheckedBank, send: Callable[[bytes], Mined | None], offset: int
) -> None:
    order = bank.order()
    spoilt = Batch(bank.sign(order))
    spoilt.first = 4 + 2 * WORD

    mined = send(bytes(spoilt.put(0, offset).data))

    assert not answers(mined)
    bank.check()


@pytest.mark.parametrize("count", [2**64, 2**64 - 1, HUGE, 1000, 3])
def test_settle_revertsIfABatchSaysItIsLonger(
    bank: CheckedBank, send: Callable[[bytes], Mined | None], count: int
) -> None:
    spoilt = Batch(bank.sign(bank.order()))
    spoilt.first = 4 + WORD

    assert send(bytes(spoilt.put(0, count).data)) is None


@pytest.mark.parametrize("count", [2**64, 2**64 - 1, HUGE, 33, 5])
def test_settle_revertsIfLinesSayTheyAreMore(
    bank: CheckedBank, send: Callable[[bytes], Mined | None], count: int
) -> None:
    order = bank.order()

    assert send(bytes(Batch(bank.sign(order)).put(5, count).data)) is None
    assert bank.settle(order) == [Reason.PAID]


def test_settle_revertsHoweverFarTheBatchIsCutOff(
    bank: CheckedBank, send: Callable[[bytes], Mined | None]
) -> None:
    order = bank.order()
    whole = bytes(Batch(bank.sign(order)).data)

    cut = [send(whole[:length]) for length in range(4, len(whole), 7)]
    assert cut == [None] * len(cut)
    assert bank.settle(order) == [Reason.PAID]


def many_lines(order: PaymentOrder, count: int) -> PaymentOrder:
    """An order with so many lines that pay nothing, and the one that pays."""
    free = OrderLine(HAMPER, 1, HAMPER_CAP, 0)
    return replace(order, lines=(free,) * (count - 1) + order.lines)


def test_settle_skipsIfLinesReachIntoTheSignature(
    bank: CheckedBank, send: Callable[[bytes], Mined | None]
) -> None:
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
