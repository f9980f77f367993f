"""How orders go together to the ledger, and what is known of them on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from counterfoil.points.journal import OrderEntry
from counterfoil.points.reasons import Reason
from counterfoil.points.signedfile import SignedOrder
from counterfoil.sender import Pending


@dataclass(frozen=True, slots=True)
class Batching:
    """When a batch is full, and how many are under way.

    ``orders`` and ``lines``: at most so many in one; ``milliseconds``: the first order of a batch
    waits no longer for others; ``gas_share``: of what a transaction may use; ``in_flight``:
    settlements that are sent and not mined yet; ``waiting``: orders that may wait to be taken up.
    """

    orders: int = 200
    lines: int = 600
    milliseconds: int = 50
    gas_share: float = 0.9
    in_flight: int = 2
    waiting: int = 10_000


@dataclass(frozen=True, slots=True)
class Answered:
    """The ledger's answer to an order. ``replayed``: it was given before."""

    reason: Reason
    transaction: str
    block: int
    replayed: bool


@dataclass(slots=True)
class Batch:
    """Orders that take the steps together; no id stands in it twice.

    ``known``: what the journal has of them; ``fresh``: those to settle, in their order; ``answers``
    by id; ``sent``: the settlement under way; ``starved``: it had too little gas; ``old``: ids that
    the journal had before.
    """

    orders: dict[str, SignedOrder]
    known: dict[str, OrderEntry] = field(default_factory=dict)
    fresh: list[SignedOrder] = field(default_factory=list)
    answers: dict[str, Answered] = field(default_factory=dict)
    sent: Pending | None = None
    starved: bool = False
    old: set[str] = field(default_factory=set)

    def unrecorded(self) -> list[SignedOrder]:
        """Those whose record 1 isn't known to be written: to be settled, or settled by us."""
        return [
            order
            for order_id, order in self.orders.items()
            if (entry := self.known.get(order_id)) is not None and entry.recorded is None
        ]

    def unfinalized(self) -> list[SignedOrder]:
        """Paid orders whose record 3 isn't known to be written."""
        return [
            order
            for order_id, order in self.orders.items()
            if order_id in self.answers
            and self.answers[order_id].reason == Reason.NONE
            and ((entry := self.known.get(order_id)) is None or entry.finalized is None)
        ]
