"""Whether the ledger can still answer an order that it has not answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.points.checks import Checks
from counterfoil.points.comparison import Comparison
from counterfoil.points.findings import Finding
from counterfoil.points.reasons import Reason
from counterfoil.points.signedfile import SignedOrder
from counterfoil.points.wallets import stand_by


@dataclass(frozen=True, slots=True)
class Answerable:
    """Judges as ``redeem`` does."""

    books: Comparison
    checks: Checks

    @classmethod
    def of(cls, books: Comparison) -> Answerable:
        """For these books."""
        return cls(books, Checks(books.desk.ledger, books.desk.journal))

    def judged(self, orders: Sequence[SignedOrder]) -> dict[str, Finding | None]:
        """Of each order without an answer, by its id: that nobody can answer it, or None if it can
        be. One that was answered since the chain was read is left out."""
        faults = self._faults(orders)
        sound = [one for one in orders if not faults[one.order_id]]
        used = self.checks.used(sound)
        answered = self.books.desk.ledger.verdicts(
            [one.id_bytes for one in sound if one.order_id in used]
        )
        found: dict[str, Finding | None] = {}
        for one in orders:
            if one.id_bytes not in answered:
                replayed = Reason.REPLAYED if one.order_id in used else Reason.NONE
                found[one.order_id] = _told(one, faults[one.order_id] or replayed)
        return found

    def _faults(self, orders: Sequence[SignedOrder]) -> dict[str, Reason]:
        faults = self.checks.faults(orders, {})
        found = {one.order_id: fault for one, fault in zip(orders, faults, strict=True)}
        ledger = self.books.desk.ledger
        asked: dict[str, list[SignedOrder]] = defaultdict(list)
        for one in orders:
            wallet = self.checks.wallet_of(one)
            if wallet is not None:
                asked[wallet].append(one)
        for wallet, some in asked.items():
            signed = [(ledger.domain.digest(one.id_bytes), one.signature) for one in some]
            for one, stands in zip(some, stand_by(ledger.chain, wallet, signed), strict=True):
                if not stands:
                    found[one.order_id] = Reason.BAD_SIGNATURE
        return found


def _told(signed: SignedOrder, reason: Reason) -> Finding | None:
    if not reason:
        return None
    detail = f"{reason.code}: {reason.sentence}"
    return Finding("unanswerable", "chain", signed.order_ref, signed.order_id, detail)
