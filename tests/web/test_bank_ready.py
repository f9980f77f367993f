"""Whether a node says that it is ready when it is, and not when a part is away or hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from counterfoil.bank.node import BankNode
from counterfoil.errors import Unavailable
from tests.support.bank_node import RATE, SECONDS, eventually, served
from tests.support.cut_line import Line
from tests.support.points_office import Office

CROWD = 40  # more than the threads that wait for chain and database


def ready(url: str) -> tuple[int, bool, bool]:
    """What it says: the status, and whether chain and database answer."""
    answer = requests.get(url + "/readyz", timeout=SECONDS)
    return answer.status_code, answer.json()["chain"], answer.json()["database"]


def test_readyz_knowsWhenTheChainIsAway(office: Office, credited: None, line: Line) -> None:
    with served(office.state, RATE) as node:
        assert ready(node.url) == (200, True, True)
        line.down = True
        assert eventually(lambda: ready(node.url) == (503, False, True))
        line.mend()
        assert eventually(lambda: ready(node.url) == (200, True, True))


def test_readyz_knowsWhenTheDatabaseIsAway(
    office: Office, credited: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(office.state, RATE) as node:
        with monkeypatch.context() as broken:
            away = _raises(Unavailable("the database failed: gone", code="database"))
            broken.setattr(node.node.book, "scanned", away)
            assert eventually(lambda: ready(node.url) == (503, True, False))
        assert eventually(lambda: ready(node.url) == (200, True, True))


def test_readyz_saysSoInTimeWhenTheChainHangs(office: Office, credited: None, line: Line) -> None:
    with served(office.state, RATE) as node, ThreadPoolExecutor(CROWD) as crowd:
        line.hangs = threading.Event()
        try:
            began = time.monotonic()
            eventually(lambda: ready(node.url)[0] == 503)
            found = list(crowd.map(ready, [node.url] * CROWD))
            took = time.monotonic() - began
            _is_awake(node.node)
        finally:
            line.hangs.set()

    assert set(found) == {(503, False, True)}
    assert took < 2 * 2.0  # which is as long as a till waits for one


def _is_awake(node: BankNode) -> None:
    """A crowd asked after a chain that hangs, and threads are left for others."""
    threads = [one for one in threading.enumerate() if one.name.startswith("aside")]
    assert len(threads) < CROWD / 2
    assert node.book.last_number() == 0


def _raises(error: Exception) -> Callable[[], None]:
    def call() -> None:
        raise error

    return call
