"""What stands between the node and whoever settles orders."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from counterfoil.points.batches import Batching
from counterfoil.points.desk import BankDesk
from counterfoil.points.engine import Engine
from counterfoil.points.outcomes import Outcome
from counterfoil.points.settlement import Settlement
from counterfoil.points.signedfile import SignedOrder

_BATCHING = Batching(milliseconds=25)  # a batch is ten orders' work for the node


class Settler(Protocol):
    """Settles orders. An order that was settled before gets its first answer."""

    def submit(self, orders: Sequence[SignedOrder]) -> list[Future[Outcome]]:
        """Each order's answer, to come. A future fails with what kept the chain from answering."""

    def close(self) -> None:
        """End; what is under way may still happen, and submitting it again tells."""


class EngineSettler:
    """Settles with the bank's engine. The terminals' records 1 and 3 are left to them."""

    def __init__(self, desk: BankDesk) -> None:
        settlement = Settlement(
            desk.ledger, desk.journal, desk.signer("settler"), None, finalize=False
        )
        self._engine = Engine(settlement, _BATCHING).start()

    def submit(self, orders: Sequence[SignedOrder]) -> list[Future[Outcome]]:
        """As :class:`Settler` says."""
        return self._engine.submit_all(orders)

    def close(self) -> None:
        """As :class:`Settler` says."""
        self._engine.close(abandon=True)
