"""A version of the rules in words, with an example worked through."""

from __future__ import annotations

from collections.abc import Iterator

from counterfoil.money import format_minor
from counterfoil.points.quoting import Limits, payable, smallest
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import LAPSE, Rules


def explain(rules: Rules, currency: str, *, held: int, price: int) -> Iterator[str]:
    """Sentences about the rules, then about a customer who holds ``held`` points and buys
    something for ``price`` minor units, all of which points may pay."""

    def cash(minor: int) -> str:
        return f"{format_minor(minor, currency)} {currency}"

    rate, least = rules.rate, smallest(rules)
    yield (
        f"{rate.points} points are worth {cash(rate.minor_units)}; "
        f"what they pay is rounded down to a multiple of {cash(1)}."
    )
    yield (
        f"An order takes {least} points at least, "
        f"in steps of {rules.increment}, and pays {cash(rules.max_order)} at most."
    )
    yield (
        f"In one day (UTC) an account pays {cash(rules.max_account_day)} at most, "
        f"and a terminal takes {cash(rules.max_terminal_day)}."
    )
    yield f"An order can be refunded for {rules.refund_days} days. {_restored(rules)}"
    yield f"Example: a customer holds {held} points and buys something for {cash(price)}."
    limits = Limits(held, rules.max_account_day, rules.max_terminal_day, frozen=False)
    found = payable(price, rules, limits)
    if found.reason:
        poor = found.reason == Reason.INSUFFICIENT_POINTS
        bound = "the customer holds" if poor else "points may pay here"
        yield (
            f"The smallest order is {least} points for {cash(rate.cash_for(least))}: "
            f"that is more than {bound}, so points pay nothing."
        )
        return
    points, paid = found.points, found.cash
    yield (
        f"Points pay {cash(paid)}: {points} × {rate.minor_units} / {rate.points} = "
        f"{points * rate.minor_units / rate.points:.2f}, rounded down to {paid} minor units."
    )
    yield f"The customer pays {cash(price - paid)} otherwise and keeps {held - points} points."


def _restored(rules: Rules) -> str:
    if rules.grace_days == LAPSE:
        return "Points refunded after their lot lapsed lapse with it."
    return (
        "Points refunded after their lot lapsed join the soonest lot that lives "
        f"{rules.grace_days} days more."
    )
