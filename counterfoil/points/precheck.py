"""What the rules say to an order before anybody signs it, balances and day caps apart.

The ledger's own checks in their published order, as far as they can be made without an account.
"""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.points.orders import OrderLine, PaymentOrder
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import Rules


def refusal(order: PaymentOrder, live: Rules | None, caps: Sequence[int], now: int) -> Reason:
    """The first check that the order fails; ``NONE`` if it fails none.

    Args:
        live: the rules that the order names, or None if they aren't live.
        caps: most cash per unit, in minor units, of the terminal's items, from item 1 on.
        now: seconds.
    """
    if order.deadline < now:
        return Reason.EXPIRED
    if live is None:
        return Reason.RULES_VERSION
    if any(not 0 < line.item <= len(caps) for line in order.lines):
        return Reason.UNKNOWN_ITEM
    if any(line.cash > _most(line, caps) for line in order.lines):
        return Reason.ITEM_CAP
    if order.points < live.minimum_points:
        return Reason.POINTS_MINIMUM
    if order.points % live.increment:
        return Reason.POINTS_INCREMENT
    cash = live.rate.cash_for(order.points)
    if order.cash != cash:
        return Reason.CASH_MISMATCH
    return Reason.ORDER_CAP if cash > live.max_order else Reason.NONE


def _most(line: OrderLine, caps: Sequence[int]) -> int:
    return line.quantity * min(line.price, caps[line.item - 1])
