"""The same thing at two nodes at once: one of them counts, and both say which."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import pytest
import requests

from counterfoil.bank.settings import Settings
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
from tests.web.test_bank_hostile import (
    test_quote_isAnsweredOnceHoweverManyNodesAreAsked,
)

__all__ = ["test_quote_isAnsweredOnceHoweverManyNodesAreAsked"]
ASKING, TRUSTING = replace(RATE, confirm_above=0), replace(RATE, confirm_above=None)
RACES = 10
POINTS = 500
T = TypeVar("T")


@dataclass
class Side:
    """One of the two nodes, and who talks to it."""

    node: Served
    till: TillClient
    channel: ChannelClient


@contextmanager
def two(office: Office, *settings: Settings) -> Iterator[tuple[Side, Side]]:
    """Two nodes of harbour, each set in its own way."""
    with served(office.state, settings[0]) as one, served(office.state, settings[1]) as other:
        key = channel_key(office.state)
        first, second = (
            Side(node, till_of(office, node.url), ChannelClient(node.url, key))
            for node in (one, other)
        )
        yield first, second


def at_once(*acts: Callable[[], T]) -> list[T]:
    """What each gives, begun at the same moment."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        start.wait(SECONDS)
        return act()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return list(crowd.map(run, acts))


def answered(where: str, decision: str) -> bool:
    """Whether a customer's answer counts."""
    return requests.post(where, json={"decision": decision}, timeout=SECONDS).ok


def called_off(side: Side, order: dict[str, Any], _: str) -> bool:
    """Whether the till's withdrawal counts."""
    return bool(withdraw(side.till, order)["status"] == "withdrawn")


def declined(_: Side, order: dict[str, Any], where: str) -> bool:
    """Whether the customer's no counts."""
    return answered(where, "decline")


def too_late(side: Side, order: dict[str, Any], _: str) -> bool:
    """Whether the customer's time is over, as a dispatcher finds."""
    return side.node.node.orders.decide(order["order_id"], "expired", 0)


@pytest.mark.parametrize(
    ("end", "status"),
    [(called_off, "withdrawn"), (declined, "declined"), (too_late, "declined")],
)
def test_confirmation_andAnotherEndAtTwoNodes_oneOfThemCounts(
    office: Office, credited: None, end: Callable[[Side, dict[str, Any], str], bool], status: str
) -> None:
    ends = []
    with two(office, ASKING, ASKING) as (one, other):
        for _ in range(RACES):
            order = one.till.pay(POINTS)
            here, there = (link(side.channel, order) for side in (one, other))

            confirmed, ended = at_once(
                partial(answered, there, "confirm"), partial(end, one, order, here)
            )

            assert confirmed != ended
            ends.append(settled(one.till, order)["status"])
            assert ends[-1] == ("paid" if confirmed else status)
        assert one.node.node.orders.ready(10, ()) == []
    assert office.points() == 5000 - POINTS * ends.count("paid")
    assert office.events("OrderPaid") == ends.count("paid")


@pytest.mark.parametrize("quotes", [1, 2])
def test_order_atTwoNodesSetDifferently_isAskedForOrNotByBoth(
    office: Office, credited: None, quotes: int
) -> None:
    taken = []
    with two(office, ASKING, TRUSTING) as (one, other):
        for _ in range(RACES):
            given = [one.till.quote() for _ in range(quotes)]
            order = one.till.order(given[0], POINTS)
            posts = order, {**order, "quote_id": given[-1]["quote_id"]}

            answers = at_once(partial(one.till.send, posts[0]), partial(other.till.send, posts[1]))

            asked = "waiting" in steps(one, order)
            taken.append("waiting" if asked else "paid")
            assert [answer["status"] for (answer,) in answers] == [taken[-1]] * 2
        assert one.node.node.orders.counts() == {"waiting": taken.count("waiting"), "ready": 0}
    assert office.points() == 5000 - POINTS * taken.count("paid")
    assert office.events("OrderPaid") == taken.count("paid")


def steps(side: Side, order: dict[str, Any]) -> list[str]:
    """What happened to an order."""
    return [row.happening.kind for row in side.node.node.book.of_order(order["order_id"])]


def test_refund_underOneIdAtTwoNodes_isDoneOnce(office: Office, credited: None) -> None:
    with two(office, RATE, RATE) as (one, other):
        path = f"/v1/orders/{one.till.pay(2 * POINTS)['order_id']}/refunds"
        for number in range(3):
            asked = {"refund_id": f"r-{number}", "cash": "1.00"}

            said = at_once(*(partial(side.till.post, path, asked) for side in (one, other)))

            first, second = (answer.json() for answer in said)
            assert first["status"] == "refunded"
            assert {**first, "replayed": None} == {**second, "replayed": None}
    assert office.events("OrderRefunded") == 3
