"""What shares a storage slot stays apart: strips of a roll, takings and marks, caps of six items.

That takings, marks and everything else are what the model says, ``settle`` compares each time.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import pytest

from counterfoil.points.orders import OrderLine, PaymentOrder
from tests.support.points_bank import CheckedBank
from tests.support.points_values import Reason

CASH = 335  # of an order of 500 points


@pytest.fixture(autouse=True)
def rich(bank: CheckedBank) -> None:
    """Ann has more than any limit lets her spend."""
    bank.give("ann", 100_000)


def orders_at(bank: CheckedBank, *sequences: int, till: str | None = None) -> list[PaymentOrder]:
    return [replace(bank.order(till=till), sequence=sequence) for sequence in sequences]


@pytest.mark.parametrize("together", [True, False])
def test_settle_sumsTakingsOverStrips(bank: CheckedBank, together: bool) -> None:
    bank.publish(max_terminal_day=4 * CASH)
    orders = orders_at(bank, 0, 100, 99, 2**64 - 1, 1)

    if together:
        answers = bank.settle(*orders)
    else:
        answers = [answer for order in orders for answer in bank.settle(order)]

    assert answers == [Reason.PAID] * 4 + [Reason.TERMINAL_DAY_CAP]


def test_settle_sumsTakingsIfTerminalsTakeTurns(bank: CheckedBank) -> None:
    bank.publish(max_terminal_day=2 * CASH)
    other = bank.new_till("till 2")
    tills = cycle([bank.till.address, other.address])
    orders = [replace(bank.order(till=next(tills)), sequence=90 + 3 * i) for i in range(6)]

    assert bank.settle(*orders) == [Reason.PAID] * 4 + [Reason.TERMINAL_DAY_CAP] * 2


def test_settle_keepsTakingsIfAnotherStripHasARejection(bank: CheckedBank) -> None:
    bank.publish(max_terminal_day=CASH)
    bank.settle(*orders_at(bank, 7))
    bank.settle(replace(bank.order(points=400), sequence=307))

    assert bank.settle(*orders_at(bank, 8)) == [Reason.TERMINAL_DAY_CAP]


def test_settle_forgetsTakingsOfEveryStripNextDay(bank: CheckedBank) -> None:
    bank.publish(max_terminal_day=2 * CASH)
    bank.settle(*orders_at(bank, 1, 101))
    bank.later(days=1)

    answers = bank.settle(*orders_at(bank, 2, 102, 3))

    assert answers == [Reason.PAID, Reason.PAID, Reason.TERMINAL_DAY_CAP]


def test_settle_marksNeighboursOfAllKinds(bank: CheckedBank) -> None:
    paid, rejected = orders_at(bank, 99, 199), orders_at(bank, 100, 0)
    rejected = [replace(order, points=400) for order in rejected]

    bank.settle(paid[0], rejected[0], paid[1], rejected[1])
    bank.finalize(99)

    assert bank.settle(*paid, *rejected) == [Reason.REPLAYED] * 4
    assert bank.settle(*orders_at(bank, 98, 101, 1, 198, 200)) == [Reason.PAID] * 5


def test_finalize_marksOverAStripWithNone(bank: CheckedBank) -> None:
    bank.settle(*orders_at(bank, 60, 310))

    bank.finalize(60, 1 | 1 << 250)


@pytest.mark.parametrize("terminal", ["0x" + "00" * 20, "0x" + "00" * 19 + "01"])
@pytest.mark.parametrize("sequence", [0, 100])
def test_settle_skipsIfNobodysOrderIsFirst(bank: CheckedBank, terminal: str, sequence: int) -> None:
    order = replace(bank.order(), terminal=terminal, sequence=sequence)

    assert bank.settle(order, bank.order()) == [Reason.UNKNOWN_TERMINAL, Reason.PAID]


@pytest.mark.parametrize("first", [6, 7, 8])
def test_settle_findsEachCap(bank: CheckedBank, first: int) -> None:
    caps = [0, 2**40 - 1, 1, 100, 0, 2**40 - 1, 336, 334, 335, 0, 335, 2**40 - 1, 335]
    names = [f"item {number}" for number in range(len(caps))]
    bank.list_items(caps[:first], names[:first])
    bank.list_items(caps[first:], names[first:], catalogue=2)
    bank.check_rulebook()
    bank.assign(bank.till.address, 2)

    for item, cap in enumerate([*caps, None], start=1):
        answer = Reason.UNKNOWN_ITEM if cap is None else Reason.ITEM_CAP
        order = replace(bank.order(), lines=(OrderLine(item, 1, 2**40 - 1, CASH),))
        assert bank.settle(order) == [Reason.PAID if (cap or 0) >= CASH else answer]
        bank.later(days=1)


def test_settle_readsCapsOfEachLinesOwnSlot(bank: CheckedBank) -> None:
    bank.list_items([50] * 20, [f"item {number}" for number in range(20)])
    bank.assign(bank.till.address, 2)
    lines = tuple(OrderLine(item, 1, 50, 50) for item in (1, 6, 20, 2, 12, 5))
    lines += (OrderLine(11, 1, 50, CASH - 300),)

    orders = [replace(bank.order(), lines=lines), replace(bank.order(), lines=lines[::-1])]

    assert bank.settle(*orders) == [Reason.PAID] * 2


def test_settle_judgesEachOrderByItsOwnRules(bank: CheckedBank) -> None:
    old = bank.order()
    bank.publish(minimum=600)
    new, none = bank.order(), replace(bank.order(), rules=0)

    assert bank.settle(none, old, new, none, replace(old, sequence=50)) == [
        Reason.RULES_VERSION,
        Reason.PAID,
        Reason.POINTS_MINIMUM,
        Reason.REPLAYED,
        Reason.PAID,
    ]
