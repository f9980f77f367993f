"""The receipt on paper: what is printed, what isn't, and that it needs no coloured ink."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import expect

from counterfoil.web import qr
from tests.support.browsing import PHONE
from tests.support.cashier import order_id, sold, status_url
from tests.support.till_house import SECONDS, House
from tests.web.pages.conftest import Enter

_INK = """() => {
  const shades = new Set();
  for (const element of [document.body, ...document.querySelectorAll("main, main *")]) {
    if (element.closest("img") || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    shades.add(style.backgroundColor);
    if (element.textContent.trim()) shades.add(style.color);
  }
  return [...shades];
}"""
_GREY = re.compile(r"rgba?\((\d+), (\d+), (\d+)(?:, 0)?\)")


@pytest.mark.parametrize(("size", "scheme"), [((1280, 860), "light"), (PHONE, "dark")])
def test_receipt_onPaper(shop: House, enter: Enter, size: tuple[int, int], scheme: str) -> None:
    who = enter(size, scheme)
    sold(who, shop, shop.customer())
    order = order_id(who)
    who.press("Receipt", "link")
    who.look_for_barriers()
    who.screenshot(f"{'phone' if size == PHONE else 'desk'}-{scheme}-receipt")

    who.page.emulate_media(media="print")

    for gone in (
        who.page.get_by_role("banner"),
        who.page.get_by_role("button", name="Print"),
        who.page.get_by_role("link", name="Back to the sale"),
        who.page.get_by_role("link", name="Open the customer's page"),
    ):
        expect(gone).to_have_count(0)  # what isn't shown has no role
    expect(who.page.get_by_role("heading", name="Receipt")).to_be_visible()
    expect(who.page.get_by_role("img", name="QR code")).to_be_visible()
    for shown in ("till-1 · harbour", "2 × hamper", "Paid with 1,000 points", order):
        expect(who.page.get_by_text(shown)).to_be_visible()
    expect(who.page.get_by_role("listitem")).to_have_count(3)
    shades = [_GREY.fullmatch(shade) for shade in who.page.evaluate(_INK)]
    assert all(found and len(set(found.groups())) == 1 for found in shades), shades
    assert who.page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    who.screenshot(f"paper-{scheme}")
    paper = who.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


def test_code_isTheCustomersLink(shop: House, enter: Enter) -> None:
    who = enter()
    sold(who, shop, shop.customer())

    image = requests.get(f"{who.page.url}/qr.svg", timeout=SECONDS)

    assert image.content == qr.svg(status_url(who))


def test_print_isAskedForByTheButton(shop: House, enter: Enter) -> None:
    who = enter()
    sold(who, shop, shop.customer())
    who.press("Receipt", "link")
    who.page.evaluate("window.print = () => document.body.setAttribute('data-printed', 'yes')")

    who.press("Print")

    expect(who.page.locator("body[data-printed]")).to_have_count(1)
