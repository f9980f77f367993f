"""Whether the bank and the chain answer, asked again and again so that every page can say it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from counterfoil.terminal.worker import Changes

_SECONDS = 2.0
_CHAIN = frozenset({"chain"})


@dataclass(slots=True)
class Lines:
    """The till's two lines. ``missing``: what the bank says that its node lacks; ``chain``: whether
    the chain answers the till."""

    missing: Callable[[], Set[str]]
    chain: Callable[[], bool]
    _alone: bool = False

    def look(self) -> dict[str, bool]:
        """Which of them answer. A bank that lacks the chain isn't away when the chain is: then one
        thing is wrong, and that is what is said. If the chain answers the till, the bank has a
        trouble of its own, once it has said so twice: what it says may be two seconds old."""
        missing = self.missing()
        chain = self.chain()
        alone = missing == _CHAIN and chain
        bank = not missing - _CHAIN and not (alone and self._alone)
        self._alone = alone
        return {"bank": bank, "chain": chain}


class Pulse:
    """Asks in a thread of its own. ``ask``: by name, whether each line answers."""

    def __init__(self, ask: Callable[[], Mapping[str, bool]], changes: Changes) -> None:
        self._ask = ask
        self._changes = changes
        self._again = threading.Event()
        self._end = False
        self._answers: Mapping[str, bool] = {"bank": True, "chain": True}
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def lines(self) -> Mapping[str, bool]:
        """What answered last time."""
        return self._answers

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def look(self) -> None:
        """Ask again now: somebody has found one of them away."""
        self._again.set()

    def stop(self) -> None:
        """End."""
        self._end = True
        self._again.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end:
            self._again.clear()
            found = self._ask()
            if found != self._answers:
                self._answers = found
                self._changes.tell()
            self._again.wait(_SECONDS)
