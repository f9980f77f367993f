"""How long a till waits for what points can pay, out of a catalogue of ten thousand items."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from counterfoil import rollout
from counterfoil.points import enquiry
from counterfoil.points.desk import BankDesk
from counterfoil.points.lotsfile import Credit
from counterfoil.points.ordersfile import WishLine
from counterfoil.state import State
from tests.bench.figure import Figure
from tests.support.anvil import anvil
from tests.support.points_office import BANK, RULES, plan

ITEMS, PAGE, ROUNDS = 10_000, 50, 200
BAR = 30.0  # milliseconds
BASKET = [WishLine(f"item-{number * 997}", 2, 990) for number in range(1, 11)]


def measure() -> Iterator[Figure]:
    """Each at its median, from the library's call to its last value, pages all over the shelf."""
    with tempfile.TemporaryDirectory() as folder, anvil() as chain:
        state = State(Path(folder) / "state")
        rollout.ensure(plan(Path(folder), RULES, _shelf()), state, chain.url, lambda _: None)
        desk = BankDesk.open(state, BANK)
        today = chain.timestamp() // 86_400
        list(desk.issuing().issue([Credit(1, "C-1", 50_000, today, "R-1")]))
        yield _figure("offers_page50_of_10000", lambda turn: _page(desk, turn))
        yield _figure("quote_basket10_of_10000", lambda _: _quoted(desk))


def _shelf() -> str:
    items = "\n".join(f'item-{number} = "9.{number % 100:02}"' for number in range(1, ITEMS + 1))
    return f'[catalogues.store]\n{items}\n[terminals.till-1]\ncatalogue = "store"\n'


def _page(desk: BankDesk, turn: int) -> None:
    first = 1 + turn * 7919 % (ITEMS - PAGE)
    account = desk.account("C-1")
    page = list(
        enquiry.offers(
            desk.ledger, desk.deployment.offers, account, "till-1", first=first, count=PAGE
        )
    )
    assert len(page) == PAGE
    assert all(offer.redeemable for offer in page)


def _quoted(desk: BankDesk) -> None:
    account = desk.account("C-1")
    quote = enquiry.quote(desk.ledger, desk.deployment.offers, account, "till-1", BASKET)
    assert quote.cash > 0


def _figure(name: str, act: Callable[[int], None]) -> Figure:
    act(0)  # connections and code are there, as in a service that runs
    seconds = []
    for turn in range(ROUNDS):
        begun = time.perf_counter()
        act(turn)
        seconds.append(time.perf_counter() - begun)
    return Figure(name, median(seconds) * 1000, "ms p50", bar=BAR, lower_is_better=True)
