"""A version of the rules in words, with an example worked through."""

from __future__ import annotations

from collections.abc import Iterator

from counterfoil.money import format_minor
from counterfoil.points.rules import LAPSE, Rules


def explain(rules: Rules, currency: str, *, held: int, price: int) -> Iterator[str]:
    """Sentences about the rules, then about a customer who holds ``held`` points and buys
    something for ``price`` minor units, all of which points may pay."""

    def cash(minor: int) -> str:
        return f"{format_minor(minor, currency)} {currency}"

    rate = rules.rate
    yield (
        f"{rate.points} points are worth {cash(rate.minor_units)}; "
        f"what they pay is rounded down to a multiple of {cash(1)}."
    )
    yield (
        f"An order takes {rules.minimum_points} points at least, "
        f"in steps of {rules.increment}, and pays {cash(rules.max_order)} at most."
    )
    yield (
        f"In one day (UTC) an account pays {cash(rules.max_account_day)} at most, "
        f"and a terminal takes {cash(rules.max_terminal_day)}."
    )
    yield f"An order can be refunded for {rules.refund_days} days. {_restored(rules)}"
    spendable = rate.cash_for(held - held % rules.increment)
    wish = min(price, rules.max_order, rules.max_account_day, rules.max_terminal_day, spendable)
    points = rate.points_for(wish, rules.increment)
    yield f"Example: a customer holds {held} points and buys something for {cash(price)}."
    if points < rules.minimum_points:
        yield (
            f"The most that points could pay is {cash(wish)}; that takes fewer points than the "
            "smallest order, so points pay nothing."
        )
        return
    paid = rate.cash_for(points)
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
