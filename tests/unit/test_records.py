"""Records 1 and 3: the terminal's word before and after the bank's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.points.orders import PaymentOrder
from tests.support.points_bank import CheckedBank
from tests.support.points_values import Mark, Reason
from tests.support.refusals import refuses
from tests.support.wallet_till import Wallet


@pytest.fixture(autouse=True)
def rich(bank: CheckedBank) -> None:
    """Ann has points enough."""
    bank.give("ann", 50_000)


def paid_at(bank: CheckedBank, *sequences: int) -> list[PaymentOrder]:
    """Paid orders with these sequences."""
    orders = [replace(bank.order(), sequence=sequence) for sequence in sequences]
    assert bank.settle(*orders) == [Reason.PAID] * len(orders)
    return orders


@pytest.mark.parametrize("count", [1, 100])
def test_recordOrders_leavesTheIds(bank: CheckedBank, count: int) -> None:
    bank.record(bank.till.address, [bytes((n,)) * 32 for n in range(count)])


def test_recordOrders_refusesIfNoneIsNamed(bank: CheckedBank) -> None:
    with refuses("EmptyBatch"):
        bank.contract.send(bank.till, "recordOrders", bank.till.address, [])


def test_recordOrders_refusesIfSomebodyElse(bank: CheckedBank) -> None:
    with refuses("NotTheTerminal", terminal=bank.till.address, caller=bank.operator.address):
        bank.contract.send(bank.operator, "recordOrders", bank.till.address, [b"\1" * 32])


def test_recordOrders_refusesIfTerminalUnknown(bank: CheckedBank) -> None:
    with refuses("NotTheTerminal", terminal=bank.admin.address, caller=bank.admin.address):
        bank.contract.send(bank.admin, "recordOrders", bank.admin.address, [b"\1" * 32])


def test_recordOrders_worksIfDisabledAndPaused(bank: CheckedBank) -> None:
    bank.enable(bank.till.address, False)
    bank.pause()

    bank.record(bank.till.address, [b"\1" * 32])


def test_finalize_marksPaidOrders(bank: CheckedBank) -> None:
    paid_at(bank, 0, 1, 2)

    bank.finalize(0, 0b101)

    marks = [bank.contract.call("markOf", bank.till.address, n) for n in range(4)]
    assert marks == [Mark.FINALIZED, Mark.PAID, Mark.FINALIZED, Mark.UNUSED]


@pytest.mark.parametrize("first", [0, 63, 100, 127, 128, 2**64 - 256])
def test_finalize_marksAcrossWords(bank: CheckedBank, first: int) -> None:
    sequences = [first, first + 64, first + 65, first + 255]
    paid_at(bank, *sequences)

    bank.finalize(first, sum(1 << (sequence - first) for sequence in sequences))


def test_finalize_marksTheLastSequenceOfAll(bank: CheckedBank) -> None:
    paid_at(bank, 2**64 - 1)

    bank.finalize(2**64 - 1, 1)


def test_finalize_refusesBeyondTheLastSequence(bank: CheckedBank) -> None:
    paid_at(bank, 2**64 - 1)

    with refuses("NotPaid", terminal=bank.till.address, sequence=0, mark=Mark.UNUSED):
        bank.contract.send(bank.till, "finalize", bank.till.address, 2**64 - 1, 0b11)
    bank.check_mark(bank.till.address, 2**64 - 1)


def test_finalize_marksAHundredAtOnce(bank: CheckedBank) -> None:
    paid_at(bank, *range(100))

    bank.finalize(0, 2**100 - 1)


def test_finalize_refusesIfNoneIsNamed(bank: CheckedBank) -> None:
    paid_at(bank, 5)

    with refuses("EmptyBatch"):
        bank.finalize(5, 0)


def test_finalize_refusesIfUnused(bank: CheckedBank) -> None:
    with refuses("NotPaid", terminal=bank.till.address, sequence=7, mark=Mark.UNUSED):
        bank.finalize(7)


def test_finalize_refusesIfRejected(bank: CheckedBank) -> None:
    order = bank.order("zoe")
    bank.settle(order)

    with refuses(
        "NotPaid", terminal=bank.till.address, sequence=order.sequence, mark=Mark.REJECTED
    ):
        bank.finalize(order.sequence)


def test_finalize_refusesIfFinalized(bank: CheckedBank) -> None:
    paid_at(bank, 3)
    bank.finalize(3)

    with refuses("NotPaid", terminal=bank.till.address, sequence=3, mark=Mark.FINALIZED):
        bank.finalize(3)


def test_finalize_refusesIfCancelled(bank: CheckedBank) -> None:
    (order,) = paid_at(bank, 3)
    bank.cancel(order)

    with refuses("NotPaid", terminal=bank.till.address, sequence=3, mark=Mark.FINALIZED):
        bank.finalize(3)


def test_finalize_marksNoneIfOneIsNotPaid(bank: CheckedBank) -> None:
    paid_at(bank, 0, 2)

    with refuses("NotPaid", terminal=bank.till.address, sequence=1, mark=Mark.UNUSED):
        bank.finalize(0, 0b111)


def test_finalize_refusesIfTheBankTries(bank: CheckedBank) -> None:
    paid_at(bank, 0)

    with refuses("NotTheTerminal", terminal=bank.till.address, caller=bank.operator.address):
        bank.contract.send(bank.operator, "finalize", bank.till.address, 0, 1)
    bank.check_mark(bank.till.address, 0)


def test_finalize_refusesIfAnotherTerminalTries(bank: CheckedBank) -> None:
    paid_at(bank, 0)
    other = bank.new_till("till 2")

    with refuses("NotTheTerminal", terminal=bank.till.address, caller=other.address):
        bank.contract.send(other, "finalize", bank.till.address, 0, 1)
    bank.check_mark(bank.till.address, 0)


def test_finalize_worksIfDisabledAndPaused(bank: CheckedBank) -> None:
    paid_at(bank, 0)
    bank.enable(bank.till.address, False)
    bank.pause()

    bank.finalize(0)


def test_wallet_leavesAllThreeRecords(bank: CheckedBank) -> None:
    wallet = Wallet.registered(bank)
    order = wallet.order()

    wallet.execute("recordOrders", wallet.address, [order.order_id()])
    bank.settle(wallet.sign(order))
    wallet.execute("finalize", wallet.address, order.sequence, 1)

    assert bank.contract.call("markOf", wallet.address, order.sequence) == Mark.FINALIZED
    assert len(bank.contract.events("OrdersRecorded", terminal=wallet.address)) == 1
