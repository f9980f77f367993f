"""The customer's consent: asked above an amount, over a way that isn't the till's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import requests

from tests.support.bank_node import (
    RATE,
    SECONDS,
    ChannelClient,
    Listener,
    Served,
    TillClient,
    channel_key,
    eventually,
    served,
)
from tests.support.points_office import Office
from tests.web.conftest import till_of

CASH_OF_500 = 335  # minor units
RACES = 8


@pytest.fixture
def asking(office: Office, credited: None, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A node that asks above what 500 points are worth, and waits a minute or as told."""
    seconds = getattr(request, "param", 60)
    settings = replace(RATE, confirm_above=CASH_OF_500, confirm_seconds=seconds)
    with served(office.state, settings) as node:
        yield node


@pytest.fixture
def till(office: Office, asking: Served) -> TillClient:
    """till-1 there."""
    return till_of(office, asking.url)


@pytest.fixture
def channel(office: Office, asking: Served) -> ChannelClient:
    """The bank's channel there."""
    return ChannelClient(asking.url, channel_key(office.state))


def link(channel: ChannelClient, answer: dict[str, Any]) -> str:
    """The address of the confirmation that the channel takes to the customer."""
    found = channel.ask("GET", "/v1/confirmations").json()["confirmations"]
    token = next(one["token"] for one in found if one["order_id"] == answer["order_id"])
    return f"{channel.url}/v1/confirmations/{token}"


def settled(till: TillClient, answer: dict[str, Any]) -> dict[str, Any]:
    """The final answer to an order."""
    path = f"/v1/orders/{answer['order_id']}"

    def final() -> dict[str, Any] | None:
        now: dict[str, Any] = till.get(path).json()
        return now if now["final"] else None

    return eventually(final)


def test_order_upToTheAmountIsNotAskedFor(till: TillClient) -> None:
    assert till.pay(500)["status"] == "paid"


def test_order_aboveItWaitsUntilTheCustomerConfirms(
    office: Office, till: TillClient, channel: ChannelClient
) -> None:
    answer = till.pay(600)
    assert (answer["status"], answer["final"]) == ("waiting", False)
    assert answer["confirm_until"] and office.points() == 5000
    where = link(channel, answer)
    assert requests.get(where, timeout=SECONDS).json()["state"] == "waiting"

    said = requests.post(where, json={"decision": "confirm"}, timeout=SECONDS)

    assert said.json()["state"] == "confirmed"
    assert settled(till, answer)["status"] == "paid"
    path = f"/v1/orders/{answer['order_id']}/events"
    events = Listener.at(till.url + path, till.headers("GET", path)).until("settled")
    assert [one["kind"] for one in events] == ["received", "waiting", "confirmed", "settled"]


def test_order_declinedIsNeverSettled(
    office: Office, till: TillClient, channel: ChannelClient
) -> None:
    order = till.order(till.quote(), 600)
    where = link(channel, till.send(order)[0])

    requests.post(where, json={"decision": "decline"}, timeout=SECONDS)

    again = till.send(order)[0]
    assert (again["status"], again["reason"]) == ("declined", "confirmation-declined")
    assert again["final"] and again["replayed"]
    second = requests.post(where, json={"decision": "confirm"}, timeout=SECONDS)
    assert (second.status_code, second.json()["code"]) == (409, "confirmation-ended")
    assert office.points() == 5000


@pytest.mark.parametrize("asking", [2], indirect=True)
def test_order_nobodyAnsweredForEnds(office: Office, till: TillClient) -> None:
    answer = till.pay(600)

    ended = settled(till, answer)

    assert (ended["status"], ended["reason"]) == ("declined", "confirmation-expired")
    assert office.points() == 5000


def withdraw(till: TillClient, answer: dict[str, Any]) -> dict[str, Any]:
    """What the bank says to a withdrawal."""
    said = till.post(f"/v1/orders/{answer['order_id']}/withdrawal", {})
    assert said.status_code == 200, said.text
    found: dict[str, Any] = said.json()
    return found


def test_order_withdrawnIsNeverSettled(
    office: Office, asking: Served, till: TillClient, channel: ChannelClient
) -> None:
    order = till.order(till.quote(), 600)
    where = link(channel, till.send(order)[0])

    said = withdraw(till, order)

    assert (said["status"], said["reason"]) == ("withdrawn", "confirmation-withdrawn")
    assert said["final"] and withdraw(till, order) == said | {"replayed": True}
    assert till.send(order)[0] == said | {"replayed": True}
    path = f"/v1/orders/{order['order_id']}/events"
    events = Listener.at(till.url + path, till.headers("GET", path)).until("withdrawn")
    assert [one["kind"] for one in events] == ["received", "waiting", "withdrawn"]
    assert events[-1]["reason"] == "confirmation-withdrawn"
    assert requests.get(where, timeout=SECONDS).json()["state"] == "withdrawn"
    late = requests.post(where, json={"decision": "confirm"}, timeout=SECONDS)
    assert (late.status_code, late.json()["code"]) == (409, "confirmation-ended")
    assert channel.ask("GET", "/v1/confirmations").json()["confirmations"] == []
    assert asking.node.orders.ready(10, ()) == [] and office.points() == 5000


def test_withdrawal_afterTheAnswerSaysWhereItStands(
    office: Office, till: TillClient, channel: ChannelClient
) -> None:
    answer = till.pay(600)
    requests.post(link(channel, answer), json={"decision": "confirm"}, timeout=SECONDS)

    assert withdraw(till, answer)["status"] in ("received", "paid")

    assert settled(till, answer)["status"] == "paid"
    assert withdraw(till, answer)["status"] == "paid"
    assert office.points() == 4400


def test_withdrawal_isTheOwnTerminalsOnly(
    office: Office, till: TillClient, channel: ChannelClient
) -> None:
    answer = till.pay(600)
    path = f"/v1/orders/{answer['order_id']}/withdrawal"

    assert till_of(office, till.url, "till-2").post(path, {}).status_code == 404
    assert channel.ask("POST", path).status_code == 401
    assert requests.post(till.url + path, timeout=SECONDS).status_code == 401
    assert till.post(f"/v1/orders/0x{'00' * 32}/withdrawal", {}).status_code == 404

    assert till.get(f"/v1/orders/{answer['order_id']}").json()["status"] == "waiting"


def test_withdrawals_raiseNoAlarm(asking: Served, till: TillClient, channel: ChannelClient) -> None:
    for _ in range(asking.node.settings.refusals_a_minute + 1):
        withdraw(till, till.pay(600))

    assert channel.ask("GET", "/v1/alarms").json()["alarms"] == []


def test_withdrawal_andAnswerAtOnce_oneOfThemCounts(
    office: Office, till: TillClient, channel: ChannelClient
) -> None:
    answers = [till.pay(600) for _ in range(RACES)]
    links = [link(channel, one) for one in answers]

    def confirm(where: str) -> bool:
        return requests.post(where, json={"decision": "confirm"}, timeout=SECONDS).ok

    with ThreadPoolExecutor(2 * RACES) as crowd:
        said = [
            (crowd.submit(confirm, where), crowd.submit(withdraw, till, one))
            for one, where in zip(answers, links, strict=True)
        ]
        confirmed = [one.result() for one, _ in said]

    ended = [settled(till, one)["status"] for one in answers]
    assert ended == ["paid" if yes else "withdrawn" for yes in confirmed]
    assert office.points() == 5000 - 600 * sum(confirmed)


def test_customer_canBeAskedAlways(till: TillClient, channel: ChannelClient) -> None:
    account = channel.ask("POST", "/v1/customers", {"customer_id": "C-1"}).json()["account"]
    path = f"/v1/customers/{account}/consent"
    assert channel.ask("PUT", path, {"confirm_above": "always"}).json()["confirm_above"] == "always"
    assert till.quote()["confirm_above"] == "0.00"

    assert till.pay(500)["status"] == "waiting"

    told = channel.ask("PUT", path, {"confirm_above": None}).json()
    assert told["confirm_above"] == "3.35"


def test_customer_isNeverAskedLessThanTheBankWould(
    till: TillClient, channel: ChannelClient
) -> None:
    channel.ask("PUT", "/v1/customers/C-1/consent", {"confirm_above": "150.00"})

    assert till.pay(600)["status"] == "waiting"


def test_till_cannotGetAtTheLink(till: TillClient) -> None:
    answer = till.pay(600)

    assert till.get("/v1/confirmations").status_code == 401
    stolen = f"{till.url}/v1/confirmations/{answer['status_token']}"
    assert requests.get(stolen, timeout=SECONDS).status_code == 404
    assert "confirmations" not in str(answer)


def test_statusLink_showsOneOrder(till: TillClient) -> None:
    answer = till.pay(500)
    where = f"{till.url}/v1/status/{answer['status_token']}"
    Listener.at(where + "/events").until("settled")

    page = requests.get(where, timeout=SECONDS).json()

    assert page["order"]["order_id"] == answer["order_id"]
    assert [one["kind"] for one in page["events"]] == ["received", "settled"]
    assert sum(lot["points"] for lot in page["drawn"]) == 500
    assert page["balance"]["points"] == 4500
    assert page["lines"][0]["item"] == "hamper"
    assert page["chain"]["ledger"] == till.domain.ledger


def test_statusLink_ends(office: Office, asking: Served, till: TillClient) -> None:
    answer = till.pay(500)
    asking.node.settings = replace(asking.node.settings, status_days=-1)

    gone = requests.get(f"{till.url}/v1/status/{answer['status_token']}", timeout=SECONDS)

    assert (gone.status_code, gone.json()["code"]) == (410, "link-ended")
