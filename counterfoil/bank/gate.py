"""Who may come in: terminals by the signature of their key, the bank's channel by its own key.

What a terminal sends counts for a minute around its time and once on this node. That is enough
with several nodes too: everything that has an effect carries an id of its own (an order's, a
refund's), and the same again has none.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import Request

from counterfoil.bank.consents import ChannelKeys
from counterfoil.bank.intake import Till
from counterfoil.bank.problems import refused
from counterfoil.bank.settings import Settings
from counterfoil.bank.tillkeys import TillKeys
from counterfoil.deployment import LedgerRecord
from counterfoil.errors import Refused
from counterfoil.points.ledger import Ledger
from counterfoil.points.requests import FRESH, TERMINAL, SignedRequest, signed_request
from counterfoil.points.wallets import stand_by

_KNOWN = 10_000  # callers whose rate is remembered


@dataclass(frozen=True, slots=True)
class Channel:
    """The bank's own channel, by the name of its key."""

    name: str


class Gate:
    """Lets requests in to one bank's node."""

    def __init__(
        self,
        ledger: Ledger,
        record: Callable[[], LedgerRecord],
        keys: ChannelKeys,
        settings: Settings,
    ) -> None:
        """``record``: the ledger's as it is now."""
        self._ledger = ledger
        self._record = record
        self._keys = keys
        self._till_keys = TillKeys(ledger)
        self._nonces = Nonces()
        self._rates = Rates(settings.rate, settings.burst)
        self._order_rates = Rates(settings.order_rate, settings.order_burst)

    def terminal(self, request: Request, body: bytes) -> Till:
        """The terminal that signed a request.

        Raises:
            Refused: none did, or not now, or it asks too often.
            Unavailable: the chain doesn't say whose key it is.
        """
        signed = signed_request(request.headers)
        if signed is None:
            raise self._stranger(request, "The request isn't signed by a terminal.")
        now = time.time()
        if abs(signed.time - now) > FRESH:
            raise self._stranger(request, f"The request's time is off by more than {FRESH} s.")
        till = self._till(signed.terminal)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if till is None or not self._is_by(signed, till, request, path, body):
            raise self._stranger(request, "The terminal's key didn't sign this request.")
        self._once(request, signed, till)
        self._rates.take(till.address)
        return till

    def orders(self, till: Till, count: int) -> None:
        """A terminal posts so many orders.

        Raises:
            Refused: that is too many now; none of them is looked at.
        """
        self._order_rates.take(till.address, count)

    def waits(self, request: Request) -> bool:
        """Whether :meth:`terminal` will wait for the chain's word on a key, a moment at most."""
        return self._till_keys.waits(request.headers.get(TERMINAL, ""))

    def asks(self, request: Request) -> bool:
        """Whether :meth:`terminal` will ask the terminal's contract, as long as that takes."""
        return self._till_keys.known(request.headers.get(TERMINAL, "")).wallet

    def close(self) -> None:
        """End."""
        self._till_keys.close()

    def channel(self, request: Request) -> Channel:
        """The bank's channel.

        Raises:
            Refused: it isn't.
        """
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        name = self._keys.name_of(key) if scheme.lower() == "bearer" and key else None
        if name is None:
            raise self._stranger(request, "This is for the bank's own channel, with its key.")
        return Channel(name)

    def anybody(self, request: Request) -> None:
        """Nobody in particular, who may not ask too often either."""
        self._rates.take(_address(request))

    def _is_by(
        self, signed: SignedRequest, till: Till, request: Request, path: str, body: bytes
    ) -> bool:
        domain = self._ledger.domain
        if not till.wallet:
            return signed.signer(domain, request.method, path, body) == till.key
        self._rates.take(_address(request))  # anybody can make us ask
        digest = signed.digest(domain, request.method, path, body)
        return stand_by(self._ledger.chain, till.key, [(digest, signed.signature)])[0]

    def _stranger(self, request: Request, detail: str) -> Refused:
        self._rates.take(_address(request))
        return refused("not-authenticated", detail, "See /openapi.json for how to sign.")

    def _once(self, request: Request, signed: SignedRequest, till: Till) -> None:
        if not self._nonces.take(till.address, signed.nonce, signed.time + FRESH):
            raise refused("not-authenticated", "The request was sent before.", "Sign it anew.")

    def _till(self, name: str) -> Till | None:
        ledger = self._record()
        record = ledger.terminals.get(name)
        if record is None:
            return None
        key = self._till_keys.of(name, record.address)
        if key.address is None:
            return None
        items = ledger.catalogue_of(name).items
        return Till(name, record.address, key.address, key.wallet, items)


@dataclass(slots=True)
class Nonces:
    """Nonces of requests that still count, so that each counts once."""

    _until: dict[tuple[str, str], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _swept: float = 0

    def take(self, who: str, nonce: str, until: float) -> bool:
        """Whether it is new. ``until``: when the request counts no more, Unix seconds."""
        now = time.time()
        with self._lock:
            if now - self._swept > FRESH:
                self._until = {key: end for key, end in self._until.items() if end >= now}
                self._swept = now
            if (who, nonce) in self._until:
                return False
            self._until[who, nonce] = until
            return True


class Rates:
    """So many things a second for each caller, and a store of some that were saved up."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, who: str, count: int = 1) -> None:
        """Take so many, all or none. To be told no costs one.

        Raises:
            Refused: fewer are left.
        """
        now = time.monotonic()
        with self._lock:
            left, read = self._left.pop(who, (float(self._burst), now))
            left = min(self._burst, left + (now - read) * self._rate)
            self._left[who] = (max(left - (count if left >= count else 1), 0), now)
            if len(self._left) > _KNOWN:
                self._left.popitem(last=False)
        if left < count:
            raise refused("too-many", "Too many requests.", "Wait a second, then go on slower.")


def _address(request: Request) -> str:
    """Where a request comes from. Of IPv6 the first half: one customer has all of the other."""
    host = request.client.host if request.client else ""
    try:
        found = ip_address(host)
    except ValueError:
        return host  # a socket's name
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((found.packed[:8] + bytes(8), 64)))
    return host
