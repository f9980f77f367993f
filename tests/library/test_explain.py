"""The rules in words."""

from __future__ import annotations

from dataclasses import replace

from counterfoil.points.arithmetic import Rate
from counterfoil.points.explain import explain
from counterfoil.points.rules import LAPSE, Rules

RULES = Rules(
    rate=Rate(100, 67),
    minimum_points=500,
    increment=100,
    max_order=200_00,
    max_account_day=500_00,
    max_terminal_day=20_000_00,
    sunset_seconds=3600,
    refund_days=180,
    grace_days=30,
)


def said(rules: Rules = RULES, *, held: int = 12_345, price: int = 30_00) -> str:
    return "\n".join(explain(rules, "CNY", held=held, price=price))


def test_the_example_pays_the_most_that_the_price_takes() -> None:
    text = said()

    assert "Points pay 29.48 CNY: 4400 × 67 / 100 = 2948.00, rounded down to 2948" in text
    assert "The customer pays 0.52 CNY otherwise and keeps 7945 points." in text


def test_the_example_pays_no_more_than_one_order_may() -> None:
    assert "Points pay 199.66 CNY" in said(held=100_000, price=999_00)


def test_the_example_pays_no_more_than_the_customer_holds() -> None:
    assert "keeps 45 points" in said(held=945, price=100_00)


def test_the_example_pays_nothing_below_the_smallest_order() -> None:
    assert "so points pay nothing" in said(held=499, price=100_00)
    assert "more than the customer holds" in said(held=499, price=100_00)
    assert "Points pay 3.35 CNY" in said(held=500, price=100_00)
    assert "more than points may pay here, so points pay nothing" in said(price=3_34)
    assert "Points pay 3.35 CNY" in said(price=3_35)


def test_the_example_takes_what_a_quote_takes_where_fewer_points_pay_as_much() -> None:
    coarse = replace(RULES, rate=Rate(100, 1), minimum_points=150, increment=50)

    text = said(coarse, held=150, price=1)

    assert "Points pay 0.01 CNY: 150 × 1 / 100 = 1.50, rounded down to 1" in text
    assert "keeps 0 points" in text


def test_the_smallest_order_is_a_multiple_of_the_increment() -> None:
    assert "An order takes 600 points at least, in steps of 300" in said(
        replace(RULES, increment=300)
    )


def test_what_becomes_of_points_restored_late_is_said() -> None:
    assert "the soonest lot that lives 30 days more" in said()
    assert "lapse with it" in said(replace(RULES, grace_days=LAPSE))
