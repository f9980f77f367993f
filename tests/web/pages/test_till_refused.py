"""What a customer is told when points can't pay: before the order, and after it.

What befalls a whole shop is in ``test_till_overtaken``, and a bank's quote that doesn't stand in
``test_till_too_late``. No page of a till leads to the rest: it signs what its bank's offer allows
(so no ``order-cap``, ``points-minimum``, ``points-increment`` or ``cash-mismatch`` after it), and
posts what it has signed itself (neither ``bad-row`` nor ``foreign-terminal``).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browsing import PHONE, Person
from tests.support.cashier import (
    basket,
    look_up,
    pay,
    points,
    status_url,
)
from tests.support.till_house import House
from tests.web.pages.conftest import Enter


def frozen(shop: House, customer: str) -> None:
    shop.office.desk.freeze(customer)


def spent(shop: House, customer: str) -> None:
    shop.spend(customer, 29_500)


def worn_out(shop: House, customer: str) -> None:
    for _ in range(3):
        shop.spend(customer, 24_000)


def used_up(shop: House, customer: str) -> None:
    worn_out(shop, customer)
    shop.spend(customer, 2500)


@pytest.mark.parametrize(
    ("happens", "held", "said", "to_the_customer"),
    [
        (
            *(spent, 30_000, "The account holds too few points."),
            "Your account holds too few points.",
        ),
        (frozen, 30_000, "The bank has frozen the account.", "Your bank has frozen your account."),
        (
            *(worn_out, 90_000, "The customer has reached today's limit for points."),
            "You have reached today's limit for points.",
        ),
    ],
    ids=["insufficient-points", "frozen", "account-day-cap"],
)
def test_payment_isRejectedIfSomethingHappensAfterTheOffer(
    shop: House,
    enter: Enter,
    happens: Callable[[House, str], None],
    held: int,
    said: str,
    to_the_customer: str,
) -> None:
    cashier, person = enter(), enter(PHONE)
    customer = shop.customer(held)
    look_up(cashier, shop, customer)
    basket(cashier, hamper=2)
    points(cashier, 5000)
    happens(shop, customer)

    pay(cashier)

    cashier.sees("Points can't pay this")
    cashier.sees(said)
    expect(cashier.page.locator(".record.failed")).to_have_count(1)
    left = cashier.page.locator("[sse-swap=goods] .rows > div", has_text="Left to pay")
    expect(left).to_contain_text("100.00")
    cashier.screenshot("till-rejected")
    person.go(status_url(cashier))
    person.sees("Nothing was paid with points")
    person.sees(to_the_customer)
    expect(person.page.get_by_text(said)).to_have_count(0)


@pytest.mark.parametrize(
    ("held", "happens", "item", "said"),
    [
        (300, None, "hamper", "The account holds too few points."),
        (30_000, frozen, "hamper", "The bank has frozen the account."),
        (90_000, used_up, "hamper", "The customer has reached today's limit for points."),
        (30_000, None, "gift-card", "The items allow no points"),
        (30_000, None, "espresso", "or not so many"),
    ],
    ids=["insufficient-points", "frozen", "account-day-cap", "item-cap", "too small"],
)
def test_offer_saysWhyPointsCantPay(
    shop: House,
    cashier: Person,
    held: int,
    happens: Callable[[House, str], None] | None,
    item: str,
    said: str,
) -> None:
    customer = shop.customer(held)
    if happens:
        happens(shop, customer)
    look_up(cashier, shop, customer)

    cashier.press(f"One more {item}")

    payment = cashier.page.locator("#payment")
    expect(payment.get_by_text("Points can't pay for this", exact=True)).to_be_visible()
    expect(payment.get_by_text(said)).to_be_visible()


@pytest.mark.parametrize(
    ("held", "happens", "said"),
    [
        (90_000, None, "More than this one order may not pay with points."),
        (90_000, worn_out, "More than this the customer may not pay with points today."),
        (20_000, None, "The account holds no more points than that."),
    ],
    ids=["order-cap", "account-day-cap", "insufficient-points"],
)
def test_offer_saysWhatAllowsNoMore(
    shop: House,
    cashier: Person,
    held: int,
    happens: Callable[[House, str], None] | None,
    said: str,
) -> None:
    customer = shop.customer(held)
    if happens:
        happens(shop, customer)
    look_up(cashier, shop, customer)

    basket(cashier, hamper=5)

    cashier.sees(said)
    expect(cashier.page.get_by_text("More than this")).to_have_count(int("More" in said))
    cashier.look_for_barriers()
    cashier.screenshot("till-limit")


def test_offer_saysNothingOfLimitsIfTheItemsAllowNoMore(shop: House, cashier: Person) -> None:
    look_up(cashier, shop, shop.customer())

    basket(cashier, hamper=1)

    for said in ("More than this", "The account holds no more"):
        expect(cashier.page.get_by_text(said)).to_have_count(0)
