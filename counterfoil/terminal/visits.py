"""Customers who stand at the till now. In memory only: a customer's id is never written down."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from counterfoil.bank.wire import BasketLine, Quote
from counterfoil.errors import Refused

SECONDS = 15 * 60
"""How long a visit lasts after it was last touched."""

_MOST = 200
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Attempt:
    """A basket that was shown with the bank's quote for it: paying takes what was shown."""

    basket: tuple[BasketLine, ...]
    quote: Quote


@dataclass
class Visit:
    """A customer at the till. ``quote``: what the bank said without a basket."""

    token: str
    customer_id: str = field(repr=False)
    quote: Quote
    touched: float
    attempts: OrderedDict[str, Attempt] = field(default_factory=OrderedDict)


class Visits:
    """The visits of one till."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._by_token: OrderedDict[str, Visit] = OrderedDict()

    def begin(self, customer_id: str, quote: Quote) -> Visit:
        """A new visit."""
        visit = Visit(secrets.token_urlsafe(24), customer_id, quote, self._now())
        with self._lock:
            self._by_token[visit.token] = visit
            while len(self._by_token) > _MOST:
                self._by_token.popitem(last=False)
        return visit

    def find(self, token: str) -> Visit:
        """A visit that goes on.

        Raises:
            Refused: it is over (``visit-over``).
        """
        with self._lock:
            visit = self._by_token.get(token)
            if visit is None or self._now() - visit.touched > SECONDS:
                self._by_token.pop(token, None)
                raise Refused("The visit is over.", code="visit-over")
            visit.touched = self._now()
            self._by_token.move_to_end(token)
        return visit

    def offer(self, visit: Visit, basket: Sequence[BasketLine], quote: Quote) -> str:
        """Remember a basket and its quote; the name that paying it takes."""
        attempt = secrets.token_hex(8)
        with self._lock:
            visit.attempts[attempt] = Attempt(tuple(basket), quote)
            while len(visit.attempts) > _ATTEMPTS:
                visit.attempts.popitem(last=False)
        return attempt

    def attempt(self, visit: Visit, name: str) -> Attempt:
        """A basket that was shown.

        Raises:
            Refused: it is too old (``visit-over``).
        """
        found = visit.attempts.get(name)
        if found is None:
            raise Refused("The offer is too old.", code="visit-over")
        return found
