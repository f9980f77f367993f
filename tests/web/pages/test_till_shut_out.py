"""A bank that lets a till in no more, or doesn't know its key or its orders.

Each test has a shop of its own, whose till is no use to the others any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil.points.administration import enable_terminal, rotate_key
from tests.support.browsing import CUT_OFF, PHONE, Person
from tests.support.cashier import (
    basket,
    look_up,
    order_id,
    pay,
    sell,
    sold,
    status_url,
)
from tests.support.processes import hung
from tests.support.till_house import TILL, House, house
from tests.web.pages.conftest import Enter


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[House]:
    """A shop of one's own."""
    with house(tmp_path) as made:
        yield made


def test_payment_isNotTakenIfTheBankLetsTheTillInNoMore(shop: House, cashier: Person) -> None:
    cashier.go(f"{shop.till.url}/sales")
    cashier.sees("No sale with points yet today.")
    cashier.look_for_barriers()
    cashier.screenshot("till-today-empty")
    customer = shop.customer()
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    enable_terminal(shop.office.desk, TILL, False)
    shop.bank.stop()
    shop.bank.start()  # which asks the chain whose key it is

    pay(cashier)

    cashier.sees("The bank doesn't take this order")
    cashier.sees("The bank has disabled this till, or the till's key or clock is wrong.")
    assert shop.office.points(customer) == 30_000


def test_payment_isNotTakenIfTheTillIsDisabledBeforeItsCustomerAnswers(
    shop: House, enter: Enter
) -> None:
    cashier, person = enter(), enter(PHONE)
    customer = shop.customer()
    sell(cashier, shop, customer, 9000)
    cashier.sees("Waiting for the customer")
    status = status_url(cashier)
    person.go(shop.confirmation(order_id(cashier)))
    enable_terminal(shop.office.desk, TILL, False)
    cashier.sees("The sale is held up")
    cashier.sees("The bank has disabled this till, or the till's key or clock is wrong.")
    cashier.look_for_barriers()
    cashier.screenshot("till-held-up")

    person.press("Yes, pay with points")

    person.sees("Your bank couldn't take the order.")
    assert person.page.url == status
    person.look_for_barriers()
    person.screenshot("customer-invalid")
    enable_terminal(shop.office.desk, TILL, True)
    cashier.sees("The bank doesn't take this order")
    expect(cashier.page.locator(".notice")).to_have_text("The bank has disabled this till.")
    assert shop.office.points(customer) == 30_000


def test_payment_isNotTakenIfTheTillsKeyIsAnotherByNow(shop: House, cashier: Person) -> None:
    cashier.allowed += CUT_OFF
    customer = shop.customer()
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    shop.bank.stop()
    pay(cashier)
    cashier.sees("Waiting for the bank")
    sale = cashier.page.url
    shop.till.stop()
    shop.office.state.drop_secret(f"terminal-{TILL}")
    rotate_key(shop.office.desk, TILL, shop.office.state.signer(f"terminal-{TILL}").address)

    shop.till.start()
    shop.bank.start()

    cashier.go(sale)
    cashier.sees("The bank doesn't take this order")
    cashier.sees("The bank doesn't know this till's key.")
    assert shop.office.points(customer) == 30_000


def test_payment_isNotTakenIfTheTillHasLostItsStoreAndTheChain(
    shop: House, cashier: Person
) -> None:
    cashier.allowed += CUT_OFF
    sold(cashier, shop, shop.customer())
    shop.till.stop()
    for file in shop.office.state.root.glob(f"terminal-{TILL}.db*"):
        file.unlink()
    shop.till.start()
    customer = shop.customer()
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    with hung(int(shop.office.chain.url.rpartition(":")[2])):  # which would say what is used
        pay(cashier)
        cashier.sees("Waiting for the chain")

    cashier.sees("The bank doesn't take this order")
    cashier.sees("Another order has used this one's number.")
    assert shop.office.points(customer) == 30_000
    sell(cashier, shop, customer)
    cashier.sees("Hand the goods over")
