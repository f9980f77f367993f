"""A bank's offer, or its question to the customer, that is over when the answer comes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browsing import PHONE, Person
from tests.support.cashier import basket, look_up, order_id, pay, sell
from tests.support.till_house import House
from tests.web.pages.conftest import Enter


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"expires_at": 1}, "The bank's offer was too old when the order came."),
        ({"order_id": "0x" + "00" * 32}, "Another order has used the bank's offer."),
        ({"account": "0x" + "00" * 32}, "The bank's offer was for another customer"),
        ({"ledger": "another"}, "The bank has forgotten its offer."),
    ],
    ids=["quote-expired", "quote-used", "quote-mismatch", "quote-unknown"],
)
def test_payment_isNotTakenIfTheOfferDoesntStand(
    shop: House, cashier: Person, changed: dict[str, object], said: str
) -> None:
    customer = shop.customer()
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    shop.quotes_become(**changed)

    pay(cashier)

    cashier.sees("The bank doesn't take this order")
    cashier.sees(said)
    expect(cashier.page.locator(".record.failed")).to_have_count(1)
    expect(cashier.page.locator(".take")).to_contain_text("50.00")
    cashier.look_for_barriers()
    cashier.screenshot("till-not-taken")
    assert shop.office.points(customer) == 30_000


def test_confirmation_thatComesTooLate_paysNothing(shop: House, enter: Enter) -> None:
    cashier, customer = enter(), enter(PHONE)
    who = shop.customer()
    sell(cashier, shop, who, 9000)
    cashier.sees("Waiting for the customer")
    order = order_id(cashier)
    customer.hears_nothing()
    customer.go(shop.confirmation(order))
    customer.sees("Pay this with your points?")

    shop.asking_ends(order)

    cashier.sees("The customer didn't confirm")
    cashier.sees("The customer didn't answer in time.")
    customer.allowed.append("409")
    customer.press("Yes, pay with points")
    customer.sees("the time is over")
    customer.screenshot("customer-too-late")
    customer.press("See what came of it", "link")
    customer.sees("The time to answer is over")
    customer.sees("Nothing is paid with points.")
    expect(customer.page.locator(".sum")).to_contain_text("100.00")
    customer.look_for_barriers()
    customer.screenshot("customer-expired")
    customer.press("See the payment", "link")
    customer.sees("You didn't answer in time.")
    assert shop.office.points(who) == 30_000


def test_question_endsByItselfWhenTheTimeIsOver(shop: House, enter: Enter) -> None:
    cashier, customer = enter(), enter(PHONE)
    sell(cashier, shop, shop.customer(), 9000)
    cashier.sees("Waiting for the customer")
    order = order_id(cashier)
    customer.go(shop.confirmation(order))
    customer.sees("Pay this with your points?")

    shop.asking_ends(order)

    customer.sees("The time to answer is over")
    expect(customer.page.get_by_role("button")).to_have_count(0)
