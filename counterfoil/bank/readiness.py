"""Which of a node's parts answer, for whoever asks how often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from counterfoil.bank.door import aside

_LASTS = 1.0  # seconds for which an answer is good
_PATIENCE = 1.5  # seconds after which a part counts as away; a till waits for two


@dataclass(slots=True)
class Part:
    """One part. ``answers`` waits for it; it is asked once at a time, so that one that hangs takes
    one thread and no more, however many ask after it."""

    answers: Callable[[], bool]
    _found: bool = False
    _at: float = field(default=float("-inf"))
    _asking: asyncio.Task[bool] | None = None

    async def now(self) -> bool:
        """Whether it answers."""
        if self._asking is None and time.monotonic() - self._at > _LASTS:
            self._asking = asyncio.create_task(aside(self.answers))
            self._asking.add_done_callback(self._answered)
        if self._asking is not None:
            done, _ = await asyncio.wait({self._asking}, timeout=_PATIENCE)
            if not done:
                return False
        return self._found

    def _answered(self, task: asyncio.Task[bool]) -> None:
        self._found = not task.cancelled() and task.exception() is None and task.result()
        self._at = time.monotonic()
        self._asking = None


class Readiness:
    """The parts by name."""

    def __init__(self, parts: Mapping[str, Callable[[], bool]]) -> None:
        self._parts = {name: Part(answers) for name, answers in parts.items()}

    async def now(self) -> dict[str, bool]:
        """Which of them answer."""
        found = await asyncio.gather(*(part.now() for part in self._parts.values()))
        return dict(zip(self._parts, found, strict=True))
