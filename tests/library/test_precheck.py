"""What the rules say to an order beforehand: each limit from both sides, in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from counterfoil.points.arithmetic import Rate
from counterfoil.points.orders import OrderLine, PaymentOrder
from counterfoil.points.precheck import refusal
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import LAPSE, Rules

NOW = 1_800_000_000
CAPS = (300, 4500, 0)
RULES = Rules(Rate(100, 67), 500, 100, 200_00, 500_00, 20_000_00, 3600, 180, LAPSE)
HAMPER = OrderLine(item=2, quantity=2, price=5000, cash=335)
ORDER = PaymentOrder(
    account=bytes(32),
    terminal="0x95B08567Fe848e74B810fB71f70ce9b9a7b04588",
    sequence=0,
    rules=1,
    points=500,
    deadline=NOW,
    lines=(HAMPER,),
)


def judged(rules: Rules | None = RULES, **changes: Any) -> Reason:
    return refusal(replace(ORDER, **changes), rules, CAPS, NOW)


def hampers(points: int, **changes: int) -> dict[str, Any]:
    """Changes that make it an order of so many points, its cash on one line of hampers."""
    line = replace(HAMPER, quantity=9, cash=RULES.rate.cash_for(points))
    return {"points": points, "lines": (replace(line, **changes),)}


def test_refusal_isNoneForAGoodOrder() -> None:
    assert judged() is Reason.NONE


def test_refusal_isExpiredAfterTheDeadline() -> None:
    assert judged(deadline=NOW) is Reason.NONE
    assert judged(deadline=NOW - 1) is Reason.EXPIRED


def test_refusal_isRulesVersionIfTheyAreNotLive() -> None:
    assert judged(rules=None) is Reason.RULES_VERSION


@pytest.mark.parametrize(
    ("item", "reason"),
    [(0, Reason.UNKNOWN_ITEM), (1, Reason.NONE), (2, Reason.NONE), (4, Reason.UNKNOWN_ITEM)],
)
def test_refusal_isUnknownItemOutsideTheCatalogue(item: int, reason: Reason) -> None:
    assert judged(lines=(replace(HAMPER, item=item),)) is reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (OrderLine(item=1, quantity=2, price=500, cash=335), Reason.NONE),
        (OrderLine(item=1, quantity=1, price=500, cash=335), Reason.ITEM_CAP),
        (OrderLine(item=2, quantity=1, price=335, cash=335), Reason.NONE),
        (OrderLine(item=2, quantity=1, price=334, cash=335), Reason.ITEM_CAP),
        (OrderLine(item=3, quantity=9, price=500, cash=335), Reason.ITEM_CAP),
        (OrderLine(item=2, quantity=0, price=500, cash=335), Reason.ITEM_CAP),
    ],
)
def test_refusal_isItemCapAboveWhatALineMayPay(line: OrderLine, reason: Reason) -> None:
    assert judged(lines=(line,)) is reason


def test_refusal_isPointsMinimumBelowIt() -> None:
    assert judged(**hampers(500)) is Reason.NONE
    assert judged(**hampers(499)) is Reason.POINTS_MINIMUM


def test_refusal_isPointsIncrementBetweenMultiples() -> None:
    assert judged(**hampers(600)) is Reason.NONE
    assert judged(**hampers(601)) is Reason.POINTS_INCREMENT


@pytest.mark.parametrize("off", [-1, 1])
def test_refusal_isCashMismatchIfTheLinesDoNotAddUp(off: int) -> None:
    assert judged(**hampers(500, cash=335 + off)) is Reason.CASH_MISMATCH


def test_refusal_isOrderCapAboveIt() -> None:
    exactly = replace(RULES, max_order=335)

    assert judged(exactly) is Reason.NONE
    assert judged(replace(RULES, max_order=334)) is Reason.ORDER_CAP


def test_refusal_looksAtAllLinesBeforeTheNextCheck() -> None:
    over = OrderLine(item=1, quantity=1, price=500, cash=335)
    unknown = OrderLine(item=9, quantity=1, price=500, cash=0)

    assert judged(lines=(over, unknown)) is Reason.UNKNOWN_ITEM
    assert judged(lines=(unknown, over)) is Reason.UNKNOWN_ITEM


def test_refusal_givesTheFirstOfSeveralReasons() -> None:
    """All is wrong with the order; mended one by one, in the published order."""
    rules = replace(RULES, max_order=1)
    steps: list[tuple[Reason, Rules | None, dict[str, Any]]] = [
        (Reason.RULES_VERSION, None, {"deadline": NOW}),
        (Reason.UNKNOWN_ITEM, rules, {}),
        (Reason.ITEM_CAP, rules, {"lines": (replace(HAMPER, cash=9001),)}),
        (Reason.POINTS_MINIMUM, rules, {"lines": (replace(HAMPER, cash=9000),)}),
        (Reason.POINTS_INCREMENT, rules, {"points": 501}),
        (Reason.CASH_MISMATCH, rules, {"points": 500}),
        (Reason.ORDER_CAP, rules, {"lines": (HAMPER,)}),
        (Reason.NONE, RULES, {}),
    ]
    wrong = (replace(HAMPER, item=0, cash=9001),)
    order = replace(ORDER, deadline=NOW - 1, points=1, lines=wrong)
    assert refusal(order, None, CAPS, NOW) is Reason.EXPIRED
    for reason, live, mended in steps:
        order = replace(order, **mended)
        assert refusal(order, live, CAPS, NOW) is reason
