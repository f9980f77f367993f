"""A whole file of signed orders through the settlement engine, in its order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from counterfoil.points.batches import Batching
from counterfoil.points.engine import Engine
from counterfoil.points.outcomes import Outcome
from counterfoil.points.settlement import Settlement
from counterfoil.points.signedfile import SignedOrder

_WINDOW = 8  # batches whose answers are waited for
_FILE = Batching(orders=300, lines=900, milliseconds=250)  # the next order is never far

Progress = Callable[[int], None]


@dataclass
class Redeeming:
    """Settles what a file holds; no more than some batches of it are kept at a time."""

    settlement: Settlement
    batching: Batching = field(default_factory=lambda: _FILE)

    def settle(
        self, entries: Iterable[SignedOrder | Outcome], progress: Progress = lambda _: None
    ) -> Iterator[Outcome]:
        """The answer to each order, in their order. Finished results pass through.

        Raises:
            Refused: the ledger settles nothing now.
            Unavailable: chain or database are away; safe to run again.
        """
        most = _WINDOW * self.batching.orders
        engine = Engine(self.settlement, self.batching).start()
        ahead: deque[Outcome | Future[Outcome]] = deque()
        finished = False
        try:
            for entry in entries:
                ahead.append(entry if isinstance(entry, Outcome) else engine.submit(entry))
                while _is_there(ahead[0]) or len(ahead) > most:
                    yield _waited_for(ahead.popleft())
                    progress(1)
                    if not ahead:
                        break
            engine.drain()
            while ahead:
                yield _waited_for(ahead.popleft())
                progress(1)
            finished = True
        finally:
            engine.close(abandon=not finished)


def _is_there(answer: Outcome | Future[Outcome]) -> bool:
    return isinstance(answer, Outcome) or answer.done()


def _waited_for(answer: Outcome | Future[Outcome]) -> Outcome:
    return answer if isinstance(answer, Outcome) else answer.result()
