"""Which key signs for a terminal now: asked of the chain, which may take its time or hang.

A key counts for two seconds. Then the chain is asked, once for each terminal at a time and in
threads of their own, and who needs the key waits for that, but not for long: where the chain says
nothing, a key of the last two minutes still counts. Meanwhile orders only wait.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass, field

from counterfoil.errors import Unavailable
from counterfoil.points.ledger import Ledger

_LASTS = 2.0  # seconds for a disabled terminal to be shut out
_IS_OLD = 120.0  # seconds for which a key counts where the chain doesn't say
_PATIENCE = 1.0  # seconds that anybody waits for the chain's word
_THREADS = 4


@dataclass(frozen=True, slots=True)
class TillKey:
    """Who signs for a terminal, as it was read; ``address`` None: nobody does now. ``wallet``: it
    is a contract, which stands by signatures."""

    read: float
    address: str | None
    wallet: bool

    @property
    def age(self) -> float:
        """Seconds since it was read."""
        return time.monotonic() - self.read


_NEVER = TillKey(float("-inf"), None, False)


@dataclass(frozen=True, slots=True)
class _Asked:
    since: float
    answer: Future[TillKey]


@dataclass(slots=True)
class TillKeys:
    """The keys of one ledger's terminals, by their names."""

    ledger: Ledger
    _read: dict[str, TillKey] = field(default_factory=dict)
    _asked: dict[str, _Asked] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="keys")
    )

    def known(self, name: str) -> TillKey:
        """As it was read last, at whatever time."""
        return self._read.get(name, _NEVER)

    def waits(self, name: str) -> bool:
        """Whether :meth:`of` will wait for the chain."""
        if self.known(name).age <= _LASTS:
            return False
        asked = self._asked.get(name)
        return asked is None or asked.answer.done() or _left(asked) > 0

    def of(self, name: str, address: str) -> TillKey:
        """The key of the terminal at an address.

        Raises:
            Unavailable: the chain doesn't say, and hasn't for long.
        """
        known = self.known(name)
        if known.age <= _LASTS:
            return known
        asked = self._ask(name, address)
        try:
            return asked.answer.result(max(_left(asked), 0))
        except TooLong:
            error = Unavailable("The chain doesn't say in time whose key it is.")
        except Unavailable as told:
            error = told
        if known.age > _IS_OLD:
            raise error
        return known

    def close(self) -> None:
        """End; whoever asks still, asks for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, name: str, address: str) -> _Asked:
        """What the chain was asked, now or by somebody else a moment ago."""
        with self._lock:
            asked = self._asked.get(name)
            if asked is None or asked.answer.done():
                answer = self._threads.submit(self._look, name, address)
                asked = self._asked[name] = _Asked(time.monotonic(), answer)
        return asked

    def _look(self, name: str, address: str) -> TillKey:
        key = self.ledger.key_of(address)
        wallet = key is not None and self.ledger.chain.has_code(key)
        found = self._read[name] = TillKey(time.monotonic(), key, wallet)
        return found


def _left(asked: _Asked) -> float:
    return asked.since + _PATIENCE - time.monotonic()
