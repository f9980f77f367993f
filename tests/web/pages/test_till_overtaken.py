"""What overtakes an order between the offer and the bank's answer, for all customers of a shop.

Each has a shop of its own, since its chain's time and rules are not the others' any more.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browsing import PHONE, Person
from tests.support.cashier import (
    basket,
    look_up,
    pay,
    points,
    sell,
    status_url,
)
from tests.support.till_house import TILL, House, house
from tests.web.pages.conftest import Enter


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[House]:
    """A shop of one's own."""
    with house(tmp_path) as made:
        yield made


def publish(shop: House, **changed: object) -> None:
    """New rules, at once."""
    rules = replace(shop.office.desk.ledger.rules(1), **changed)  # type: ignore[arg-type]  # by name
    shop.office.act("publishRules", rules.as_tuple())


def rejected(shop: House, cashier: Person, customer: str, said: str) -> None:
    """The page tells why, and the customer has all points."""
    cashier.sees("Points can't pay this")
    cashier.sees(said)
    assert shop.office.points(customer) == 30_000


def test_payment_isRejectedIfItComesTooLate(shop: House, cashier: Person) -> None:
    customer = shop.customer()
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    shop.bank.stop(signal.SIGKILL)
    pay(cashier)
    cashier.sees("Waiting for the bank")
    shop.office.chain.request("evm_increaseTime", 900)
    shop.office.chain.request("evm_mine")

    shop.bank.start()

    rejected(shop, cashier, customer, "The order came too late.")


def test_payment_isRejectedIfTheRulesHaveEnded(shop: House, cashier: Person) -> None:
    customer = shop.customer()
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    publish(shop, sunset_seconds=0)
    shop.office.chain.request("evm_increaseTime", 2)  # in the same second the old ones still live
    shop.office.chain.request("evm_mine")

    pay(cashier)

    rejected(shop, cashier, customer, "The bank has changed its rules since.")


@pytest.mark.parametrize(
    ("caps", "said"),
    [
        ([300], "This till's catalogue has no such item."),
        ([300, 100], "The items allow no points, or not so many."),
    ],
    ids=["unknown-item", "item-cap"],
)
def test_payment_isRejectedIfTheCatalogueIsAnother(
    shop: House, cashier: Person, caps: list[int], said: str
) -> None:
    customer = shop.customer()
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    ledger = shop.office.desk.ledger
    listed = shop.office.act("publishCatalogue", caps, ["espresso", "hamper"][: len(caps)])
    (event,) = listed.of("ItemsListed")
    till = ledger.record.terminals[TILL].address
    shop.office.act("assignCatalogue", till, event.arguments["catalogue"])

    pay(cashier)

    rejected(shop, cashier, customer, said)


def test_payment_waitsWhileTheBankIsPaused(shop: House, enter: Enter) -> None:
    cashier, person = enter(), enter(PHONE)
    customer = shop.customer()
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    shop.office.act("pause")

    pay(cashier)

    cashier.sees("The bank has the order and is settling it.")
    person.go(status_url(cashier))
    person.sees("Your bank has the order and is settling it.")
    person.look_for_barriers()
    person.screenshot("customer-received")
    assert shop.office.points(customer) == 30_000
    shop.office.act("unpause")
    cashier.sees("Hand the goods over")


def test_offer_isNotMadeWhileTheBankIsPaused(shop: House, cashier: Person) -> None:
    shop.office.act("pause")
    cashier.allowed.append("409")
    customer = shop.customer()
    cashier.go(shop.till.url)
    cashier.page.get_by_label("Customer id").fill(customer)

    cashier.press("Look up")

    cashier.sees("The bank takes no points now")
    cashier.look_for_barriers()
    cashier.screenshot("till-paused")
    shop.office.act("unpause")


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"max_order": 334}, "More than one order may pay with points."),
        ({"max_terminal_day": 334}, "This till has reached today's limit for points."),
    ],
    ids=["order-cap", "terminal-day-cap"],
)
def test_offer_saysWhyPointsCantPayUnderTheRules(
    shop: House, cashier: Person, rules: dict[str, int], said: str
) -> None:
    publish(shop, **rules)
    look_up(cashier, shop, shop.customer())

    cashier.press("One more hamper")

    payment = cashier.page.locator("#payment")
    expect(payment.get_by_text("Points can't pay for this", exact=True)).to_be_visible()
    expect(payment.get_by_text(said)).to_be_visible()


def test_payment_isRejectedIfTheTillHasHadItsDay(shop: House, enter: Enter) -> None:
    publish(shop, max_terminal_day=2000)
    first, second = enter(), enter()
    customer = shop.customer()
    look_up(first, shop, customer)
    basket(first, hamper=2)
    first.sees("More than this the till may not take with points today.")
    points(first, 2000)
    sell(second, shop, shop.customer(), 2000)
    second.sees("Hand the goods over")

    pay(first)

    rejected(shop, first, customer, "This till has reached")
