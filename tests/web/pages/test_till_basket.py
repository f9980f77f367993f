"""The basket and what is offered for it: only what the page shows can be paid."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.support.browsing import Person
from tests.support.cashier import basket, look_up, pay_button
from tests.support.till_house import House
from tests.support.waiting import until

_WATCH = """() => {
  window.payable = new Set();
  const look = () => {
    const total = document.querySelector(".payment")?.dataset.total;
    const pay = document.querySelector(".payment button:not(:disabled)");
    if (total && pay) window.payable.add(total);
  };
  look();
  const everything = {subtree: true, childList: true, attributes: true};
  new MutationObserver(look).observe(document, everything);
}"""


def test_lateAnswer_offersNothingForABasketThatIsAnother(shop: House, cashier: Person) -> None:
    look_up(cashier, shop, shop.customer())
    held: list[Route] = []
    cashier.page.route("**/offer", lambda route: held.append(route))
    cashier.press("One more hamper")
    comes(cashier, held, 1)
    cashier.page.evaluate(_WATCH)

    cashier.press("One more hamper")
    held[0].continue_()  # the answer for one hamper, where there are two
    comes(cashier, held, 2)

    expect(cashier.page.locator(".payment")).to_have_attribute("data-total", "5000")
    expect(pay_button(cashier)).to_be_disabled()
    expect(cashier.page.locator("#payment[aria-busy]")).to_have_count(1)
    held[1].continue_()
    expect(cashier.page.locator(".payment")).to_have_attribute("data-total", "10000")
    expect(pay_button(cashier)).to_be_enabled()
    assert cashier.page.evaluate("[...window.payable]") == ["10000"]


def comes(who: Person, held: list[Route], count: int) -> None:
    """So many questions have been asked; asking the page anything lets us hear of them."""
    until(lambda: who.page.evaluate("true") and len(held) >= count)


def test_change_takesTheOfferBackAtOnce(shop: House, cashier: Person) -> None:
    look_up(cashier, shop, shop.customer())
    basket(cashier, hamper=1)
    held: list[Route] = []
    cashier.page.route("**/offer", lambda route: held.append(route))

    cashier.page.get_by_label(re.compile("^Price of one hamper")).fill("60.00")
    cashier.page.keyboard.press("Tab")

    expect(pay_button(cashier)).to_be_disabled()
    comes(cashier, held, 1)
    held[0].continue_()
    expect(pay_button(cashier)).to_be_enabled()
    expect(cashier.page.locator(".payment")).to_have_attribute("data-total", "6000")
