"""A terminal's withdrawal at one node against its customer's yes at another: one of them counts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import requests

from tests.support.bank_node import (
    RATE,
    SECONDS,
    ChannelClient,
    Served,
    TillClient,
    channel_key,
    served,
)
from tests.support.points_office import Office
from tests.web.conftest import till_of
from tests.web.test_bank_consent import link, settled, withdraw

RACES = 10
POINTS = 500


def test_withdrawal_andAnswerAtTwoNodes_oneOfThemCounts(office: Office, credited: None) -> None:
    settings = replace(RATE, confirm_above=0)
    with served(office.state, settings) as one, served(office.state, settings) as other:
        till = till_of(office, one.url)
        channel = ChannelClient(other.url, channel_key(office.state))

        ends = [_race(till, channel) for _ in range(RACES)]

        assert _ready(one) == _ready(other) == []
    assert office.points() == 5000 - POINTS * ends.count("paid")
    assert office.events("OrderPaid") == ends.count("paid")


def _race(till: TillClient, channel: ChannelClient) -> str:
    """How an order ends whose till withdraws it while its customer says yes elsewhere."""
    order = till.pay(POINTS)
    where, start = link(channel, order), threading.Barrier(2)

    def confirm() -> bool:
        start.wait(SECONDS)
        return requests.post(where, json={"decision": "confirm"}, timeout=SECONDS).ok

    with ThreadPoolExecutor(1) as customer:
        saying = customer.submit(confirm)
        start.wait(SECONDS)
        told = withdraw(till, order)
        confirmed = saying.result()
    ended = settled(till, order)
    assert ended["status"] == ("paid" if confirmed else "withdrawn")
    assert (told["status"] == "withdrawn") != confirmed
    return str(ended["status"])


def _ready(node: Served) -> list[str]:
    return [one.order_id for one in node.node.orders.ready(10, ())]
