"""Refunds at the bank's node: what they wait for, nobody else does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import requests

from counterfoil.points import refunds
from tests.support.bank_node import RATE, SECONDS, ChannelClient, channel_key, eventually, served
from tests.support.points_office import Office
from tests.web.conftest import till_of
from tests.web.test_bank_consent import CASH_OF_500, link, settled


@contextmanager
def slow_refunds(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Every refund waits until the block ends, as for a chain that mines none of them."""
    really, begun, end = refunds.refund_order, threading.Event(), threading.Event()

    def waits(*asked: Any) -> Any:
        begun.set()
        end.wait(10 * SECONDS)
        return really(*asked)

    with monkeypatch.context() as patch:
        patch.setattr(refunds, "refund_order", waits)
        try:
            yield begun
        finally:
            end.set()


def test_refund_thatIsNotMinedLetsTheNodeEnd(office: Office, credited: None) -> None:
    chain, settler = office.chain, office.desk.signer("settler").address
    with served(office.state, RATE) as node:
        till = till_of(office, node.url)
        path = f"/v1/orders/{till.pay(500)['order_id']}/refunds"
        asked = {"refund_id": "r-1", "cash": "3.35", "wait_seconds": 0}
        chain.request("evm_setAutomine", False)
        try:
            till.post(path, asked)
            eventually(lambda: chain.is_sending(settler))
            stopping = threading.Thread(target=node.node.dispatcher.stop)
            stopping.start()
            stopping.join(SECONDS)
            assert not stopping.is_alive()
        finally:
            chain.request("evm_setAutomine", True)
            chain.request("evm_mine")

    with served(office.state, RATE) as node:
        till = till_of(office, node.url)
        eventually(lambda: till.post(path, asked).json()["status"] == "refunded")
    assert (office.events("OrderRefunded"), office.points()) == (1, 5000)


def test_refund_thatWaitsHoldsUpNoOrder(
    office: Office, credited: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(office.state, replace(RATE, confirm_above=CASH_OF_500)) as node:
        till = till_of(office, node.url)
        channel = ChannelClient(node.url, channel_key(office.state))
        path = f"/v1/orders/{till.pay(500)['order_id']}/refunds"
        asked = {"refund_id": "r-1", "cash": "3.35", "wait_seconds": 0}
        waiting = till.pay(600)
        with slow_refunds(monkeypatch) as begun:
            till.post(path, asked)
            assert begun.wait(SECONDS)

            where = link(channel, waiting)
            assert requests.post(where, json={"decision": "confirm"}, timeout=SECONDS).ok
            assert settled(till, waiting)["status"] == "paid"
            assert till.pay(500)["status"] == "paid"
            assert till.post(path, asked).json()["status"] == "received"

        eventually(lambda: till.post(path, asked).json()["status"] == "refunded")
    assert office.points() == 5000 - 600 - 500
