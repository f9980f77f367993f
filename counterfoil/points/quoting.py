"""What points can pay, before anybody orders: the arithmetic of ``PointsOffers.sol``.

Spelt out here because a node answers hundreds of quotes a second out of two reads of the chain;
that it agrees with the contract is tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.points.arithmetic import round_up
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import Rules

_MOST_POINTS = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What is left to an account and a terminal today, in minor units, and what the account
    holds."""

    points: int
    account_left: int
    terminal_left: int
    frozen: bool


@dataclass(frozen=True, slots=True)
class Payable:
    """The fewest points that reach the largest cash, in minor units; or the first limit, in the
    order of the checks, that leaves too little for the smallest order. ``limit``: the one that
    allows no more than this."""

    points: int
    cash: int
    reason: Reason
    limit: Reason


@dataclass(frozen=True, slots=True)
class BasketLine:
    """``quantity`` pieces at ``price``; ``cap`` is the most per piece that points may pay."""

    quantity: int
    price: int
    cap: int

    @property
    def payable(self) -> int:
        """Cash of the line that points may pay."""
        return self.quantity * min(self.price, self.cap)


def smallest(rules: Rules) -> int:
    """Points of the smallest order."""
    return round_up(rules.minimum_points, rules.increment)


def payable(cap: int, rules: Rules, limits: Limits) -> Payable:
    """What points can pay where an item or a basket lets them pay ``cap``."""
    smallest_order = smallest(rules)
    least = rules.rate.cash_for(smallest_order)
    checks = (
        (cap < least, Reason.ITEM_CAP),
        (rules.max_order < least, Reason.ORDER_CAP),
        (limits.account_left < least, Reason.ACCOUNT_DAY_CAP),
        (limits.terminal_left < least, Reason.TERMINAL_DAY_CAP),
        (limits.frozen, Reason.FROZEN),
        (limits.points < smallest_order, Reason.INSUFFICIENT_POINTS),
    )
    for fails, reason in checks:
        if fails:
            return Payable(0, 0, reason, reason)
    held = min(limits.points, _MOST_POINTS)
    spendable = rules.rate.cash_for(held - held % rules.increment)
    wish, limit = min(
        (cap, Reason.ITEM_CAP),
        (rules.max_order, Reason.ORDER_CAP),
        (limits.account_left, Reason.ACCOUNT_DAY_CAP),
        (limits.terminal_left, Reason.TERMINAL_DAY_CAP),
        (spendable, Reason.INSUFFICIENT_POINTS),
    )
    points = max(rules.rate.points_for(wish, rules.increment), smallest_order)
    return Payable(points, rules.rate.cash_for(points), Reason.NONE, limit)


def payable_of(basket: Sequence[BasketLine], rules: Rules, limits: Limits) -> Payable:
    """What points can pay of a basket."""
    return payable(sum(line.payable for line in basket), rules, limits)
