"""Bank, chain or power away in the middle of a payment: the page says so and goes on by itself."""

from __future__ import annotations

import signal

from tests.support.browsing import Person
from tests.support.cashier import (
    basket,
    look_up,
    pay,
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
        cashier.sees("It is written when the chain answers.")
        cashier.screenshot("till-chain-away")

    cashier.sees("Hand the goods over")


def test_powerCut_theTillGoesOnWhereItWas(shop: House, cashier: Person) -> None:
    cashier.allowed += ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED", "[object Event]"]
    look_up(cashier, shop, shop.customer())
    basket(cashier, hamper=1)
    shop.bank.stop(signal.SIGKILL)
    sale = pay(cashier)
    cashier.sees("Waiting for the bank")
    shop.till.stop(signal.SIGKILL)
    shop.bank.start()

    shop.till.start()

    cashier.go(f"{shop.till.url}/sales/{sale}")
    cashier.sees("Hand the goods over")
