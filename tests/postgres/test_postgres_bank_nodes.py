"""Two nodes of one bank over one PostgreSQL: each order settled once, whichever of them dies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import requests

from counterfoil.local import ports, probe
from tests.support.bank_node import SECONDS, TillClient, eventually
from tests.support.points_office import BANK, Office
from tests.web.conftest import bank, till, till_of
from tests.web.test_bank_orders import *  # noqa: F403  every test of the module

__all__ = ["bank", "till"]
ORDERS = 40


@contextmanager
def node(office: Office) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A node in a process of its own, and where it answers."""
    port = ports.free()
    words = ("-m", "counterfoil", "bank", "serve", "--bank", BANK, "--port", str(port))
    options = ("--state", str(office.state.root), "--rate", "1000")
    with (office.files / f"node-{port}.log").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, *words, *options], stdout=said, stderr=said, env={**os.environ}
        )
        try:
            url = f"http://{ports.HOST}:{port}"
            eventually(lambda: probe.answers(f"{url}/healthz") or process.poll() is not None)
            assert process.poll() is None, (office.files / f"node-{port}.log").read_text()
            yield url, process
        finally:
            process.kill()
            process.wait(SECONDS)


def sends(url: str) -> bool:
    """Whether this node is the one that sends."""
    return bool(requests.get(f"{url}/readyz", timeout=SECONDS).json()["sending"])


def paid(till: TillClient, order: dict[str, object]) -> bool:
    """Whether an order is answered so."""
    return bool(till.get(f"/v1/orders/{order['order_id']}").json().get("status") == "paid")


def test_nodes_shareTheWorkAndOneMayDie(office: Office, credited: None) -> None:
    office.issue(*(office.credit(f"X-{n}", customer=f"X-{n}") for n in range(ORDERS)))
    with node(office) as (first, process), node(office) as (second, _):
        eventually(lambda: sends(first))
        assert not sends(second)
        one, other = till_of(office, first), till_of(office, second, "till-2")
        orders = [
            (till, till.order(till.quote(f"X-{n}")))
            for n in range(ORDERS)
            for till in ((one, other)[n % 2],)
        ]

        for till, order in orders[: ORDERS // 2]:
            till.send(order, wait=0)
        process.kill()  # the node that sends, in the middle of it
        process.wait(SECONDS)
        one.url = second
        for till, order in orders:
            till.send(order, wait=0)
        eventually(lambda: sends(second))
        for till, order in orders:
            eventually(partial(paid, till, order))

    assert office.events("OrderPaid") == ORDERS
    assert {office.points(f"X-{n}") for n in range(ORDERS)} == {4500}
