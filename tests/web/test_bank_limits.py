"""How much a node takes, how fast and how long; and what it says of it in its log."""

from __future__ import annotations

import json
import logging
import socket
import time
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests

from counterfoil.bank.doorway import MAX_BODY
from counterfoil.bank.gate import Rates
from counterfoil.errors import Refused
from tests.support.bank_node import (
    RATE,
    SECONDS,
    ChannelClient,
    Served,
    TillClient,
    served,
)
from tests.support.points_office import Office
from tests.support.problems import problem
from tests.web.conftest import till_of

ASKED = {"customer_id": "C-1", "terminal": "till-1"}


def test_body_tooLargeIsRefused(till: TillClient) -> None:
    answer = requests.post(till.url + "/v1/orders", b" " * (MAX_BODY + 1), timeout=SECONDS)
    problem(answer, 413, "too-large")


def test_orders_tooManyAreRefused(till: TillClient) -> None:
    order = till.order(till.quote())
    answer = till.post("/v1/orders", {"orders": [order] * 1001})
    assert problem(answer, 422, "bad-input")["field"] == "orders"


def test_body_tooSlowIsRefused(office: Office, credited: None) -> None:
    head = b"POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-length: 99999\r\n\r\n"
    with served(office.state, replace(RATE, body_seconds=0.3, head_seconds=0.5)) as node:
        assert dribbled(node.url, head).startswith(b"HTTP/1.1 408 ")


def test_head_tooSlowIsRefused(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, head_seconds=0.5)) as node:
        said = dribbled(node.url, b"POST /v1/orders HTTP/1.1\r\nx-slow: ")
        assert requests.get(node.url + "/healthz", timeout=SECONDS).ok
    assert said.startswith(b"HTTP/1.1 408 ")


def dribbled(url: str, start: bytes) -> bytes:
    """All that the node says to one who sends byte after byte, until it hangs up."""
    place, said = urlsplit(url), b""
    deadline = time.monotonic() + SECONDS
    with socket.create_connection((place.hostname, place.port), SECONDS) as line:
        line.sendall(start)
        line.settimeout(0.05)
        while time.monotonic() < deadline:
            try:
                piece = line.recv(4096)
            except TimeoutError:
                with suppress(BrokenPipeError, ConnectionResetError):  # the next look tells
                    line.sendall(b"x")
                continue
            except ConnectionResetError:
                piece = b""
            if not piece:
                return said
            said += piece
    raise AssertionError(f"the line is still open: {said!r}")


def test_requests_tooManyAreRefused(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, rate=0.001, burst=3)) as node:
        till = till_of(office, node.url)
        answers = [till.post("/v1/quotes", ASKED).status_code for _ in range(4)]
    assert answers == [201, 201, 201, 429]


def test_orders_countAgainstTheirOwnRate(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, order_rate=0.001, order_burst=5)) as node:
        till = till_of(office, node.url)
        orders = [till.order(till.quote()) for _ in range(4)]
        post = {"orders": orders, "wait_seconds": 0}

        assert till.post("/v1/orders", post).status_code == 202
        problem(till.post("/v1/orders", post), 429, "too-many")  # one is left, and goes with it
        problem(till.post("/v1/orders", {**post, "orders": orders[:1]}), 429, "too-many")

        assert till.get(f"/v1/orders/{orders[0]['order_id']}").status_code == 200


def test_rates_takeAllOrNone() -> None:
    rates = Rates(0.001, 10)
    rates.take("till", 7)

    with pytest.raises(Refused):
        rates.take("till", 4)

    rates.take("till", 2)
    with pytest.raises(Refused):
        rates.take("till")
    rates.take("another", 10)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/static/mark.svg", "public, max-age=31536000, immutable"),
        ("/s/x", "no-store"),
        ("/healthz", "no-store"),
    ],
)
def test_answer_saysOnceHowLongItMayBeKept(bank: Served, path: str, kept: str) -> None:
    headers = requests.get(bank.url + path, timeout=SECONDS).headers

    assert headers["cache-control"] == kept
    assert headers["x-content-type-options"] == "nosniff"


def test_field_isNamedAndItsValueIsNot(till: TillClient) -> None:
    asked = {**ASKED, "basket": [{"item": "hamper", "quantity": 0, "unit_price": "secret"}]}

    told = problem(till.post("/v1/quotes", asked), 422, "bad-input")

    assert told["field"].startswith("basket.0.")
    assert "secret" not in json.dumps(told)


def test_log_namesNoCustomerKeyOrToken(
    till: TillClient, channel: ChannelClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = till.pay(customer="C-1")
    channel.ask("GET", "/v1/customers/C-1/balance")
    requests.get(f"{till.url}/v1/status/{answer['status_token']}", timeout=SECONDS)

    said = [record.getMessage() for record in caplog.records]
    ours = [json.loads(line) for line in said if line.startswith('{"at"')]

    routes = {line["route"] for line in ours if line["event"] == "request"}
    assert {"/v1/quotes", "/v1/orders", "/v1/customers/{id}/balance"} <= routes
    assert all(line["request_id"] for line in ours if line["event"] == "request")
    for secret in ("C-1", answer["status_token"], channel.key):
        assert not [line for line in map(json.dumps, ours) if secret in line]
