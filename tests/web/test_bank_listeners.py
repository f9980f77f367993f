"""Who listens to what happens to orders: seats for everybody, and nobody waits for long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic
from typing import cast

import pytest

from counterfoil.bank import hub as module
from counterfoil.bank.hub import Hub
from counterfoil.bank.telemetry import Telemetry
from counterfoil.errors import Refused
from counterfoil.index.book import Book, Happening, Numbered
from tests.support.bank_node import SECONDS, Listener, Served, TillClient, eventually

SEATS = 4


@dataclass
class Pages:
    """What happened, as a book has it. ``looked``: somebody asked for what is new."""

    rows: list[Numbered] = field(default_factory=list)
    looked: threading.Event = field(default_factory=threading.Event)

    def add(self, order_id: str) -> None:
        """Something happened."""
        number = len(self.rows) + 1
        self.rows.append(Numbered(number, Happening(order_id, "received", "", 0), None))

    def of_order(self, order_id: str, after: int) -> list[Numbered]:
        """As a book."""
        found = [row for row in self.rows if row.happening.order_id == order_id]
        return [row for row in found if row.number > after]

    def since(self, number: int, limit: int) -> list[Numbered]:
        """As a book."""
        self.looked.set()
        return self.rows[number : number + limit]


Test = Callable[[Hub, Pages], Awaitable[None]]


def run(test: Test) -> None:
    """A test at a hub of four seats."""

    async def whole() -> None:
        pages = Pages()
        hub = Hub(cast(Book, pages), Telemetry(), SEATS, 0)
        running = asyncio.create_task(hub.run())
        await asyncio.wait_for(test(hub, pages), SECONDS)
        running.cancel()

    with ThreadPoolExecutor(1) as apart:  # this thread may have a loop already: a browser's
        apart.submit(asyncio.run, whole()).result()


async def seated(hub: Hub, order_id: str, pages: Pages) -> AsyncGenerator[Numbered | None]:
    """A listener that has heard the first thing about its order."""
    if not pages.of_order(order_id, 0):
        pages.add(order_id)
    hub.make_room(order_id)
    listener = hub.listen(order_id, 0)
    assert await anext(listener)
    return listener


def test_seats_ofOneOrderAreGivenUpToOthers() -> None:
    async def test(hub: Hub, pages: Pages) -> None:
        greedy = [await seated(hub, "greedy", pages) for _ in range(SEATS)]
        with pytest.raises(Refused, match="Too many"):
            hub.make_room("greedy")

        others = [await seated(hub, f"other-{n}", pages) for n in range(SEATS - 1)]

        for listener in greedy[: SEATS - 1]:  # the oldest ended
            with pytest.raises(StopAsyncIteration):
                await anext(listener)
        pages.add("greedy")
        pages.add("other-0")
        hub.poke()
        assert await anext(greedy[-1]) and await anext(others[0])
        with pytest.raises(Refused):  # each has one
            hub.make_room("one-more")

    run(test)


def test_listener_hearsAllThatIsNewThoughItIsMoreThanAPage(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_LOOK", "_IDLE"):
        monkeypatch.setattr(module, name, 10 * SECONDS)
    monkeypatch.setattr(module, "PAGE", 2)

    async def test(hub: Hub, pages: Pages) -> None:
        listener = await seated(hub, "one", pages)
        await asyncio.sleep(0)
        for _ in range(5):
            pages.add("one")
        hub.poke()
        told = [await anext(listener) for _ in range(5)]
        assert [row.number for row in told if row] == [2, 3, 4, 5, 6]

    run(test)


def test_seats_areFreeAgainWhenTheirListenersLeave() -> None:
    async def test(hub: Hub, pages: Pages) -> None:
        for _ in range(3):
            listeners = [await seated(hub, "one", pages) for _ in range(SEATS)]
            for listener in listeners:
                await listener.aclose()
        assert not hub.awaited

    run(test)


def test_listener_whoComesWhileNobodyWaitedHearsAtOnce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDLE", 10 * SECONDS)

    async def test(hub: Hub, pages: Pages) -> None:
        await asyncio.to_thread(pages.looked.wait, SECONDS)
        listener = await seated(hub, "one", pages)
        pages.add("one")
        assert await anext(listener)

    run(test)


def test_listener_hearsWithinASecondWhatAnotherNodeNotes(bank: Served, till: TillClient) -> None:
    paid = till.pay()
    path = f"/v1/orders/{paid['order_id']}/events"
    listener = Listener.at(bank.url + path, till.headers("GET", path))
    heard: list[float] = []

    def listen() -> None:
        listener.until("confirmed")
        heard.append(monotonic())

    listening = threading.Thread(target=listen)
    listening.start()
    eventually(lambda: b"counterfoil_listeners 1.0" in bank.node.measure())

    engine = bank.node.orders.engine  # as another node would, which can't wake this one
    with engine.begin() as link:
        step = Happening(paid["order_id"], "confirmed", "step:confirmed", 0)
        Book(engine, bank.node.desk.ledger.record.key).append(link, [step])
    noted = monotonic()

    listening.join(SECONDS)
    assert heard[0] - noted < 1
