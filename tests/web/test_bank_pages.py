"""What customers' pages cost the node, and what they say when a part of it is short."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import takewhile
from time import monotonic
from typing import Any

import pytest
import requests

from counterfoil.bank import crowd, hub, live, routes_links
from counterfoil.bank.crowd import Crowd
from tests.support.bank_node import SECONDS, Listener, Served, TillClient, eventually, served
from tests.support.cut_line import Line
from tests.support.points_office import Office
from tests.web.conftest import till_of

WATCHERS = 24
AWAY = "The chain doesn&#39;t answer now"


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tokens of the payments that the node has looked at."""
    really: Callable[..., Awaitable[Any]] = routes_links.status
    seen: list[str] = []

    async def status(token: str, *others: Any) -> Any:
        seen.append(token)
        return await really(token, *others)

    monkeypatch.setattr(routes_links, "status", status)
    return seen


@contextmanager
def watching(url: str, token: str) -> Iterator[Iterator[str]]:
    """The lines of an open page's stream."""
    where = f"{url}/s/{token}/events"
    with requests.get(where, stream=True, timeout=SECONDS) as stream:
        assert stream.status_code == 200, stream.text
        end = monotonic() + SECONDS
        lines = (line.decode() for line in stream.iter_lines(chunk_size=1))
        yield takewhile(lambda _: monotonic() < end, lines)  # it would say for ever that it lives


def part(lines: Iterator[str], name: str) -> str:
    """The next part of this name."""
    assert any(line == f"event: {name}" for line in lines)
    found = []
    while line := next(lines):
        found.append(line.removeprefix("data: "))
    return "\n".join(found)


def test_pages_ofOnePaymentShareALook(bank: Served, till: TillClient, looks: list[str]) -> None:
    answer = till.pay(1000)
    with ExitStack() as stack, ThreadPoolExecutor(WATCHERS) as crowd_:
        open_ = crowd_.map(watching, [bank.url] * WATCHERS, [answer["status_token"]] * WATCHERS)
        pages = [stack.enter_context(one) for one in open_]
        assert all(crowd_.map(lambda page: "You paid" in part(page, "headline"), pages))
        assert all(crowd_.map(lambda page: part(page, "check"), pages))

        path = f"/v1/orders/{answer['order_id']}/refunds"
        assert till.post(path, {"refund_id": "r", "cash": "3.35"}).json()["status"] == "refunded"

        assert all(crowd_.map(lambda page: "got some back" in part(page, "headline"), pages))
        assert all(crowd_.map(lambda page: "4,500" in part(page, "money"), pages))
    assert 0 < len(looks) < WATCHERS


def test_look_isTakenAnewForWhatHappensLater() -> None:
    drawn: list[int] = []

    async def draw() -> live.Seen:
        drawn.append(len(drawn))
        await asyncio.sleep(0)
        return live.Seen({"headline": str(drawn[-1])})

    async def test() -> None:
        look = live.Looks().at("one", draw)
        same = await asyncio.gather(*(look.after(1) for _ in range(3)))
        assert [seen.parts["headline"] for seen in same] == ["0"] * 3
        assert (await look.after(2)).parts["headline"] == "1"
        assert (await look.after(1)).parts["headline"] == "1"

    _run(test())


def test_balance_isShownHoweverManyQuotesAreInLine(bank: Served, till: TillClient) -> None:
    token = till.pay()["status_token"]
    with ExitStack() as line:
        for _ in range(crowd.PLACES):
            line.enter_context(bank.node.crowd.place())

        page = requests.get(f"{bank.url}/s/{token}", timeout=SECONDS).text

    assert AWAY not in page and "4,500" in page


def test_balance_comesByItselfOnceTheChainIsBack(
    office: Office, credited: None, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_SILENCE", 0.2)
    with served(office.state) as node:
        token = till_of(office, node.url).pay()["status_token"]
        Listener.at(f"{node.url}/v1/status/{token}/events").until("settled")  # the last event
        line.down = True
        with watching(node.url, token) as lines:
            assert AWAY in part(lines, "money")

            line.mend()

            assert "4,500" in part(lines, "money")


def shown(url: str, answer: dict[str, Any]) -> str:
    """A payment's page."""
    return requests.get(f"{url}/s/{answer['status_token']}", timeout=SECONDS).text


def test_page_ofAPaymentGivenBackWholeSaysSo(bank: Served, till: TillClient) -> None:
    answer = till.pay(1000)
    path = f"/v1/orders/{answer['order_id']}/refunds"
    till.post(path, {"refund_id": "r-1", "cash": "3.35"})
    eventually(lambda: "and got some back" in shown(bank.url, answer))

    till.post(path, {"refund_id": "r-2"})

    page = eventually(lambda: (now := shown(bank.url, answer)) and "all of it back" in now and now)
    assert "got some back" not in page


def test_page_ofAnOrderThatIsOverWaitsForNoRecord(bank: Served, till: TillClient) -> None:
    refused, paid = till.pay(400), till.pay(1000)

    assert "has not written the order on the chain" in shown(bank.url, refused)
    assert "writes its order on the chain" not in shown(bank.url, refused)
    assert "writes its order on the chain" in shown(bank.url, paid)


def test_crowd_letsPagesWaitForAPlace() -> None:
    async def test() -> None:
        waits = Crowd()
        pages = [waits.page() for _ in range(crowd.PAGES)]
        for one in pages:
            await one.__aenter__()
        late = asyncio.ensure_future(waits.page().__aenter__())
        await asyncio.sleep(0)
        assert not late.done()

        await pages[0].__aexit__(None, None, None)

        await asyncio.wait_for(late, SECONDS)
        waits.close()

    _run(test())


def _run(test: Any) -> None:
    with ThreadPoolExecutor(1) as apart:  # this thread may have a loop already: a browser's
        apart.submit(asyncio.run, test).result()
