"""An order in the bank's journal beside what the chain says of it."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.points.chainside import Settled
from counterfoil.points.findings import Finding, Kind, Where
from counterfoil.points.journal import OrderEntry
from counterfoil.points.signedfile import SignedOrder


@dataclass(frozen=True, slots=True)
class Kept:
    """``signed``: its row, read (None: it can't be). ``settled``: the chain's answer."""

    entry: OrderEntry
    signed: SignedOrder | None
    settled: Settled | None

    @property
    def is_other(self) -> bool:
        """Whether its row is another order's."""
        return self.signed is not None and self.signed.order_id != self.entry.order_id

    def finding(self, kind: Kind, where: Where, detail: str) -> Finding:
        """Something about it."""
        return Finding(kind, where, self.entry.order_ref, self.entry.order_id, detail)
