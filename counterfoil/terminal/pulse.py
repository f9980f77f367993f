"""Whether the bank and the chain answer, asked again and again so that every page can say it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from counterfoil.terminal.worker import Changes

_SECONDS = 2.0


class Pulse:
    """Asks in a thread of its own. ``asked``: by name, whether that part answers."""

    def __init__(self, asked: Mapping[str, Callable[[], bool]], changes: Changes) -> None:
        self._asked = asked
        self._changes = changes
        self._again = threading.Event()
        self._end = False
        self._answers = dict.fromkeys(asked, True)
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
            found = {name: ask() for name, ask in self._asked.items()}
            if found != self._answers:
                self._answers = found
                self._changes.tell()
            self._again.wait(_SECONDS)
