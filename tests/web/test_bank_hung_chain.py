"""A chain that takes every question and answers none: what doesn't need it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from counterfoil.bank import crowd
from counterfoil.errors import Unavailable
from tests.support.bank_node import RATE, SECONDS, Served, TillClient, eventually, served
from tests.support.cut_line import Line
from tests.support.points_office import Office
from tests.web.conftest import till_of

ASKED = {"customer_id": "C-1", "terminal": "till-1"}
CROWD = 48  # quotes at once: more than the threads for the chain, and than those for all else


@contextmanager
def hanging(line: Line, node: Served, till: TillClient) -> Iterator[None]:
    """The chain hangs, and so many quotes that no thread is left to ask it."""
    line.hangs = threading.Event()
    with ThreadPoolExecutor(CROWD) as crowd_:
        try:
            for _ in range(CROWD):
                crowd_.submit(till.post, "/v1/quotes", ASKED)
            eventually(lambda: _at_chain() >= crowd.THREADS)
            yield
        finally:
            line.hangs.set()


def _at_chain() -> int:
    return len([one for one in threading.enumerate() if one.name.startswith("at-chain")])


def test_hungChain_pagesStatusAndPostsGoOn(office: Office, credited: None, line: Line) -> None:
    with served(office.state, RATE) as node:
        till = till_of(office, node.url)
        before, order = till.pay(), till.order(till.quote())
        with hanging(line, node, till):
            began = time.monotonic()

            known = till.get(f"/v1/orders/{before['order_id']}")
            (posted,) = till.send(order, wait=0)
            page = requests.get(f"{node.url}/s/{before['status_token']}", timeout=SECONDS)
            metrics = requests.get(f"{node.url}/metrics", timeout=SECONDS)

            took = time.monotonic() - began
        assert (known.json()["status"], posted["status"]) == ("paid", "received")
        assert (page.status_code, metrics.status_code) == (200, 200)
        assert "The chain doesn&#39;t answer now" in page.text
        assert took < 8  # which is as long as a till waits for one of them
        path = f"/v1/orders/{order['order_id']}"
        eventually(lambda: till.get(path).json()["status"] == "paid")
        page = requests.get(f"{node.url}/s/{before['status_token']}", timeout=SECONDS)
        assert "4,000" in page.text


def test_crowd_letsSoManyWaitAndNoMore() -> None:
    waits = crowd.Crowd()
    places = [waits.place() for _ in range(crowd.PLACES)]
    for one in places:
        one.__enter__()

    with pytest.raises(Unavailable), waits.place():
        pass

    places[0].__exit__(None, None, None)
    with waits.place():
        pass
    waits.close()
