"""What a customer is shown who can't be shown what they asked for: a page, whatever the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests

from tests.support.bank_node import RATE, SECONDS, ChannelClient, Served, channel_key, served
from tests.support.points_office import Office
from tests.web.conftest import till_of
from tests.web.test_bank_consent import link, settled, withdraw

PAGES = "https://pay.example"
YES = {"decision": "confirm"}


def page(answer: requests.Response, status: int, title: str) -> None:
    """The answer is such a page."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert title in answer.text


@pytest.mark.parametrize("path", ["/s", "/c/", "/s/a/b", "/c/a/events/b", "/s/%00"])
def test_path_underTheLinksThatLeadsNowhereIsAPage(bank: Served, path: str) -> None:
    page(requests.get(bank.url + path, timeout=SECONDS), 404, "There is no such page")


def test_customers_whoAskTooOftenAreShownAPage(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, rate=0.001, burst=1)) as node:
        where = f"{node.url}/s/{'A' * 32}"
        page(requests.get(where, timeout=SECONDS), 404, "There is no such page")
        answer = requests.get(where, timeout=SECONDS)
        page(answer, 429, "Too many ask just now")
        assert answer.headers["retry-after"] == "1"
        answer = requests.post(f"{node.url}/c/{'A' * 32}", YES, timeout=SECONDS)
        page(answer, 429, "Too many ask just now")
        told = requests.get(f"{node.url}/v1/rules/1", timeout=SECONDS).json()
        assert told["code"] == "too-many"  # a program is told as before


def test_answer_isHeardFromTheBanksPageBehindAProxy(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, confirm_above=0, pages=PAGES)) as node:
        till = till_of(office, node.url)
        order = till.pay()
        channel = ChannelClient(node.url, channel_key(office.state))
        where = f"{node.url}/c/{link(channel, order).rpartition('/')[2]}"

        def post(origin: str) -> requests.Response:
            asked = {"headers": {"origin": origin, "sec-fetch-site": "same-origin"}}
            return requests.post(where, YES, timeout=SECONDS, allow_redirects=False, **asked)

        for stranger in ("https://evil.example", "http://pay.example", "null"):
            page(post(stranger), 409, "This didn&#39;t come from your bank&#39;s page")
        assert till.get(f"/v1/orders/{order['order_id']}").json()["status"] == "waiting"

        assert post(PAGES).status_code == 303
        assert settled(till, order)["status"] == "paid"


def test_answer_afterTheShopCalledItOffIsToldSo(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, confirm_above=0)) as node:
        till = till_of(office, node.url)
        order = till.pay()
        channel = ChannelClient(node.url, channel_key(office.state))
        where = f"{node.url}/c/{link(channel, order).rpartition('/')[2]}"
        withdraw(till, order)

        page(requests.post(where, YES, timeout=SECONDS), 409, "or the shop has called it off")
