"""Who may come in, and what nobody may do."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
import requests

from counterfoil.keys import Signer
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
