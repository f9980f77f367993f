"""The page of what was signed here, compared with the orders that were answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from counterfoil.points.comparison import Comparison
from counterfoil.points.findings import Finding
from counterfoil.points.kept import Kept
from counterfoil.points.recordcheck import Records
from counterfoil.points.signedpages import SignedEntry
from counterfoil.points.slipcheck import Slips, signed_in


@dataclass(frozen=True, slots=True)
class SignedPage:
    """Of a bank's own ``terminal sign``. If nothing was ever signed with it, nothing is compared.

    An answered order of a terminal whose key is here stands there, unless it came in through the
    bank's node.
    """

    books: Comparison
    records: Records
    slips: Slips
    used: bool

    @classmethod
    def of(cls, books: Comparison, records: Records, slips: Slips) -> SignedPage:
        """For these books."""
        return cls(books, records, slips, books.desk.journal.has_signed())

    def amiss(self, page: Sequence[Kept]) -> Iterator[Finding]:
        """Orders that the page lacks, or has another of in their place."""
        ours = [one for one in page if self.used and self.records.signs_here(one)]
        refs = {one.entry.order_id: _ref(one) for one in ours}
        signed = self.books.desk.journal.signed(sorted(set(refs.values())))
        found = [(one, signed.get(refs[one.entry.order_id])) for one in ours]
        wrong = [(one, entry) for one, entry in found if not self._is_there(one, entry)]
        by_node = self.books.taken([one.entry.order_id for one, _ in wrong])
        for one, entry in wrong:
            if one.entry.order_id in by_node:
                continue
            if entry is None:
                yield one.finding("missing", "journal", "not in signed_orders")
            else:
                detail = "signed_orders: another order, or another signature, has its order_ref"
                yield one.finding("differs", "journal", detail)

    def _is_there(self, one: Kept, entry: SignedEntry | None) -> bool:
        if entry is None:
            return False
        if one.signed is None or one.settled is None or entry.row == one.entry.row:
            return True
        there = signed_in(entry.row)
        if there is None or there.order_id != one.entry.order_id:
            return False
        return self.slips.is_signed(there, one.settled, one.signed)


def _ref(one: Kept) -> str:
    """What its terminal calls it, whatever the column beside its row says."""
    return one.entry.order_ref if one.signed is None else one.signed.order_ref
