"""A shop and its bank as they run: a chain, a bank's node, a till, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import requests
from sqlalchemy import Update, update

from counterfoil import rollout
from counterfoil.bank.tables import ORDERS, QUOTES
from counterfoil.chain import Chain
from counterfoil.database import open_database, transaction
from counterfoil.local import ports
from counterfoil.state import State
from counterfoil.terminal.journal import SALES
from tests.support.anvil import anvil
from tests.support.points_office import BANK, Office, plan

SECONDS = 60
CONFIRM_ABOVE = "60"
PRICES = '[cafe]\nespresso = "2.80"\nhamper = "50.00"\ngift-card = "100.00"\n'
TILL = "till-1"
KNOWN_AS = "till.shop.test"
T = TypeVar("T")


@dataclass
class Process:
    """A command that serves at ``url``; it can be ended, hard if need be, and begun again."""

    command: tuple[str, ...]
    url: str
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin, and wait until it answers."""
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "counterfoil", *self.command], stdout=log, stderr=log
            )
        eventually(self._answers)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it; with SIGKILL as a power cut does."""
        if self.running is not None:
            self.running.send_signal(number)
            self.running.wait(SECONDS)
            self.running = None

    def _answers(self) -> bool:
        assert self.running is not None
        assert self.running.poll() is None, self.log.read_text(encoding="utf-8")
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False


@dataclass
class House:
    """Everything. Customers are asked for by what they hold, each test its own."""

    office: Office
    bank: Process
    till: Process
    channel: str = ""
    _customers: int = field(default=0)

    def customer(self, points: int = 30_000) -> str:
        """A new customer, who holds so many points."""
        self._customers += 1
        customer = f"W-{self._customers}"
        (issued,) = self.office.issue(self.office.credit(f"WR-{self._customers}", points, customer))
        assert issued.status == "issued"
        return customer

    def spend(self, customer: str, points: int) -> None:
        """The customer's points go at another till."""
        lines = max(1, points // 6000)
        row = f"S-{time.monotonic_ns()},till-2,{customer},hamper,{2 * lines},50.00,{points},,,"
        (answer,) = self.office.redeem(self.office.lines(row))
        assert answer.status == "paid", answer

    def quotes_become(self, **values: object) -> None:
        """Change all quotes that the bank remembers: minutes that pass, or another's order."""
        self._in_the_banks_books(update(QUOTES).values(**values))

    def asking_ends(self, order_id: str) -> None:
        """The minutes that a customer had to answer are over."""
        late = {"confirm_until": int(time.time()) - 1}
        self._in_the_banks_books(update(ORDERS).where(ORDERS.c.order_id == order_id).values(late))

    def link_ends(self, order_id: str) -> None:
        """The week in which a customer's links lead to a payment is over."""
        long_ago = {"received_at": int(time.time()) - 8 * 86_400}
        self._in_the_banks_books(
            update(ORDERS).where(ORDERS.c.order_id == order_id).values(long_ago)
        )

    def days_pass(self, sale_id: str, days: int) -> None:
        """A sale at the till was made so many days ago."""
        engine = open_database(self.office.state.database_url(f"terminal-{TILL}"), SALES.metadata)
        earlier = update(SALES).where(SALES.c.sale_id == sale_id)
        with transaction(engine) as link:
            assert link.execute(earlier.values(at=SALES.c.at - days * 86_400)).rowcount
        engine.dispose()

    def _in_the_banks_books(self, change: Update) -> None:
        engine = open_database(self.office.state.database_url("bank"), QUOTES.metadata)
        with transaction(engine) as link:
            assert link.execute(change).rowcount
        engine.dispose()

    def always_ask(self, customer: str) -> None:
        """The customer wants to confirm every payment."""
        self._ask("PUT", f"/v1/customers/{customer}/consent", {"confirm_above": "always"})

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        """What the bank's own channel asks of its node."""
        headers = {"Authorization": f"Bearer {self.channel}"}
        answer = requests.request(
            method, self.bank.url + path, json=body, headers=headers, timeout=SECONDS
        )
        assert answer.ok, answer.text
        return answer.json()

    def confirmation(self, order_id: str) -> str:
        """The link that the bank's channel takes to the customer of an order that waits."""

        def found() -> str:
            rows = self._ask("GET", "/v1/confirmations")["confirmations"]
            return next((row["link"] for row in rows if row["order_id"] == order_id), "")

        return eventually(found)


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """All of it, ended at the end."""
    with anvil() as chain:
        made = _deployed(chain, folder)
        try:
            made.bank.start()
            made.till.start()
            yield made
        finally:
            made.till.stop()
            made.bank.stop()


def _deployed(chain: Chain, folder: Path) -> House:
    state = State(folder / "state")
    rollout.ensure(plan(folder), state, chain.url, lambda _: None)
    (folder / "prices.toml").write_text(PRICES, encoding="utf-8")
    bank_url, till_url = (f"http://{ports.HOST}:{ports.free()}" for _ in range(2))
    common = ("--bank", BANK, "--state", str(state.root))
    bank = Process(
        (
            *("bank", "serve", "--port", bank_url.rpartition(":")[2], "--pages", bank_url),
            *("--confirm-above", CONFIRM_ABOVE, *common),
        ),
        bank_url,
        folder / "bank.log",
    )
    till = Process(
        (
            *("terminal", "serve", "--terminal", TILL, "--port", till_url.rpartition(":")[2]),
            *("--bank-url", bank_url, "--prices", str(folder / "prices.toml")),
            *("--hand-over", "600", "--known-as", KNOWN_AS, *common),
        ),
        till_url,
        folder / "till.log",
    )
    added = subprocess.run(
        [sys.executable, "-m", "counterfoil", "bank", "key", "add", "app", "--json", *common],
        capture_output=True,
        check=True,
        env=os.environ,
    )
    return House(Office(chain, state, folder), bank, till, json.loads(added.stdout)["key"])


def eventually(found: Callable[[], T]) -> T:
    """What is found in the end, and not nothing."""
    deadline = time.monotonic() + SECONDS
    while True:
        answer = found()
        if answer:
            return answer
        assert time.monotonic() < deadline
        time.sleep(0.05)  # between two looks
