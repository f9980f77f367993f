"""The till's pages for everybody: keys alone, screen readers, a phone, the viewer's own zone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browsing import PHONE, Person
from tests.support.cashier import (
    basket,
    look_up,
    order_id,
    pay,
    pay_button,
    points,
    sell,
    sold,
    status_url,
)
from tests.support.till_house import House
from tests.web.pages.conftest import Enter


def test_keyboardOnly(shop: House, cashier: Person) -> None:
    keys = cashier.page.keyboard
    cashier.go(shop.till.url)
    keys.type(shop.customer())
    keys.press("Enter")
    cashier.sees("What the customer can pay for")
    more = cashier.page.get_by_role("button", name="One more hamper")
    _tab_to(cashier, "One more hamper")
    expect(more).to_be_focused()
    keys.press("Space")
    expect(pay_button(cashier)).to_be_visible()
    _tab_to(cashier, "Points to spend, by slider")
    keys.press("Home")
    expect(cashier.page.locator("[data-said=worth]").first).to_have_text("3.35")
    _tab_to(cashier, "Pay 3.35 CNY with points")
    keys.press("Enter")
    cashier.sees("Hand the goods over")
    _tab_to(cashier, "Handed over")
    keys.press("Enter")

    cashier.sees("Done: 3.35 CNY paid with points")


def test_keyboardOnly_aPartIsRefunded(shop: House, cashier: Person) -> None:
    keys = cashier.page.keyboard
    sold(cashier, shop, shop.customer())
    _tab_to(cashier, "Refund a part")
    keys.press("Enter")
    _tab_to(cashier, "refund")
    keys.type("2.00")
    _tab_to(cashier, "Refund")
    keys.press("Space")

    cashier.sees("298 points are back in the customer's account.")


def test_keyboardOnly_aSaleIsCancelled(shop: House, cashier: Person) -> None:
    sell(cashier, shop, shop.customer())
    cashier.sees("Hand the goods over")
    _tab_to(cashier, "Cancel the sale")
    cashier.page.keyboard.press("Enter")

    cashier.sees("The sale is cancelled")


@pytest.mark.parametrize(
    ("answer", "said"),
    [("Yes, pay with points", "You paid 60.30 CNY"), ("No, don't pay", "You didn't confirm it")],
)
def test_keyboardOnly_theCustomerAnswers(shop: House, enter: Enter, answer: str, said: str) -> None:
    cashier, customer = enter(), enter(PHONE)
    sell(cashier, shop, shop.customer(), 9000)
    cashier.sees("Waiting for the customer")
    customer.go(shop.confirmation(order_id(cashier)))
    _tab_to(customer, answer)
    customer.page.keyboard.press("Enter")

    customer.sees(said)


def _tab_to(who: Person, name: str) -> None:
    named = """(e => e.getAttribute('aria-label') || e.textContent.trim() || e.id)
      (document.activeElement)"""
    for _ in range(40):
        if who.page.evaluate(named) == name:
            return
        who.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name!r}")


@pytest.mark.parametrize(
    ("size", "scheme"), [((1280, 860), "light"), (PHONE, "light"), (PHONE, "dark")]
)
def test_pages_haveNoBarriers(
    shop: House, enter: Enter, size: tuple[int, int], scheme: str
) -> None:
    who = enter(size, scheme)
    who.allowed.append("404")
    mark = f"{'phone' if size == PHONE else 'desk'}-{scheme}"
    who.go(shop.till.url)
    who.look_for_barriers()
    who.screenshot(f"{mark}-start")
    look_up(who, shop, shop.customer())
    who.look_for_barriers()
    basket(who, espresso=1, hamper=1)
    who.look_for_barriers()
    who.screenshot(f"{mark}-basket")
    points(who, 2000)
    pay(who)
    who.sees("Hand the goods over")
    status_url(who)
    who.look_for_barriers()
    who.screenshot(f"{mark}-paid")
    who.press("Handed over")
    who.sees("All three records are on the chain.")
    who.page.get_by_text("Refund a part").click()
    who.look_for_barriers()
    who.screenshot(f"{mark}-completed")
    sale = who.page.url
    for path in (f"{sale}/receipt", f"{shop.till.url}/sales", f"{shop.till.url}/nowhere"):
        who.go(path)
        who.look_for_barriers()
        who.screenshot(f"{mark}-{path.rpartition('/')[2]}")
