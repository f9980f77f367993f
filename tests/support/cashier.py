"""What somebody at the till does with the pages."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.support.browsing import Person
from tests.support.till_house import House


def pay_button(who: Person) -> Locator:
    """The button that says how much it pays."""
    return who.page.get_by_role("button", name=re.compile(r"^Pay [0-9.]+ CNY with points$"))


def look_up(who: Person, shop: House, customer: str) -> None:
    """Key a customer's id in."""
    who.go(shop.till.url)
    who.page.get_by_label("Customer id").fill(customer)
    who.press("Look up")
    who.sees("What the customer can pay for")


def basket(who: Person, **pieces: int) -> None:
    """Put so many pieces of the items into the basket, and see the bank's offer."""
    for item, count in pieces.items():
        for _ in range(count):
            who.press(f"One more {item}")
    expect(who.page.locator("#payment[aria-busy]")).to_have_count(0)
    expect(pay_button(who)).to_be_visible()


def points(who: Person, count: int) -> None:
    """Key in how many points to spend."""
    who.page.get_by_label("Points to spend", exact=True).fill(str(count))
    who.page.get_by_label("Points to spend", exact=True).press("Tab")


def pay(who: Person) -> str:
    """Pay; the sale's name."""
    pay_button(who).click()
    who.page.wait_for_url("**/sales/*")
    return who.page.url.rpartition("/")[2]


def sell(who: Person, shop: House, customer: str, count: int = 1000, **pieces: int) -> str:
    """A whole sale up to the bank's answer, for two hampers unless told otherwise."""
    look_up(who, shop, customer)
    basket(who, **(pieces or {"hamper": 2}))
    points(who, count)
    return pay(who)


def sold(who: Person, shop: House, customer: str, count: int = 1000) -> str:
    """A whole sale up to the hand-over."""
    sale = sell(who, shop, customer, count)
    who.sees("Hand the goods over")
    who.press("Handed over")
    who.sees("All three records are on the chain.")
    return sale


def refund(who: Person, cash: str) -> None:
    """Ask for a part of a completed sale to be given back."""
    part = who.page.locator("#refund-part")
    if part.get_attribute("open") is None:
        part.get_by_text("Refund a part").click()
    part.get_by_label("Amount in CNY").fill(cash)
    who.press("Refund")


def status_url(who: Person) -> str:
    """The customer's link, as the sale's page gives it."""
    link = who.page.get_by_role("link", name="Open the customer's page")
    expect(link).to_be_visible()
    return str(link.get_attribute("href"))


def order_id(who: Person) -> str:
    """The order's id, as the sale's page gives it."""
    return str(who.page.locator("code.hash.whole").first.text_content())
