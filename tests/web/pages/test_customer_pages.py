"""What the customer sees: the payment as it happens, the question, and how to check it alone."""

from __future__ import annotations

import json
import re

import pytest
import requests
from playwright.sync_api import expect

from counterfoil.web.security import HEADERS
from tests.support.browsing import PHONE
from tests.support.cashier import basket, look_up, order_id, pay, points, refund, sell, status_url
from tests.support.till_house import SECONDS, House
from tests.web.pages.conftest import Enter


def test_status_changesByItself(shop: House, enter: Enter) -> None:
    cashier, customer = enter(), enter(PHONE)
    sell(cashier, shop, shop.customer(), 2000)
    customer.go(status_url(cashier))
    customer.sees("You paid 13.40 CNY with points")
    customer.sees("28,000")
    drawn = customer.page.locator(".stub .rows", has_text="2,000 points")
    expect(drawn).to_contain_text("good until")
    visited = len(customer.visited)
    customer.screenshot("customer-paid")

    cashier.press("Handed over")

    customer.sees("The shop has handed over the goods.")
    expect(customer.page.locator(".record.done")).to_have_count(3)
    refund(cashier, "2.00")
    customer.sees("298 points back")
    customer.sees("28,298")
    assert len(customer.visited) == visited, "the page was loaded again"
    customer.screenshot("customer-refunded")


def test_status_tellsOfACancelledPayment(shop: House, enter: Enter) -> None:
    cashier, customer = enter(), enter(PHONE)
    sell(cashier, shop, shop.customer())
    customer.go(status_url(cashier))

    cashier.press("Cancel the sale")

    customer.sees("The payment is cancelled")
    customer.sees("30,000")


def test_status_saysWhyNothingWasPaid(shop: House, enter: Enter) -> None:
    cashier, customer = enter(), enter(PHONE)
    who = shop.customer()
    look_up(cashier, shop, who)
    basket(cashier, hamper=1)
    shop.office.desk.freeze(who)
    pay(cashier)
    cashier.sees("Points can't pay this")

    customer.go(status_url(cashier))

    customer.sees("Nothing was paid with points")
    customer.sees("Your bank has frozen your account.")
    expect(customer.page.locator(".record.failed")).to_have_count(1)
    customer.look_for_barriers()
    customer.screenshot("customer-rejected")


def test_confirmation_isAskedForEveryPaymentIfTheCustomerWantsIt(shop: House, enter: Enter) -> None:
    cashier, customer = enter(), enter(PHONE)
    who = shop.customer()
    shop.always_ask(who)
    look_up(cashier, shop, who)
    basket(cashier, hamper=1)
    points(cashier, 1000)
    cashier.sees("The bank asks the customer to confirm on their own phone.")
    pay(cashier)
    customer.go(status_url(cashier))
    customer.sees("Your bank waits for your yes")

    customer.go(shop.confirmation(order_id(cashier)))
    customer.press("Yes, pay with points")

    cashier.sees("Hand the goods over")


def test_check_holdsAgainstTheChain(shop: House, enter: Enter) -> None:
    cashier, customer = enter(), enter(PHONE)
    sell(cashier, shop, shop.customer())
    cashier.sees("Hand the goods over")
    cashier.press("Handed over")
    cashier.sees("All three records are on the chain.")
    customer.go(status_url(cashier))
    expect(customer.page.locator(".record.done")).to_have_count(3)
    customer.page.get_by_text("Check it yourself").click()
    customer.screenshot("customer-check")
    shown = customer.page.locator("pre.code").all_text_contents()
    ledger = shop.office.desk.ledger.record.address.lower()

    assert len(shown) == 6
    for question, expected in zip(shown[::2], shown[1::2], strict=True):
        body = re.fullmatch(r"curl -s \"\$NODE\" -H '(.*)' -d '(.*)'", question)
        assert body is not None
        answer = requests.post(
            shop.office.chain.url, data=body[2], headers=_header(body[1]), timeout=SECONDS
        )
        receipt = answer.json()["result"]
        topics = [log["topics"] for log in receipt["logs"] if log["address"].lower() == ledger]
        assert receipt["status"] == "0x1"
        assert any(
            found[: len(wanted)] == wanted for found in topics for wanted in [expected.split()]
        )


def _header(text: str) -> dict[str, str]:
    name, _, value = text.partition(": ")
    return {name: value}


@pytest.mark.parametrize(
    ("answer", "said"), [("Yes, pay with points", "Paid"), ("No, don't pay", "Not confirmed")]
)
def test_confirmation_isAskedAboveTheLimit(
    shop: House, enter: Enter, answer: str, said: str
) -> None:
    cashier, customer = enter(), enter(PHONE)
    sell(cashier, shop, shop.customer(), 9000)
    cashier.sees("Waiting for the customer")
    cashier.look_for_barriers()
    cashier.screenshot("till-asked")
    customer.go(status_url(cashier))
    customer.sees("Your bank waits for your yes")
    customer.look_for_barriers()
    customer.screenshot("customer-asked")
    customer.go(shop.confirmation(order_id(cashier)))
    customer.sees("Pay this with your points?")
    customer.look_for_barriers()
    customer.screenshot("customer-confirm")

    customer.press(answer)

    expect(customer.page.locator(".tag")).to_have_text(said)
    expect(cashier.page.locator(".headline .tag")).to_have_text(said)


def test_confirmation_countsOnce(shop: House, enter: Enter) -> None:
    cashier, customer, late = enter(), enter(PHONE), enter(PHONE)
    sell(cashier, shop, shop.customer(), 9000)
    cashier.sees("Waiting for the customer")
    link = shop.confirmation(order_id(cashier))
    customer.go(link)
    late.hears_nothing()
    late.go(link)
    customer.press("No, don't pay")
    expect(customer.page.locator(".tag")).to_have_text("Not confirmed")
    late.allowed.append("409")

    late.press("Yes, pay with points")

    late.sees("It is decided already")
    late.look_for_barriers()
    late.screenshot("customer-decided")


def test_confirmation_endsWhenTheCashierCallsTheSaleOff(shop: House, enter: Enter) -> None:
    cashier, customer = enter(), enter(PHONE)
    who = shop.customer()
    sell(cashier, shop, who, 9000)
    cashier.sees("Waiting for the customer")
    customer.go(shop.confirmation(order_id(cashier)))
    customer.sees("Pay this with your points?")

    cashier.press("Cancel the sale")

    cashier.sees("The sale is called off")
    cashier.sees("Called off before the customer had answered")
    customer.sees("The shop has called it off")
    expect(customer.page.get_by_role("button")).to_have_count(0)
    customer.look_for_barriers()
    customer.screenshot("customer-called-off")
    customer.press("See the payment", "link")
    customer.sees("The shop called it off before you had answered")
    assert shop.office.points(who) == 30_000


def test_link_endsAfterAWeek(shop: House, enter: Enter) -> None:
    cashier, customer = enter(), enter(PHONE)
    sell(cashier, shop, shop.customer(), 9000)
    links = (status_url(cashier), shop.confirmation(order_id(cashier)))
    shop.link_ends(order_id(cashier))
    customer.allowed.append("410")

    for link in links:
        customer.go(link)
        customer.sees("This link has ended")
        customer.look_for_barriers()
    customer.screenshot("customer-ended")


def test_everyPage_isUnderTheStrictPolicy(shop: House, enter: Enter) -> None:
    cashier = enter()
    sell(cashier, shop, shop.customer(), 9000)
    cashier.sees("Waiting for the customer")
    status, question = status_url(cashier), shop.confirmation(order_id(cashier))
    nothing = "A" * 32
    answers = [
        requests.get(link, timeout=SECONDS, stream=True)
        for page in (status, question)
        for link in (page, f"{page}/events", f"{page[:-32]}{nothing}", f"{page[:-32]}short")
    ]
    for decision in ("", "decline", "confirm"):  # asked again, see the payment, too late
        form = {"decision": decision}
        answers.append(requests.post(question, form, timeout=SECONDS, allow_redirects=False))

    assert [one.status_code for one in answers] == [200, 200, 404, 404] * 2 + [200, 303, 409]
    for answer in answers:
        for name, value in HEADERS.items():
            assert value in answer.headers[name]
        policy = answer.headers["Content-Security-Policy"]
        assert policy == HEADERS["Content-Security-Policy"]
        answer.close()


@pytest.mark.parametrize("path", ["/s/", "/c/"])
@pytest.mark.parametrize("token", ["A" * 32, "short"])
def test_unknownLink_opensNothing(shop: House, enter: Enter, path: str, token: str) -> None:
    customer = enter(PHONE)
    customer.allowed.append("404")

    customer.go(f"{shop.bank.url}{path}{token}")

    customer.sees("There is no such page")
    customer.look_for_barriers()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_status_hasNoBarriers(shop: House, enter: Enter, scheme: str) -> None:
    cashier, customer = enter(), enter(PHONE, scheme)
    sell(cashier, shop, shop.customer())
    customer.go(status_url(cashier))
    customer.sees("Your points now")
    customer.page.get_by_text("Check it yourself").click()

    customer.look_for_barriers()
    customer.screenshot(f"customer-{scheme}")


def test_events_ofAnUnknownLink(shop: House) -> None:
    answer = requests.get(f"{shop.bank.url}/s/{'A' * 32}/events", timeout=SECONDS)

    assert answer.status_code == 404
    assert json.dumps(answer.headers.get("Content-Type"))
