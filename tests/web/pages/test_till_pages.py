"""A customer pays with points in a browser: the real till, bank and chain."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import expect

from tests.support.browsing import ZONE, Person
from tests.support.cashier import (
    basket,
    look_up,
    pay,
    pay_button,
    points,
    refund,
    sell,
    sold,
)
from tests.support.till_house import KNOWN_AS, SECONDS, House
from tests.web.pages.conftest import Enter


def test_payment_fromTheCustomersIdToTheReceipt(shop: House, cashier: Person) -> None:
    customer = shop.customer()
    look_up(cashier, shop, customer)
    cashier.sees("30,000 points")
    cashier.sees("Up to 3.00 CNY each, but only together with other items")
    cashier.sees("Not to be paid with points")
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
    cashier.sees("By other means")
    cashier.screenshot("till-receipt")
    assert shop.office.points(customer) == 28_000


def test_cancel_givesThePointsBack(shop: House, cashier: Person) -> None:
    customer = shop.customer()
    sell(cashier, shop, customer)
    cashier.sees("Hand the goods over")

    cashier.press("Cancel the sale")

    cashier.sees("The sale is cancelled")
    cashier.sees("Cancelled: all points are given back.")
    cashier.press("Receipt", "link")
    cashier.sees("Cancelled: all points are given back.")
    points_paid = cashier.page.locator(".rows > div", has_text="Paid with points")
    expect(points_paid).to_contain_text("0.00")
    expect(cashier.page.get_by_text("Left to pay")).to_have_count(0)
    cashier.look_for_barriers()
    cashier.screenshot("till-receipt-cancelled")
    assert shop.office.points(customer) == 30_000


def test_refund_inPart(shop: House, cashier: Person) -> None:
    customer = shop.customer()
    sold(cashier, shop, customer)
    cashier.allowed.append("422")
    refund(cashier, "6.71")
    cashier.sees("That is more than is left")

    refund(cashier, "2.00")

    cashier.sees("298 points are back in the customer's account.")
    assert shop.office.points(customer) == 29_298


def test_refund_ofAnotherAmountFromAnOldPageIsRefused(shop: House, enter: Enter) -> None:
    first, second = enter(), enter()
    customer = shop.customer()
    sold(first, shop, customer)
    second.hears_nothing()
    second.go(first.page.url)
    refund(first, "2.00")
    first.sees("298 points are back in the customer's account.")
    second.allowed.append("409")

    refund(second, "1.00")

    second.sees("Another amount was refunded meanwhile")
    second.look_for_barriers()
    second.screenshot("till-refund-used")
    assert shop.office.points(customer) == 29_298
    refund(second, "1.00")
    first.sees("149 points are back in the customer's account.")


def test_twoCustomersAtOnce(shop: House, enter: Enter) -> None:
    both = [(enter(), shop.customer(), count) for count in (1000, 2000)]
    for who, customer, count in both:
        look_up(who, shop, customer)
        basket(who, hamper=1)
        points(who, count)

    for who, _, _ in both:
        pay_button(who).click()

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


def test_yesterdaysSale_isFoundAndRefunded(shop: House, cashier: Person) -> None:
    customer = shop.customer()
    sale = sold(cashier, shop, customer)
    cashier.press("Receipt", "link")
    number = cashier.page.get_by_text("Receipt number").locator("code").text_content()
    shop.days_pass(sale, 1)
    cashier.press("Today", "link")
    row = cashier.page.locator(f"a[href='/sales/{sale}']")
    expect(row).to_have_count(0)

    yesterday = datetime.now() - timedelta(days=1)
    cashier.page.get_by_label("Day").fill(f"{yesterday:%Y-%m-%d}")
    cashier.press("Find")
    expect(row.get_by_text("Completed")).to_be_visible()
    cashier.look_for_barriers()
    cashier.screenshot("till-found-day")
    cashier.page.get_by_label("Day").fill("")
    cashier.page.get_by_label("Receipt or order number").fill(str(number))
    cashier.press("Find")
    expect(row.get_by_text("Completed")).to_be_visible()
    cashier.look_for_barriers()
    cashier.screenshot("till-found-number")
    row.click()
    refund(cashier, "2.00")

    cashier.sees("298 points are back in the customer's account.")
    assert shop.office.points(customer) == 29_298


def test_times_areInTheViewersZone(shop: House, cashier: Person) -> None:
    sell(cashier, shop, shop.customer())
    cashier.sees("Hand the goods over")

    shown = cashier.page.locator(".record.done time").first
    moment = datetime.fromisoformat(str(shown.get_attribute("datetime")))
    there = moment.astimezone(ZoneInfo(ZONE))

    assert there.utcoffset() != moment.utcoffset()
    assert shown.inner_text() == f"{there:%H:%M:%S}"


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1", 200), (KNOWN_AS, 200), ("elsewhere.test", 409)]
)
def test_till_isWorkedByItsOwnNamesOnly(shop: House, host: str, status: int) -> None:
    answer = requests.get(shop.till.url, headers={"Host": host}, timeout=SECONDS)

    assert answer.status_code == status
