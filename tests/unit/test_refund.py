"""Giving back: who may, how much, how long, and the points that it comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.points.orders import PaymentOrder
from tests.support.points import signer_of
from tests.support.points_bank import CheckedBank
from tests.support.points_model import receipt_leaf
from tests.support.points_values import Mark, Reason
from tests.support.refusals import refuses


@pytest.fixture
def paid(bank: CheckedBank) -> PaymentOrder:
    """An order of 600 points that paid 402."""
    bank.give("ann", 600)
    return bank.pay(points=600)


def test_refund_givesEverythingBack(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.refund(paid, 402)

    assert bank.model.totals.restored == 600


@pytest.mark.parametrize(
    "parts", [(1, 401), (401, 1), (200, 1, 1, 200), (134,) * 3, (40,) * 10 + (2,)]
)
def test_refund_givesAllPointsBackWhateverTheParts(
    bank: CheckedBank, paid: PaymentOrder, parts: tuple[int, ...]
) -> None:
    for part in parts:
        bank.refund(paid, part)

    assert bank.model.totals.restored == 600


def test_refund_roundsTheRunningSumDown(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.refund(paid, 1)
    assert bank.model.totals.restored == 1  # 600/402 = 1.49
    bank.refund(paid, 1)
    assert bank.model.totals.restored == 2  # 2.99
    bank.refund(paid, 1)
    assert bank.model.totals.restored == 4  # 4.48


def test_refund_restoresNothingIfAPointIsWorthMore(bank: CheckedBank) -> None:
    bank.publish(points=1, minor_units=100, minimum=1, increment=1)
    bank.give("ann", 2)
    order = bank.pay(points=2)

    bank.refund(order, 99)
    assert bank.model.totals.restored == 0
    bank.refund(order, 101)
    assert bank.model.totals.restored == 2


@pytest.mark.parametrize(
    ("before", "asked"), [(0, 0), (0, 403), (0, 2**40 - 1), (402, 1), (400, 3)]
)
def test_refund_refusesIfMoreThanIsLeft(
    bank: CheckedBank, paid: PaymentOrder, before: int, asked: int
) -> None:
    if before:
        bank.refund(paid, before)

    with refuses("RefundExceedsOrder", orderId=paid.order_id(), asked=asked, left=402 - before):
        bank.refund(paid, asked)


def test_refund_leavesTheMark(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.refund(paid, 402)

    bank.finalize(paid.sequence)


def test_refund_worksIfFinalized(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.finalize(paid.sequence)

    bank.refund(paid, 402)


def test_refund_worksIfPausedDisabledAndFrozen(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.pause()
    bank.enable(bank.till.address, False)
    bank.freeze("ann")

    bank.refund(paid, 100)
    bank.cancel(paid)


def test_refund_worksIfTheBankGivesIt(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.refund(paid, 402, by=bank.operator)


def test_refund_refusesIfSomebodyElseTries(bank: CheckedBank, paid: PaymentOrder) -> None:
    other = bank.new_till("till 2")
    stranger = signer_of(bank.chain, "stranger")
    settled = bank.model.paid[paid.order_id()]

    for caller in (other, stranger, bank.admin):
        values = {"terminal": bank.till.address, "caller": caller.address}
        with refuses("NotTerminalNorBank", **values):
            bank.contract.send(caller, "refund", settled.receipt, settled.proof, 1)
        with refuses("NotTerminalNorBank", **values):
            bank.contract.send(caller, "cancel", settled.receipt, settled.proof)
    bank.check()


# ---------------------------------------------------------------------------------- in time


def test_refund_worksOnTheLastSecond(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.later(days=180)

    bank.refund(paid, 1)


def test_refund_refusesIfLater(bank: CheckedBank, paid: PaymentOrder) -> None:
    until = bank.now + 180 * 86_400
    bank.at(until + 1)

    with refuses("RefundTooLate", orderId=paid.order_id(), until=until):
        bank.refund(paid, 1)
    with refuses("RefundTooLate", orderId=paid.order_id(), until=until):
        bank.cancel(paid)


def test_refund_goesByTheRulesOfTheOrder(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.publish(refund_days=1, minor_units=1)
    bank.later(days=180)

    bank.refund(paid, 402)

    assert bank.model.totals.restored == 600


# ------------------------------------------------------------------------------- the receipt

FORGERIES: list[dict[str, object]] = [
    {"order_id": b"\1" * 32},
    {"account": b"\1" * 32},
    {"sequence": 99},
    {"rules": 2},
    {"points": 601},
    {"cash": 403},
    {"drawn": 1},
    {"first_period": 0},
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: str(*forgery))
def test_refund_refusesIfReceiptIsForged(
    bank: CheckedBank, paid: PaymentOrder, forgery: dict[str, object]
) -> None:
    bank.publish()
    forged = bank.receipt(paid)._replace(**forgery)  # type: ignore[arg-type]

    with refuses("ReceiptUnknown", orderId=forged.order_id):
        bank.refund(paid, 1, receipt=forged)
    with refuses("ReceiptUnknown", orderId=forged.order_id):
        bank.cancel(paid, receipt=forged)


def test_refund_refusesIfReceiptNamesAnotherTerminal(bank: CheckedBank, paid: PaymentOrder) -> None:
    other = bank.new_till("till 2")
    forged = bank.receipt(paid)._replace(terminal=other.address)

    with refuses("ReceiptUnknown", orderId=forged.order_id):
        bank.refund(paid, 1, receipt=forged, by=other)


def test_refund_refusesIfProofIsAnothers(bank: CheckedBank) -> None:
    bank.give("ann", 5000)
    orders = [bank.order() for _ in range(4)]
    bank.settle(*orders)
    first, second, third, _ = (bank.model.paid[order.order_id()] for order in orders)

    for proof in ([], first.proof[:1], third.proof, [*first.proof, b"\0" * 32]):
        with refuses("ReceiptUnknown", orderId=first.receipt.order_id):
            bank.contract.send(bank.till, "refund", first.receipt, proof, 1)
    assert first.proof[0] == receipt_leaf(second.receipt)
    bank.check()


def test_refund_refusesIfOrderWasNeverPaid(bank: CheckedBank, paid: PaymentOrder) -> None:
    rejected = bank.order("zoe")
    assert bank.settle(rejected) == [Reason.INSUFFICIENT_POINTS]
    receipt = bank.receipt(paid)._replace(
        order_id=rejected.order_id(), account=rejected.account, sequence=rejected.sequence
    )

    with refuses("ReceiptUnknown", orderId=rejected.order_id()):
        bank.refund(paid, 1, receipt=receipt)


# ------------------------------------------------------------------------------------ cancel


def test_cancel_givesEverythingBack(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.cancel(paid)

    assert bank.model.totals.restored == 600
    assert bank.contract.call("markOf", paid.terminal, paid.sequence) == Mark.FINALIZED


def test_cancel_worksIfTheBankDoesIt(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.cancel(paid, by=bank.operator)


@pytest.mark.parametrize("part", [1, 200, 402])
def test_cancel_givesTheRestBack(bank: CheckedBank, paid: PaymentOrder, part: int) -> None:
    bank.refund(paid, part)

    bank.cancel(paid)

    assert bank.model.totals.restored == 600


def test_cancel_worksLateIfNothingIsLeft(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.refund(paid, 402)
    bank.later(days=181)

    bank.cancel(paid)


@pytest.mark.parametrize("ended", ["cancel", "finalize"])
def test_cancel_refusesIfFinalized(bank: CheckedBank, paid: PaymentOrder, ended: str) -> None:
    bank.cancel(paid) if ended == "cancel" else bank.finalize(paid.sequence)

    with refuses("NotPaid", terminal=paid.terminal, sequence=paid.sequence, mark=Mark.FINALIZED):
        bank.cancel(paid)


def test_refund_refusesIfCancelled(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.cancel(paid)

    with refuses("RefundExceedsOrder", orderId=paid.order_id(), asked=1, left=0):
        bank.refund(paid, 1)


def test_settle_takesNoCancelledOrderAgain(bank: CheckedBank, paid: PaymentOrder) -> None:
    bank.cancel(paid)

    assert bank.settle(paid, replace(paid, points=500)) == [Reason.REPLAYED] * 2
