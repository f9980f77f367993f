"""A bank's node inside the test's own process, and who talks to it."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import requests
import uvicorn

from counterfoil.bank.consents import ChannelKeys
from counterfoil.bank.node import BankNode, open_node
from counterfoil.bank.service import configured
from counterfoil.bank.settings import Settings
from counterfoil.bank.tables import CHANNEL_KEYS
from counterfoil.database import open_database
from counterfoil.keys import Signer
from counterfoil.local import ports, probe
from counterfoil.points.orders import Domain, OrderLine, PaymentOrder, typed_data
from counterfoil.points.requests import request_headers
from counterfoil.state import State

SECONDS = 30
HAMPER = 2
RATE = Settings(
    confirm_above=10_000, rate=10_000, burst=10_000, order_rate=10_000, order_burst=10_000
)
T = TypeVar("T")


@dataclass
class Served:
    """A node that answers at ``url``."""

    url: str
    node: BankNode


@contextmanager
def served(state: State, settings: Settings = RATE, bank: str = "harbour") -> Iterator[Served]:
    """A node of a bank, from its start to its end."""
    node = open_node(state, bank, settings)
    port = ports.free()
    config = configured(node, ports.HOST, port)
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        url = f"http://{ports.HOST}:{port}"
        eventually(lambda: probe.answers(f"{url}/healthz") or not thread.is_alive())
        assert thread.is_alive()
        yield Served(url, node)
    finally:
        server.should_exit = True
        thread.join()


def eventually(found: Callable[[], T | None]) -> T:
    """What is found in the end, and not nothing."""
    deadline = time.monotonic() + SECONDS
    while True:
        answer = found()
        if answer:
            return answer
        assert time.monotonic() < deadline
        time.sleep(0.02)  # between two looks


@dataclass
class TillClient:
    """A till that talks to a node as its manual says."""

    url: str
    name: str
    signer: Signer
    domain: Domain
    session: requests.Session = field(default_factory=requests.Session)
    sequence: int = 0

    @property
    def address(self) -> str:
        """The terminal's, whose first key is its own."""
        return self.signer.address

    def headers(self, method: str, path: str, body: bytes = b"", **other: Any) -> dict[str, str]:
        """The headers of a request that is believed, but for what is ``other``."""
        values: dict[str, Any] = {
            "signer": self.signer,
            "terminal": self.name,
            "now": int(time.time()),
            "nonce": secrets.token_bytes(16),
        }
        values |= other
        signer, terminal = values.pop("signer"), values.pop("terminal")
        return request_headers(signer, self.domain, terminal, method, path, body, **values)

    def get(self, path: str) -> requests.Response:
        """Ask."""
        return self.session.get(self.url + path, headers=self.headers("GET", path), timeout=SECONDS)

    def post(self, path: str, body: object, **other: Any) -> requests.Response:
        """Tell."""
        raw = json.dumps(body).encode()
        headers = self.headers("POST", path, raw, **other) | {"content-type": "application/json"}
        return self.session.post(self.url + path, raw, headers=headers, timeout=SECONDS)

    def quote(self, customer: str = "C-1", basket: object = None) -> dict[str, Any]:
        """A quote."""
        asked = {"customer_id": customer, "terminal": self.name, "basket": basket}
        answer = self.post("/v1/quotes", asked)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def order(self, quote: dict[str, Any], points: int = 500, **other: Any) -> dict[str, Any]:
        """A signed order of hampers that answers a quote, but for what is ``other``."""
        rules = quote["rules"]
        cash = points * rules["minor_units"] // rules["points"]
        self.sequence += 1
        values: dict[str, Any] = {
            "account": bytes.fromhex(quote["account"][2:]),
            "terminal": quote["terminal_address"],
            "sequence": time.time_ns() + self.sequence,
            "rules": rules["version"],
            "points": points,
            "deadline": int(time.time()) + 86_400,
            "lines": (OrderLine(HAMPER, 1 + cash // 4500, 4500, cash),),
        }
        order = PaymentOrder(**{**values, **other})
        digest = self.domain.digest(order.order_id())
        return {
            "order_ref": f"{self.name}-{order.sequence}",
            "order_id": "0x" + order.order_id().hex(),
            "message": typed_data(order, self.domain),
            "signature": "0x" + self.signer.sign_digest(digest).hex(),
            "quote_id": quote["quote_id"],
        }

    def send(self, *orders: dict[str, Any], wait: float = 20) -> list[dict[str, Any]]:
        """The answers to orders."""
        answer = self.post("/v1/orders", {"orders": list(orders), "wait_seconds": wait})
        assert answer.status_code in (200, 202), answer.text
        found: list[dict[str, Any]] = answer.json()["orders"]
        assert (answer.status_code == 200) == all(one["final"] for one in found)
        return found

    def pay(self, points: int = 500, customer: str = "C-1") -> dict[str, Any]:
        """The answer to a new order."""
        return self.send(self.order(self.quote(customer), points))[0]


@dataclass
class ChannelClient:
    """The bank's own channel."""

    url: str
    key: str

    def ask(self, method: str, path: str, body: object = None) -> requests.Response:
        """Whatever it is."""
        headers = {"authorization": f"Bearer {self.key}"}
        return requests.request(
            method, self.url + path, json=body, headers=headers, timeout=SECONDS
        )


def channel_key(state: State, bank: str = "harbour") -> str:
    """A new key of the bank's channel."""
    engine = open_database(state.database_url("bank"), CHANNEL_KEYS.metadata)
    return ChannelKeys(engine, bank).add("app", 0)


@dataclass
class Listener:
    """Reads server-sent events as they come."""

    response: requests.Response

    @classmethod
    def at(cls, url: str, headers: dict[str, str] | None = None) -> Listener:
        """An open stream."""
        response = requests.get(url, headers=headers, stream=True, timeout=SECONDS)
        assert response.status_code == 200, response.text
        return cls(response)

    def until(self, kind: str) -> list[dict[str, Any]]:
        """The events up to the first of this kind; the stream is closed then."""
        found = []
        deadline = time.monotonic() + SECONDS
        with self.response:
            for line in self.response.iter_lines(chunk_size=1):
                if line.startswith(b"data: "):
                    found.append(json.loads(line[6:]))
                    if found[-1]["kind"] == kind:
                        return found
                if time.monotonic() > deadline:  # a stream that lives says so now and then
                    break
        raise AssertionError(f"no {kind} among {found}")
