"""Orders that nobody answers for are skipped and use nothing up; a sequence is used once.

That a skipped order changes nothing at all, ``settle`` compares each time.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.points.orders import OrderLine
from tests.support.points import signer_of
from tests.support.points_bank import HAMPER, HAMPER_CAP, CheckedBank
from tests.support.points_values import Mark, Reason


@pytest.fixture(autouse=True)
def rich(bank: CheckedBank) -> None:
    """Ann has more than any limit lets her spend."""
    bank.give("ann", 100_000)


@pytest.mark.parametrize(
    ("lines", "answer"),
    [(0, Reason.BAD_ROW), (33, Reason.BAD_ROW), (32, Reason.PAID), (1, Reason.PAID)],
)
def test_settle_boundsLines(bank: CheckedBank, lines: int, answer: Reason) -> None:
    free = OrderLine(HAMPER, 1, HAMPER_CAP, 0)
    order = bank.order()
    many = (order.lines + (free,) * 31 + (free,))[:lines]

    assert bank.settle(replace(order, lines=many)) == [answer]


def test_settle_skipsIfOrderIsHuge(bank: CheckedBank) -> None:
    order = bank.order()

    assert bank.settle(replace(order, lines=order.lines * 1000)) == [Reason.BAD_ROW]


def test_settle_skipsIfTerminalUnknown(bank: CheckedBank) -> None:
    stranger = signer_of(bank.chain, "stranger")
    order = replace(bank.order(), terminal=stranger.address)

    assert bank.settle(bank.sign(order, stranger)) == [Reason.UNKNOWN_TERMINAL]


def test_settle_skipsIfTerminalDisabled(bank: CheckedBank) -> None:
    bank.enable(bank.till.address, False)

    assert bank.settle(bank.order()) == [Reason.UNKNOWN_TERMINAL]


def test_settle_paysIfTerminalEnabledAgain(bank: CheckedBank) -> None:
    bank.enable(bank.till.address, False)
    bank.enable(bank.till.address, True)

    assert bank.settle(bank.order()) == [Reason.PAID]


@pytest.mark.parametrize("first", [500, 400])
def test_settle_skipsIfSequenceUsed(bank: CheckedBank, first: int) -> None:
    used = bank.order(points=first)
    bank.settle(used)

    other = replace(bank.order(points=600), sequence=used.sequence)

    assert bank.settle(used, other) == [Reason.REPLAYED] * 2


def test_settle_skipsIfOrderFinalized(bank: CheckedBank) -> None:
    order = bank.pay()
    bank.finalize(order.sequence)

    assert bank.settle(order) == [Reason.REPLAYED]


def test_settle_neverPaysARejectedOrder(bank: CheckedBank) -> None:
    order = bank.order("ben", 500)
    assert bank.settle(order) == [Reason.INSUFFICIENT_POINTS]
    bank.give("ben", 500)

    assert bank.settle(order) == [Reason.REPLAYED]


def test_settle_paysASkippedOrderOnceAnswerable(bank: CheckedBank) -> None:
    order = bank.order()
    bank.enable(bank.till.address, False)
    bank.settle(order)
    bank.enable(bank.till.address, True)

    assert bank.settle(order) == [Reason.PAID]


@pytest.mark.parametrize("sequence", [0, 127, 128, 2**63, 2**64 - 1])
def test_settle_takesAnySequence(bank: CheckedBank, sequence: int) -> None:
    order = replace(bank.order(), sequence=sequence)

    assert bank.settle(order, order) == [Reason.PAID, Reason.REPLAYED]

    for neighbour in {max(sequence - 1, 0), min(sequence + 1, 2**64 - 1)} - {sequence}:
        assert bank.contract.call("markOf", order.terminal, neighbour) == Mark.UNUSED
