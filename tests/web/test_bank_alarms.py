"""Terminals that behave unusually are told of, whatever they wait for; and what the log says."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest
import requests

from counterfoil.bank.consents import Alarms, Raised
from counterfoil.bank.settings import Settings
from counterfoil.bank.telemetry import Lines, Telemetry
from counterfoil.bank.watch import Watch
from counterfoil.errors import Unavailable
from tests.support.bank_node import (
    RATE,
    SECONDS,
    ChannelClient,
    Served,
    channel_key,
    eventually,
    served,
)
from tests.support.points_office import Office
from tests.web.conftest import till_of


def alarms(office: Office, node: Served) -> list[tuple[str, str]]:
    """Whom the bank's channel is told of, and for what."""
    answer = ChannelClient(node.url, channel_key(office.state)).ask("GET", "/v1/alarms")
    return [(one["terminal"], one["kind"]) for one in answer.json()["alarms"]]


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


def test_alarm_isRaisedForOrdersThatAreRejectedLater(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, refusals_a_minute=1)) as node:
        till = till_of(office, node.url)
        orders = [till.order(till.quote(), points=400) for _ in range(4)]  # a minute may end once
        assert [one["final"] for one in till.send(*orders, wait=0)] == [False] * 4

        assert eventually(lambda: alarms(office, node)) == [("till-1", "refusals")]


def test_alarm_isRaisedForCustomersWhoSayNo(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, confirm_above=0, refusals_a_minute=0)) as node:
        assert till_of(office, node.url).pay()["status"] == "waiting"
        channel = ChannelClient(node.url, channel_key(office.state))
        asked = channel.ask("GET", "/v1/confirmations").json()["confirmations"][0]
        where = f"{node.url}/v1/confirmations/{asked['token']}"
        assert requests.post(where, json={"decision": "decline"}, timeout=SECONDS).ok

        assert alarms(office, node) == [("till-1", "refusals")]


class Kept(Alarms):
    """Alarms that a database keeps, or doesn't."""

    def __init__(self, away: bool = False) -> None:
        self.raised: list[Raised] = []
        self._away = away

    def raise_(self, alarm: Raised) -> None:
        """As the database is."""
        if self._away:
            raise Unavailable("the database failed: gone")
        self.raised.append(alarm)


def test_watch_remembersNoMoreThanItNeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("counterfoil.bank.watch.time.time", lambda: 60.0)
    kept = Kept()
    watch = Watch(kept, Settings(refusals_a_minute=30), Telemetry())

    for number in range(10_000):
        watch.refusal("till-1", f"made-up-{number}")

    assert [(one.count, one.limit) for one in kept.raised] == [(31, 30)]
    assert sum(map(len, watch._seen.values())) == 31


def test_watch_stopsNobodyWhenItsAlarmIsLost() -> None:
    telemetry = Telemetry()
    Watch(Kept(away=True), Settings(refusals_a_minute=0), telemetry).refusal("till-1", "one")
    assert b'counterfoil_failures_total{part="alarm"} 1.0' in telemetry.exposition()


def is_ours(record: logging.LogRecord) -> bool:
    """Whether a line is of the node itself."""
    return record.name == "counterfoil.bank"


def test_alarm_namesTheRequestThatRaisedIt(
    office: Office, credited: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "counterfoil.bank")
    with served(office.state, replace(RATE, accounts_a_minute=0)) as node:
        asked = {"customer_id": "C-1", "terminal": "till-1"}
        answer = till_of(office, node.url).post("/v1/quotes", asked)

    lines = [json.loads(record.getMessage()) for record in caplog.records if is_ours(record)]
    raised = [line for line in lines if line["event"] == "alarm"]
    assert [line["request_id"] for line in raised] == [answer.headers["x-request-id"]]


def test_library_speaksInLinesLikeOursAndRepeatsNothing() -> None:
    try:
        raise ValueError("C-1")
    except ValueError as error:
        trace = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "It failed", None, trace)

    line: dict[str, Any] = json.loads(Lines().format(record))

    assert (line["event"], line["logger"], line["error"]) == (
        "library",
        "uvicorn.error",
        "ValueError",
    )
    assert "C-1" not in json.dumps(line)


def test_strangers_ofOneNetworkShareWhatTheyMayAsk(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, rate=0.001, burst=2)) as node:
        found = []
        for host in ("2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::", "2001:db8:0:1::1"):
            headers = {"x-forwarded-for": host}  # from loopback, as of a proxy, it is believed
            answer = requests.get(node.url + "/v1/rules/1", headers=headers, timeout=SECONDS)
            found.append(answer.status_code)
        channel = ChannelClient(node.url, channel_key(office.state))
        assert channel.ask("GET", "/v1/alarms").status_code == 200
    assert found == [200, 200, 429, 200]
