"""A customer pays with points in a browser: the real till, bank and chain."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browsing import PHONE, Person
from tests.support.cashier import (
    basket,
    look_up,
    pay,
    points,
    sell,
    sold,
    status_url,
)
from tests.support.till_house import House
from tests.web.pages.conftest import Enter


def test_payment_fromTheCustomersIdToTheReceipt(shop: House, cashier: Person) -> None:
    customer = shop.customer()
    look_up(cashier, shop, customer)
    cashier.sees("30,000 points")
    cashier.sees("No points for one: Points can't pay for this item")
    basket(cashier, espresso=1, hamper=1)
    cashier.screenshot("till-basket")
    points(cashier, 2000)
    expect(cashier.page.locator("[data-said=worth]").first).to_have_text("13.40")
    expect(cashier.page.locator("[data-said=rest]")).to_have_text("39.40")

    pay(cashier)

    visited = len(cashier.visited)
    cashier.sees("13.40 CNY paid with points")
    expect(cashier.page.locator(".record.done")).to_have_count(2)
    assert cashier.page.locator(".qr").evaluate("image => image.decode().then(() => true)")
    assert len(cashier.visited) == visited, "the page was loaded again"
    cashier.screenshot("till-paid")
    cashier.press("Handed over")
    cashier.sees("Done: 13.40 CNY paid with points")
    expect(cashier.page.locator(".record.done")).to_have_count(3)
    cashier.press("Receipt", "link")
    cashier.sees("Left to pay")
    cashier.screenshot("till-receipt")
    assert shop.office.points(customer) == 28_000


def test_cancel_givesThePointsBack(shop: House, cashier: Person) -> None:
    customer = shop.customer()
    sell(cashier, shop, customer)
    cashier.sees("Hand the goods over")

    cashier.press("Cancel the sale")

    cashier.sees("The sale is cancelled")
    cashier.sees("Cancelled: all points are given back.")
    assert shop.office.points(customer) == 30_000


def test_refund_inPart(shop: House, cashier: Person) -> None:
    customer = shop.customer()
    sold(cashier, shop, customer)
    cashier.allowed.append("422")
    cashier.page.get_by_text("Refund a part").click()
    cashier.page.get_by_label("Amount in CNY").fill("6.71")
    cashier.press("Refund")
    cashier.sees("That is more than is left")

    cashier.page.get_by_text("Refund a part").click()
    cashier.page.get_by_label("Amount in CNY").fill("2.00")
    cashier.press("Refund")

    cashier.sees("298 points are back in the customer's account.")
    assert shop.office.points(customer) == 29_298


def frozen(shop: House, customer: str) -> None:
    shop.office.desk.freeze(customer)


def spent(shop: House, customer: str) -> None:
    shop.spend(customer, 29_500)


def worn_out(shop: House, customer: str) -> None:
    for _ in range(3):
        shop.spend(customer, 24_000)


@pytest.mark.parametrize(
    ("happens", "held", "said"),
    [
        (spent, 30_000, "The account holds too few points."),
        (frozen, 30_000, "The bank has frozen the account."),
        (worn_out, 90_000, "The customer has reached today's limit for points."),
    ],
    ids=["insufficient-points", "frozen", "account-day-cap"],
)
def test_payment_isRejectedIfSomethingHappensAfterTheOffer(
    shop: House, cashier: Person, happens: Callable[[House, str], None], held: int, said: str
) -> None:
    customer = shop.customer(held)
    look_up(cashier, shop, customer)
    basket(cashier, hamper=2)
    points(cashier, 5000)
    happens(shop, customer)

    pay(cashier)

    cashier.sees("Points can't pay this")
    cashier.sees(said)
    expect(cashier.page.locator(".record.failed")).to_have_count(1)
    left = cashier.page.locator("[sse-swap=goods] .rows > div", has_text="Left to pay")
    expect(left).to_contain_text("100.00")
    cashier.screenshot("till-rejected")


@pytest.mark.parametrize(
    ("held", "happens", "item", "said"),
    [
        (300, None, "hamper", "The account holds too few points."),
        (30_000, frozen, "hamper", "The bank has frozen the account."),
        (30_000, None, "gift-card", "Points can't pay for this item"),
        (30_000, None, "espresso", "or only too little of it"),
    ],
    ids=["insufficient-points", "frozen", "item-cap", "too small"],
)
def test_offer_saysWhyPointsCantPay(
    shop: House,
    cashier: Person,
    held: int,
    happens: Callable[[House, str], None] | None,
    item: str,
    said: str,
) -> None:
    customer = shop.customer(held)
    if happens:
        happens(shop, customer)
    look_up(cashier, shop, customer)

    cashier.press(f"One more {item}")

    payment = cashier.page.locator("#payment")
    expect(payment.get_by_text("Points can't pay for this", exact=True)).to_be_visible()
    expect(payment.get_by_text(said)).to_be_visible()


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


def test_twoCustomersAtOnce(shop: House, enter: Enter) -> None:
    both = [(enter(), shop.customer(), count) for count in (1000, 2000)]
    for who, customer, count in both:
        look_up(who, shop, customer)
        basket(who, hamper=1)
        points(who, count)

    for who, _, _ in both:
        who.page.get_by_role("button", name="Pay with points").click()

    for (who, customer, count), cash in zip(both, ("6.70", "13.40"), strict=True):
        who.sees(f"{cash} CNY paid with points")
        assert shop.office.points(customer) == 30_000 - count


def test_today_showsWhatIsOpen(shop: House, enter: Enter) -> None:
    first, second = enter(), enter()
    first.go(f"{shop.till.url}/sales")

    sale = sell(second, shop, shop.customer())

    row = first.page.locator(f"a[href='/sales/{sale}']")
    expect(row.get_by_text("Paid")).to_be_visible()
    second.sees("Hand the goods over")
    second.press("Handed over")
    expect(row.get_by_text("Completed")).to_be_visible()
    first.screenshot("till-today")


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
    expect(cashier.page.get_by_role("button", name="Pay with points")).to_be_visible()
    _tab_to(cashier, "Points to spend, by slider")
    keys.press("Home")
    expect(cashier.page.locator("[data-said=worth]").first).to_have_text("3.35")
    _tab_to(cashier, "Pay with points")
    keys.press("Enter")
    cashier.sees("Hand the goods over")
    _tab_to(cashier, "Handed over")
    keys.press("Enter")

    cashier.sees("Done: 3.35 CNY paid with points")


def _tab_to(who: Person, name: str) -> None:
    named = "(e => e.getAttribute('aria-label') || e.textContent.trim())(document.activeElement)"
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
