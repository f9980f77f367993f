"""A bank's node over HTTP: its own process, SQLite journals, an Anvil that mines at once."""

from __future__ import annotations

import asyncio
import itertools
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from counterfoil import rollout
from counterfoil.bank.node import BankNode, open_node
from counterfoil.bank.orders import Taken
from counterfoil.bank.quotes import Given
from counterfoil.bank.settings import Settings
from counterfoil.database import transaction
from counterfoil.local import ports
from counterfoil.state import State
from tests.bench.figure import Figure
from tests.bench.line import Lines
from tests.support.anvil import anvil
from tests.support.bank_node import SECONDS, TillClient
from tests.support.points_office import BANK, Office, plan

CUSTOMERS, POINTS = 60, 200_000
ORDERS, HUNDRED = 3000, 100
A_SECOND, FOR_SECONDS, WARM = 50, 20, 100
QUOTES = 3000
LISTENERS, ROWS = 1000, 100_000
_SEQUENCES = itertools.count()  # as a till counts its orders, so that they share words on chain


def measure() -> Iterator[Figure]:
    """Orders, one order's latency, quotes, listeners, restart."""
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    )
    with tempfile.TemporaryDirectory() as folder, anvil() as chain:
        state = State(Path(folder) / "state")
        rollout.ensure(plan(Path(folder)), state, chain.url, lambda _: None)
        office = Office(chain, state, Path(folder))
        office.issue(*(office.credit(f"R-{n}", POINTS, f"C-{n}") for n in range(CUSTOMERS)))
        with node(office) as url:
            till = TillClient(
                url, "till-1", state.signer("terminal-till-1"), office.desk.ledger.domain
            )
            yield from _orders(office, till)
            yield from _latency(office, till)
            yield from _quotes(till)
            yield from _listeners(till)
        _fill(office)
        began = time.monotonic()
        with node(office):
            ready = time.monotonic() - began
        yield Figure("bank_restart_100k", ready, "seconds to ready", bar=3, lower_is_better=True)


@contextmanager
def node(office: Office) -> Iterator[str]:
    """A node in its own process, once it is ready."""
    port = ports.free()
    words = ("-m", "counterfoil", "bank", "serve", "--bank", BANK, "--port", str(port))
    rates = ("--rate", "1000000", "--order-rate", "1000000")
    options = ("--state", str(office.state.root), *rates, "--confirm-above", "never")
    with (office.files / "node.log").open("ab") as said:
        process = subprocess.Popen([sys.executable, *words, *options], stdout=said, stderr=said)
        try:
            url = f"http://{ports.HOST}:{port}"
            while not _ready(url):
                assert process.poll() is None, (office.files / "node.log").read_text()
                time.sleep(0.01)  # between two knocks
            yield url
        finally:
            process.terminate()
            process.wait(SECONDS)


def _ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=SECONDS).ok
    except requests.ConnectionError:
        return False


def _prepared(office: Office, till: TillClient, count: int) -> list[dict[str, Any]]:
    """Signed orders with quotes, which are put where the node looks for them: a quote for each
    order is another figure."""
    model = till.quote("C-0")
    store: BankNode = open_node(office.state, BANK, Settings())
    accounts = ["0x" + store.desk.account(f"C-{n}").hex() for n in range(CUSTOMERS)]
    orders, given = [], []
    for number in range(count):
        account = accounts[number % CUSTOMERS]
        quote = {**model, "account": account, "quote_id": f"q_{time.time_ns()}_{number}"}
        orders.append(till.order(quote, sequence=next(_SEQUENCES)))
        end = int(time.time()) + 3600
        given.append(Given(quote["quote_id"], till.address, account, "", end))
    with transaction(store.orders.engine) as link:
        store.quotes.add(link, given)
    store.dispatcher.stop()
    return orders


def _orders(office: Office, till: TillClient) -> Iterator[Figure]:
    orders = _prepared(office, till, ORDERS)
    posts = [
        json.dumps({"orders": orders[i : i + HUNDRED], "wait_seconds": 30}).encode()
        for i in range(0, ORDERS, HUNDRED)
    ]
    began = time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda raw: _posted(till, raw), posts))
    seconds = time.monotonic() - began
    assert all(one["status"] == "paid" for answer in answers for one in answer["orders"])
    yield Figure("bank_orders", ORDERS / seconds, "orders/s", bar=1000)


def _posted(till: TillClient, raw: bytes) -> Any:
    headers = till.headers("POST", "/v1/orders", raw) | {"content-type": "application/json"}
    return requests.post(till.url + "/v1/orders", raw, headers=headers, timeout=60).json()


def _latency(office: Office, till: TillClient) -> Iterator[Figure]:
    orders = _prepared(office, till, WARM + A_SECOND * FOR_SECONDS)
    asyncio.run(_paid(till, orders[:WARM]))
    took = asyncio.run(_paid(till, orders[WARM:]))
    cuts = statistics.quantiles(took, n=100)
    for name, value, bar in (("p50", cuts[49], 60), ("p99", cuts[98], 200)):
        yield Figure(f"bank_order_{name}", value, "ms", bar=bar, lower_is_better=True)


async def _paid(till: TillClient, orders: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of each, from its post to the event that says that it is settled."""
    lines = Lines(till.url)
    began = time.monotonic()

    async def pay(number: int, order: dict[str, Any]) -> float:
        raw = json.dumps({"orders": [order], "wait_seconds": 0}).encode()
        path = f"/v1/orders/{order['order_id']}/events"
        await asyncio.sleep(began + number / A_SECOND - time.monotonic())  # the load's own beat
        start = time.monotonic()
        headers = till.headers("POST", "/v1/orders", raw)
        status, _ = await lines.ask("POST", "/v1/orders", headers, raw)
        assert status == 202, status
        async with lines.stream(path, till.headers("GET", path)) as events:
            await events.until("settled")
        return (time.monotonic() - start) * 1000

    took = await asyncio.gather(*(pay(n, order) for n, order in enumerate(orders)))
    lines.close()
    return took


def _quotes(till: TillClient) -> Iterator[Figure]:
    asyncio.run(_quoted(till, 50))
    began = time.monotonic()
    asyncio.run(_quoted(till, QUOTES))
    yield Figure("bank_quotes", QUOTES / (time.monotonic() - began), "quotes/s", bar=300)


async def _quoted(till: TillClient, count: int) -> None:
    """So many quotes, eight at a time."""
    lines = Lines(till.url)
    numbers = iter(range(count))

    async def ask() -> None:
        for number in numbers:
            asked = {"customer_id": f"C-{number % CUSTOMERS}", "terminal": till.name}
            raw = json.dumps(asked).encode()
            headers = till.headers("POST", "/v1/quotes", raw)
            status, told = await lines.ask("POST", "/v1/quotes", headers, raw)
            assert status == 201, told

    await asyncio.gather(*(ask() for _ in range(8)))
    lines.close()


def _listeners(till: TillClient) -> Iterator[Figure]:
    """Programs that listen to an order, and customers' pages."""
    warm = till.pay(customer="C-1")  # a node's first refund of all has more to do
    till.post(f"/v1/orders/{warm['order_id']}/refunds", {"refund_id": "warm"})
    answer = till.pay(customer="C-1")
    token, refund = answer["status_token"], f"/v1/orders/{answer['order_id']}/refunds"
    for name, path, before, then in (
        ("bank_listeners_1000", f"/v1/status/{token}/events", "settled", "refunded"),
        ("bank_pages_1000", f"/s/{token}/events", "check", "money"),
    ):
        body = {"refund_id": name, "cash": "1.00"}
        seconds = asyncio.run(_heard(till, path, before, then, refund, body))
        yield Figure(name, seconds, "s to all", bar=1, lower_is_better=True)


async def _heard(
    till: TillClient, path: str, before: str, then: str, refund: str, body: dict[str, str]
) -> float:
    """From the post of a refund to the last listener that hears of it."""
    lines = Lines(till.url)
    opened, tasks = asyncio.Semaphore(0), []

    async def listen() -> float:
        async with lines.stream(path, {}) as events:
            await events.until(before)
            opened.release()
            await events.until(then)
            return time.monotonic()

    for _ in range(LISTENERS):
        tasks.append(asyncio.create_task(listen()))
        await opened.acquire()
    began = time.monotonic()
    done = await asyncio.to_thread(till.post, refund, body)
    assert done.json()["status"] == "refunded", done.text
    return max(await asyncio.gather(*tasks)) - began


def _fill(office: Office) -> None:
    """Orders that were answered long ago."""
    store = open_node(office.state, BANK, Settings())
    with transaction(store.orders.engine) as link:
        for start in range(0, ROWS, 5000):
            store.orders.add(link, [_old(n) for n in range(start, start + 5000)], 1)
    store.dispatcher.stop()


def _old(number: int) -> Taken:
    name = f"0x{number:064x}"
    row = json.dumps({"order_ref": str(number), "message": "x" * 600})
    links = {"status_link": f"{number:064x}", "confirm_link": f"{number:064x}"}
    return Taken(
        order_id=name,
        order_ref=str(number),
        terminal="0x" + "0" * 40,
        account=name,
        points=500,
        cash=335,
        rules=1,
        row=row,
        quote_id="q",
        received_at=1,
        state="done",
        **links,
    )
