"""What stands between the node and whoever settles orders."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from counterfoil.points.desk import BankDesk
from counterfoil.points.outcomes import Outcome
from counterfoil.points.signedfile import SignedOrder


class Settler(Protocol):
    """Settles orders. An order that was settled before gets its first answer."""

    def submit(self, orders: Sequence[SignedOrder]) -> list[Future[Outcome]]:
        """Each order's answer, to come. A future fails with what kept the chain from answering."""

    def close(self) -> None:
        """End; what is under way comes to its end first."""


class OneByOne:
    """Settles with the desk's own settlement, a batch after another."""

    def __init__(self, desk: BankDesk) -> None:
        self._desk = desk
        self._thread = ThreadPoolExecutor(1, "settler")

    def submit(self, orders: Sequence[SignedOrder]) -> list[Future[Outcome]]:
        """As :class:`Settler` says."""
        futures: list[Future[Outcome]] = [Future() for _ in orders]
        self._thread.submit(self._settle, list(orders), futures)
        return futures

    def close(self) -> None:
        """As :class:`Settler` says."""
        self._thread.shutdown(cancel_futures=True)

    def _settle(self, orders: list[SignedOrder], futures: list[Future[Outcome]]) -> None:
        settlement = self._desk.settlement(_nobody, finalize=False)
        settlement.records = None  # a node leaves the terminals' records to the terminals
        answers = settlement.settle(orders)
        for place, future in enumerate(futures):
            try:
                future.set_result(next(answers))
            except Exception as error:  # told to each order that waits for it
                for one in futures[place:]:
                    one.set_exception(error)
                return


def _nobody(_line: str) -> None:
    """Nothing is left to be said."""
