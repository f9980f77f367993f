"""What points can pay for, found by trying every order."""

from __future__ import annotations

from typing import NamedTuple

from tests.support.points_model import Model
from tests.support.points_values import MAX_POINTS, Account, Reason, Rules

DAY = 86_400


class Offer(NamedTuple):
    """IPointsTypes.Offer."""

    item: int
    points: int
    cash: int
    reason: int


def largest(rules: Rules, cash: int, points: int = MAX_POINTS) -> int:
    """Points of the order, up to ``points``, that pays most of ``cash``; 0 if none can."""
    best = 0
    for order in range(rules.smallest, points + 1, rules.increment):
        if rules.cash(order) > cash:
            break
        if not best or rules.cash(order) > rules.cash(best):
            best = order
    return best


def offered(model: Model, now: int, account: bytes, terminal: str) -> list[Offer]:
    """One offer for each item of the terminal's catalogue, under the live rules."""
    till, rules, today = model.tills[terminal], model.rules[-1], now // DAY
    customer = model.accounts.get(account, Account())
    limits = {
        Reason.ORDER_CAP: rules.max_order,
        Reason.ACCOUNT_DAY_CAP: rules.max_account_day - customer.spent.get(today, 0),
        Reason.TERMINAL_DAY_CAP: rules.max_terminal_day - till.takings.get(today, 0),
    }
    held = customer.points(model.first_period(now))
    rows = []
    for item, cap in enumerate(model.catalogues[till.catalogue - 1], start=1):
        points, reason = _one(rules, cap, limits, customer.frozen, held)
        rows.append(Offer(item, points, rules.cash(points), reason))
    return rows


def _one(
    rules: Rules, cap: int, limits: dict[Reason, int], frozen: bool, held: int
) -> tuple[int, Reason]:
    if cap == 0:
        return 0, Reason.ITEM_CAP
    if not largest(rules, cap):
        return 0, Reason.POINTS_MINIMUM
    for reason, limit in limits.items():
        cap = min(cap, limit)
        if not largest(rules, cap):
            return 0, reason
    if frozen:
        return 0, Reason.FROZEN
    points = largest(rules, cap, min(held, MAX_POINTS))
    return points, Reason.PAID if points else Reason.INSUFFICIENT_POINTS
