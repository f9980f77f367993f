"""Bank, chain or line away in the middle of a payment: the page says so and goes on by itself."""

from __future__ import annotations

import signal

from playwright.sync_api import expect

from tests.support.browsing import CUT_OFF, Person
from tests.support.cashier import (
    basket,
    look_up,
    pay,
    sell,
)
from tests.support.processes import hung
from tests.support.till_house import House


def test_bankAway_theOrderWaitsAndGoesOnByItself(shop: House, cashier: Person) -> None:
    look_up(cashier, shop, shop.customer())
    basket(cashier, hamper=1)
    shop.bank.stop(signal.SIGKILL)
    try:
        pay(cashier)
        cashier.sees("Waiting for the bank")
        cashier.sees("Bank away")
        cashier.look_for_barriers()
        cashier.screenshot("till-bank-away")
    finally:
        shop.bank.start()

    cashier.sees("Hand the goods over")


def test_chainAway_theOrderWaitsAndGoesOnByItself(shop: House, cashier: Person) -> None:
    look_up(cashier, shop, shop.customer())
    basket(cashier, hamper=1)
    with hung(int(shop.office.chain.url.rpartition(":")[2])):
        pay(cashier)
        cashier.sees("Waiting for the chain")
        cashier.sees("Chain away")
        expect(cashier.page.get_by_text("Bank away")).to_be_hidden()
        cashier.sees("It is written when the chain answers.")
        cashier.look_for_barriers()
        cashier.screenshot("till-chain-away")

    cashier.sees("Hand the goods over")


def test_lineCut_thePageSaysSoUntilItIsBack(shop: House, cashier: Person) -> None:
    cashier.allowed += CUT_OFF
    sell(cashier, shop, shop.customer())
    cashier.sees("Hand the goods over")
    notice = cashier.page.get_by_text("This page has lost its line")
    expect(notice).to_be_hidden()

    shop.till.stop(signal.SIGKILL)

    expect(notice).to_be_visible()
    cashier.screenshot("till-line-cut")
    shop.till.start()
    expect(notice).to_be_hidden()
    cashier.press("Handed over")
    cashier.sees("All three records are on the chain.")
