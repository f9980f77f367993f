"""The bank's node as the till asks it, over HTTP and nothing else."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from counterfoil.bank.wire import BasketLine, OrderAnswer, OrdersAnswer, Quote, QuoteBody
from counterfoil.errors import Refused, Unavailable
from counterfoil.keys import Signer
from counterfoil.points.orders import Domain
from counterfoil.points.requests import request_headers

_SECONDS = 8.0  # for one answer
_WAIT = 1.5  # seconds that the bank may take to answer an order at once
_PARTS = ("chain", "database")  # of a node, as its /readyz names them
_LATER = (408, 425)  # asking again may help
_BUSY = 429

Answer = TypeVar("Answer", bound=BaseModel)


class Bank(Protocol):
    """What a till asks of a bank. Each may raise Unavailable (``bank-away``, or ``bank-busy``: it
    answers, but not so often), or Refused with the bank's code."""

    def quote(self, customer_id: str, basket: Sequence[BasketLine] = ()) -> Quote:
        """What a customer can pay with points, here and now."""

    def post(self, order: dict[str, Any], quote_id: str) -> OrderAnswer:
        """Hand over a signed order, a row of ``terminal sign``; again, if need be."""

    def order(self, order_id: str) -> OrderAnswer | None:
        """How an order stands; None if the bank doesn't have it."""

    def withdraw(self, order_id: str) -> OrderAnswer | None:
        """Call an order off that waits for its customer, and how it stands then; again, if need be.
        None as of :meth:`order`."""

    def close(self) -> None:
        """Let go of the connections."""


class BankClient:
    """A bank's node at a URL. Every request is signed by the terminal's key."""

    def __init__(self, url: str, terminal: str, signer: Signer, domain: Domain) -> None:
        self.url = url.rstrip("/")
        self._terminal = terminal
        self._signer = signer
        self._domain = domain
        self._http = httpx.Client(base_url=self.url, timeout=_SECONDS)

    def quote(self, customer_id: str, basket: Sequence[BasketLine] = ()) -> Quote:
        """As :class:`Bank` says."""
        lines = list(basket) or None
        body = QuoteBody(customer_id=customer_id, terminal=self._terminal, basket=lines)
        return _read(Quote, self._ask("POST", "/v1/quotes", body.model_dump_json().encode()))

    def post(self, order: dict[str, Any], quote_id: str) -> OrderAnswer:
        """As :class:`Bank` says."""
        body = httpx.Request(
            "POST",
            self.url,
            json={"orders": [{**order, "quote_id": quote_id}], "wait_seconds": _WAIT},
        ).read()
        return _read(OrdersAnswer, self._ask("POST", "/v1/orders", body)).orders[0]

    def order(self, order_id: str) -> OrderAnswer | None:
        """As :class:`Bank` says."""
        return self._order("GET", f"/v1/orders/{order_id}")

    def withdraw(self, order_id: str) -> OrderAnswer | None:
        """As :class:`Bank` says."""
        return self._order("POST", f"/v1/orders/{order_id}/withdrawal")

    def missing(self) -> frozenset[str]:
        """What keeps the node from working now: ``chain``, ``database``, or ``node`` itself."""
        try:
            answer = self._http.get("/readyz", timeout=2)
        except httpx.HTTPError:
            return frozenset({"node"})
        if answer.is_success:
            return frozenset()
        told = _object(answer)
        return frozenset(part for part in _PARTS if told.get(part) is False) or frozenset({"node"})

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _order(self, method: str, path: str) -> OrderAnswer | None:
        try:
            return _read(OrderAnswer, self._ask(method, path, b""))
        except Refused as error:
            if error.arguments.get("status") == 404:
                return None
            raise

    def _ask(self, method: str, path: str, body: bytes) -> httpx.Response:
        headers = request_headers(
            self._signer,
            self._domain,
            self._terminal,
            method,
            path,
            body,
            now=int(time.time()),
            nonce=secrets.token_bytes(16),
        )
        if body:
            headers["content-type"] = "application/json"
        try:
            answer = self._http.request(method, path, content=body, headers=headers)
        except httpx.HTTPError as error:
            # Its own words may repeat a URL, never a body; the till's page says the same to all.
            raise Unavailable(
                f"The bank's node at {self.url} doesn't answer ({type(error).__name__}).",
                fix="The till asks again by itself.",
                code="bank-away",
            ) from None
        return _accepted(answer)


def _accepted(answer: httpx.Response) -> httpx.Response:
    """The answer, unless it is a problem (RFC 9457)."""
    if answer.is_success:
        return answer
    told = _object(answer)
    code = str(told.get("code") or f"http-{answer.status_code}")
    said = str(told.get("detail") or told.get("title") or "The bank's node says no.")
    if answer.status_code == _BUSY:
        raise Unavailable(said, fix="The till asks again by itself, later.", code="bank-busy")
    if answer.status_code >= 500 or answer.status_code in _LATER:
        raise Unavailable(said, fix="The till asks again by itself.", code="bank-away")
    raise Refused(said, code=code, arguments={"status": answer.status_code})


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _read(model: type[Answer], answer: httpx.Response) -> Answer:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        fields = ", ".join(str(one["loc"]) for one in error.errors()[:3])
        raise Unavailable(
            f"The bank's node answers what no till understands ({fields}).",
            fix="Bring both to the same version.",
            code="bank-away",
        ) from None
