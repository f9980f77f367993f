"""What allows no more than points can pay of a basket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.points.arithmetic import Rate
from counterfoil.points.quoting import Limits, payable
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import LAPSE, Rules

RULES = Rules(
    rate=Rate(100, 67),
    minimum_points=500,
    increment=100,
    max_order=20_000,
    max_account_day=50_000,
    max_terminal_day=2_000_000,
    sunset_seconds=3600,
    refund_days=180,
    grace_days=LAPSE,
)
PLENTY = Limits(points=1_000_000, account_left=30_000, terminal_left=40_000, frozen=False)


@pytest.mark.parametrize(
    ("cap", "changed", "limit"),
    [
        (19_999, {}, Reason.ITEM_CAP),
        (20_001, {}, Reason.ORDER_CAP),
        (20_001, {"account_left": 19_999}, Reason.ACCOUNT_DAY_CAP),
        (20_001, {"terminal_left": 19_999}, Reason.TERMINAL_DAY_CAP),
        (20_001, {"points": 29_800}, Reason.INSUFFICIENT_POINTS),
        (20_000, {}, Reason.ITEM_CAP),  # of two that allow the same, the one checked first
    ],
)
def test_payable_namesTheLimitThatAllowsNoMore(
    cap: int, changed: dict[str, int], limit: Reason
) -> None:
    assert payable(cap, RULES, replace(PLENTY, **changed)).limit == limit


@pytest.mark.parametrize(
    ("changed", "limit"),
    [({"frozen": True}, Reason.FROZEN), ({"points": 499}, Reason.INSUFFICIENT_POINTS)],
)
def test_payable_namesWhatAllowsNothing(changed: dict[str, int], limit: Reason) -> None:
    found = payable(20_000, RULES, replace(PLENTY, **changed))

    assert (found.points, found.reason, found.limit) == (0, limit, limit)
