"""A node whose PostgreSQL is stopped says so, and goes on by itself when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from tests.support import postgres
from tests.support.bank_node import RATE, ChannelClient, channel_key, eventually, served
from tests.support.points_office import Office
from tests.support.problems import problem
from tests.web.conftest import till_of
from tests.web.test_bank_ready import ready

ASKED = {"customer_id": "C-1", "terminal": "till-1"}


@pytest.fixture
def stoppable() -> Iterator[postgres.Server]:
    """A server of the test's own."""
    with postgres.server() as running:
        yield running


@pytest.fixture
def postgres_url(stoppable: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database there, which everything under test uses; it goes with the server."""
    with psycopg.connect(f"{stoppable.url}/postgres", autocommit=True) as link:
        link.execute("CREATE DATABASE counterfoil")
    url = f"{stoppable.url}/counterfoil"
    monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", url)
    return url


@pytest.fixture(autouse=True)
def _used(postgres_url: str) -> None:
    """Everything under test uses it."""


def test_stoppedDatabase_isToldOfAndComesBack(
    office: Office, credited: None, stoppable: postgres.Server
) -> None:
    with served(office.state, replace(RATE, accounts_a_minute=0)) as node:
        till, channel = (
            till_of(office, node.url),
            ChannelClient(node.url, channel_key(office.state)),
        )
        assert ready(node.url) == (200, True, True)
        order = till.order(till.quote())

        stoppable.stop()

        assert eventually(lambda: ready(node.url) == (503, True, False))
        problem(till.post("/v1/quotes", ASKED), 503, "database")
        problem(till.post("/v1/orders", {"orders": [order]}), 503, "database")
        problem(channel.ask("GET", "/v1/alarms"), 503, "database")
        stoppable.start()
        assert eventually(lambda: ready(node.url) == (200, True, True))
        assert till.send(order)[0]["status"] == "paid"
        told = channel.ask("GET", "/v1/alarms").json()["alarms"]
        assert {(one["terminal"], one["kind"]) for one in told} == {("till-1", "accounts")}
    assert office.points() == 4500
