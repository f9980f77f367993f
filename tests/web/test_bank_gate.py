"""Who may come in, and what nobody may do."""

from __future__ import annotations

import json
import logging
import socket
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from counterfoil.bank.service import MAX_BODY
from counterfoil.keys import Signer
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


def problem(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document, which is what it should be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (told["code"], told["status"]) == (code, status)
    assert told["type"].endswith(code) and told["title"] and told["detail"]
    assert told["request_id"] == answer.headers["x-request-id"]
    return told


ASKED = {"customer_id": "C-1", "terminal": "till-1"}


def test_request_withoutSignatureIsRefused(till: TillClient) -> None:
    problem(requests.post(till.url + "/v1/quotes", json=ASKED, timeout=9), 401, "not-authenticated")


def test_request_replayedIsRefused(till: TillClient) -> None:
    nonce = b"\x07" * 16
    assert till.post("/v1/quotes", ASKED, nonce=nonce).status_code == 201

    problem(till.post("/v1/quotes", ASKED, nonce=nonce), 401, "not-authenticated")


@pytest.mark.parametrize("off", [-120, 120])
def test_request_ofAnotherTimeIsRefused(till: TillClient, off: int) -> None:
    answer = till.post("/v1/quotes", ASKED, now=int(time.time()) + off)
    problem(answer, 401, "not-authenticated")


def test_request_forgedIsRefused(till: TillClient) -> None:
    answer = till.post("/v1/quotes", ASKED, signer=Signer.generate())
    problem(answer, 401, "not-authenticated")


def test_request_withAnotherBodyThanWasSignedIsRefused(till: TillClient) -> None:
    raw = json.dumps(ASKED).encode()
    headers = till.headers("POST", "/v1/quotes", raw) | {"content-type": "application/json"}

    answer = requests.post(till.url + "/v1/quotes", raw + b" ", headers=headers, timeout=SECONDS)

    problem(answer, 401, "not-authenticated")


def test_terminal_disabledIsShutOut(office: Office, till: TillClient) -> None:
    office.act("setTerminalEnabled", till.address, False)

    problem(till.post("/v1/quotes", ASKED), 401, "not-authenticated")


def test_terminal_asksForItselfOnly(till: TillClient) -> None:
    answer = till.post("/v1/quotes", {**ASKED, "terminal": "till-2"})
    problem(answer, 403, "not-allowed")


def test_terminal_foreignSeesAndRefundsNothing(office: Office, till: TillClient) -> None:
    paid = till.pay()
    other = till_of(office, till.url, "till-2")
    where = f"/v1/orders/{paid['order_id']}"

    for path in (where, f"{where}/events", f"{where}/receipt"):
        problem(other.get(path), 404, "not-found")
    problem(other.post(f"{where}/refunds", {"refund_id": "r"}), 404, "not-found")


def test_terminal_cannotPostAnothersOrder(office: Office, till: TillClient) -> None:
    order = till.order(till.quote())
    other = till_of(office, till.url, "till-2")

    answer = other.send(order)[0]

    assert (answer["status"], answer["reason"]) == ("invalid", "foreign-terminal")
    assert till.send(order)[0]["status"] == "paid"  # nothing of it was used up


def test_order_forgedIsInvalid(office: Office, till: TillClient) -> None:
    order = till.order(till.quote())
    forged = replace(till, signer=Signer.generate()).order(till.quote())
    order["signature"] = forged["signature"]

    answer = till.send(order)[0]

    assert (answer["status"], answer["reason"]) == ("invalid", "bad-signature")
    assert office.points() == 5000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quote_id": "q_unknown"}, "quote-unknown"),
        ({"message": {"message": {}}}, "bad-row"),
        ({"order_id": "0x" + "00" * 32}, "bad-row"),
    ],
)
def test_order_thatCannotBeTakenSaysWhy(
    till: TillClient, change: dict[str, Any], reason: str
) -> None:
    answer = till.send({**till.order(till.quote()), **change})[0]

    assert (answer["status"], answer["reason"]) == ("invalid", reason)


def test_quote_answersOneOrderOfItsCustomerAndBasket(till: TillClient, office: Office) -> None:
    quote = till.quote()
    first, second = till.order(quote), till.order(quote)
    another = till.order({**quote, "account": "0x" + "11" * 32})
    bound = till.quote(basket=[{"item": "espresso", "quantity": 1, "unit_price": "3.00"}])
    hampers = till.order(bound)

    reasons = [one["reason"] for one in till.send(first, second, another, hampers)]

    assert reasons == [None, "quote-used", "quote-mismatch", "quote-mismatch"]


def test_quote_overIsNoGood(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, quote_seconds=0)) as node:
        answer = till_of(office, node.url).pay()

    assert (answer["status"], answer["reason"]) == ("invalid", "quote-expired")


def test_body_tooLargeIsRefused(till: TillClient) -> None:
    answer = requests.post(till.url + "/v1/orders", b" " * (MAX_BODY + 1), timeout=SECONDS)
    problem(answer, 413, "too-large")


def test_orders_tooManyAreRefused(till: TillClient) -> None:
    order = till.order(till.quote())
    answer = till.post("/v1/orders", {"orders": [order] * 1001})
    assert problem(answer, 422, "bad-input")["field"] == "orders"


def test_body_tooSlowIsRefused(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, body_seconds=0.2)) as node:
        place = urlsplit(node.url)
        with socket.create_connection((place.hostname, place.port), SECONDS) as line:
            line.sendall(b"POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
            said = line.recv(4096)
    assert said.startswith(b"HTTP/1.1 408 ")


def test_requests_tooManyAreRefused(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, rate=0.001, burst=3)) as node:
        till = till_of(office, node.url)
        answers = [till.post("/v1/quotes", ASKED).status_code for _ in range(4)]
    assert answers == [201, 201, 201, 429]


def test_field_isNamedAndItsValueIsNot(till: TillClient) -> None:
    asked = {**ASKED, "basket": [{"item": "hamper", "quantity": 0, "unit_price": "secret"}]}

    told = problem(till.post("/v1/quotes", asked), 422, "bad-input")

    assert told["field"].startswith("basket.0.")
    assert "secret" not in json.dumps(told)


def test_channel_withAnotherKeyIsRefused(bank: Served) -> None:
    for key in ("", "cfk_wrong"):
        answer = ChannelClient(bank.url, key).ask("GET", "/v1/customers/C-1/balance")
        problem(answer, 401, "not-authenticated")


def test_channel_seesCustomers(till: TillClient, channel: ChannelClient) -> None:
    paid = till.pay()
    account = channel.ask("POST", "/v1/customers", {"customer_id": "C-1"}).json()["account"]

    balance = channel.ask("GET", f"/v1/customers/{account}/balance").json()
    rows = channel.ask("GET", f"/v1/customers/{account}/statement").json()["movements"]

    assert (balance["points"], balance["worth"]) == (4500, "30.15")
    assert [(row["movement"], row["points"]) for row in rows] == [("issued", 5000), ("paid", -500)]
    assert rows[1]["transaction"] == paid["transaction"]
    assert channel.ask("GET", f"/v1/orders/{paid['order_id']}").json()["status"] == "paid"


def test_alarm_isRaisedForManyAccounts(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, accounts_a_minute=3)) as node:
        till = till_of(office, node.url)
        for number in range(9):  # a minute may end once in between
            till.quote(f"C-{number}")
        channel = ChannelClient(node.url, channel_key(office.state))
        alarms = channel.ask("GET", "/v1/alarms").json()["alarms"]
        metrics = requests.get(node.url + "/metrics", timeout=SECONDS).text

    assert (alarms[0]["terminal"], alarms[0]["kind"]) == ("till-1", "accounts")
    assert 'counterfoil_alarms_total{kind="accounts"}' in metrics


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


def test_rulesAndCatalogue_areForAnybody(till: TillClient) -> None:
    rules = requests.get(till.url + "/v1/rules/1", timeout=SECONDS).json()
    assert (rules["points"], rules["minor_units"], rules["live"]) == (100, 67, True)
    assert rules["restored"] == "grace:30"
    problem(requests.get(till.url + "/v1/rules/9", timeout=SECONDS), 404, "not-found")

    sold = requests.get(till.url + "/v1/terminals/till-1/catalogue", timeout=SECONDS).json()
    assert [(one["item"], one["cap"]) for one in sold["items"]] == [
        ("espresso", "3.00"),
        ("hamper", "45.00"),
        ("gift-card", "0.00"),
    ]
    answer = requests.get(till.url + "/v1/terminals/till-77/catalogue", timeout=SECONDS)
    problem(answer, 404, "not-found")


def test_readyz_saysWhatIsThere(bank: Served) -> None:
    answer = requests.get(bank.url + "/readyz", timeout=SECONDS)
    assert answer.status_code == 200
    assert answer.json()["chain"] and answer.json()["database"]
