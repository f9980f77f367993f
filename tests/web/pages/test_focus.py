"""Who works with the keys sees where they are: a ring, on every control of every page."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.browsing import CUT_OFF, PHONE, Person
from tests.support.cashier import basket, look_up, order_id, pay, sell, status_url
from tests.support.till_house import House
from tests.web.pages.conftest import Enter

_CONTRAST = 3.0  # of a part that isn't text: https://www.w3.org/TR/WCAG22/#non-text-contrast
_WIDTH = 2  # pixels at least: https://www.w3.org/TR/WCAG22/#focus-appearance
_AT = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at);
  const behind = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && one.parentElement ? behind(one.parentElement) : colour;
  };
  if (!window.walked.has(at)) window.walked.set(at, window.walked.size);
  const inside = parseFloat(style.outlineOffset) < 0;
  const box = at.getBoundingClientRect();
  return {
    number: window.walked.get(at),
    name: at.getAttribute("aria-label") || at.textContent.trim() || at.id || at.tagName,
    style: style.outlineStyle,
    width: parseFloat(style.outlineWidth),
    ring: style.outlineColor,
    behind: behind(inside ? at : at.parentElement),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


@pytest.mark.parametrize(("size", "scheme"), [((1280, 860), "light"), (PHONE, "dark")])
def test_focus_isSeenOnEveryControl(
    shop: House, enter: Enter, size: tuple[int, int], scheme: str
) -> None:
    who, customer = enter(size, scheme), enter(PHONE, scheme)
    who.go(shop.till.url)
    assert {"New sale", "Today", "customer", "Look up"} <= walk(who)
    look_up(who, shop, shop.customer())
    basket(who, hamper=1)
    stops = {
        "One more hamper",
        "Number of hamper",
        "One fewer hamper",
        "Points to spend, by slider",
    }
    assert stops <= walk(who)
    pay(who)
    status = status_url(who)
    assert {"Handed over", "Cancel the sale", "Open the customer's page"} <= walk(who)
    who.press("Handed over")
    who.sees("All three records are on the chain.")
    who.page.get_by_text("Refund a part").click()
    assert {"Refund a part", "refund", "Refund", "Receipt", "Next customer"} <= walk(who)
    who.press("Receipt", "link")
    assert {"Print", "Back to the sale"} <= walk(who)
    who.go(f"{shop.till.url}/sales")
    found = walk(who)
    assert {"find-day", "find-number", "Find"} <= found
    assert any("hamper" in name for name in found)
    customer.go(status)
    customer.sees("All three records are on the chain.")
    customer.go(status)  # as it stays: what changes under a Tab key puts its focus elsewhere
    customer.page.get_by_text("Check it yourself").click()
    assert {"Check it yourself", "Command", "Topics"} <= walk(customer)
    sell(who, shop, shop.customer(), 9000)
    customer.go(shop.confirmation(order_id(who)))
    assert {"Yes, pay with points", "No, don't pay"} <= walk(customer)
    customer.press("No, don't pay")
    who.sees("The customer didn't confirm")


def walk(who: Person) -> set[str]:
    """Tab round the page; the names of what was come by, each with a ring that can be seen."""
    who.page.evaluate("window.walked = new Map()")
    names: set[str] = set()
    stops, last = 0, -1
    for _ in range(200):
        who.page.keyboard.press("Tab")
        at: dict[str, Any] | None = who.page.evaluate(_AT)
        if at is None:  # past the last one
            continue
        if at["number"] == last:  # the next part of a date
            continue
        last = at["number"]
        if last < stops:
            return names
        stops += 1
        assert at["style"] == "solid" and at["width"] >= _WIDTH, at
        assert contrast(at["ring"], at["behind"]) >= _CONTRAST, at
        assert at["seen"], at
        names.add(at["name"])
    raise AssertionError("Tab never comes to an end")


def contrast(one: str, other: str) -> float:
    """How far apart two colours are: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_focus_staysWhereItIsWhenThePageChanges(shop: House, enter: Enter) -> None:
    who, other = enter(), enter()
    sale = sell(who, shop, shop.customer())
    other.go(f"{shop.till.url}/sales")
    row = other.page.locator(f"a[href='/sales/{sale}']")
    expect(row.get_by_text("Paid")).to_be_visible()
    row.focus()
    cancel = who.page.get_by_role("button", name="Cancel the sale")
    who.sees("Hand the goods over")
    cancel.focus()

    shop.till.stop(signal.SIGKILL)  # once the line is back each live part comes again
    for one in (who, other):
        one.allowed += CUT_OFF
        one.page.evaluate("document.activeElement.dataset.before = 'yes'")
    shop.till.start()

    for one, element in ((who, cancel), (other, row)):
        expect(one.page.locator("[data-before]")).to_have_count(0)
        expect(element).to_be_focused()
    who.press("Handed over")
    expect(row.get_by_text("Completed")).to_be_visible()
    expect(row).to_be_focused()


def test_focus_leavesTheMouseAlone(shop: House, enter: Enter) -> None:
    who = enter()
    look_up(who, shop, shop.customer())

    who.press("One more hamper")

    more = who.page.get_by_role("button", name="One more hamper")
    expect(more).to_be_focused()
    expect(more).to_have_css("outline-style", "none")


def test_skipLink_leadsPastTheBar(shop: House, enter: Enter) -> None:
    who = enter()
    who.go(f"{shop.till.url}/sales")

    who.page.keyboard.press("Tab")
    expect(who.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(who.page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    who.page.keyboard.press("Enter")

    expect(who.page.locator("main")).to_be_focused()
