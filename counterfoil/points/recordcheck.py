"""What the journal says of the terminals' own records, compared with the chain."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from counterfoil.points.comparison import Comparison
from counterfoil.points.findings import Finding, unlike
from counterfoil.points.kept import Kept
from counterfoil.points.signing import terminal_signer

_Column = Literal["recorded", "finalized"]


@dataclass(frozen=True, slots=True)
class Records:
    """Records 1 and 3 in the journal of one bank.

    Those of terminals whose keys are here are written down, unless the order came in through the
    bank's node: then its terminal sees to them. A cancellation needn't be.
    """

    books: Comparison
    _keys: dict[str, bytes | None] = field(default_factory=dict)

    def amiss(self, page: Sequence[Kept]) -> Iterator[Finding]:
        """What differs in the columns of records."""
        empty: list[tuple[Kept, str]] = []
        told: list[tuple[Kept, str, str]] = []
        for one in page:
            if one.settled is None:
                continue
            for column in ("recorded", "finalized"):
                name = getattr(one.entry, column)
                there = self._there(one, column)
                if name is None and self._is_expected(one, column):
                    empty.append((one, unlike(column, "nothing", ", ".join(sorted(there)))))
                elif name is not None and name not in there:
                    said = ", ".join(sorted(there)) or "nothing"
                    told.append((one, name, unlike(column, name, said)))
        newer = self.books.newer(name for _, name, _ in told)
        for one, name, detail in told:
            if name not in newer:
                yield one.finding("differs", "journal", detail)
        by_node = self.books.taken([one.entry.order_id for one, _ in empty])
        for one, detail in empty:
            if one.entry.order_id not in by_node:
                yield one.finding("differs", "journal", detail)

    def signs_here(self, one: Kept) -> bool:
        """Whether the key that its terminal had when it was answered is kept here."""
        if one.settled is None:
            return False
        terminal = one.settled.terminal
        if terminal not in self._keys:
            self._keys[terminal] = self._key(terminal)
        keys = self.books.chain.keys_at(terminal, one.settled.block)
        return self._keys[terminal] in keys

    def _is_expected(self, one: Kept, column: _Column) -> bool:
        settled = one.settled
        if settled is None or not self._there(one, column):
            return False
        cancelled = (settled.terminal, settled.sequence) in self.books.chain.cancelled
        return self.signs_here(one) and not (column == "finalized" and cancelled)

    def _there(self, one: Kept, column: _Column) -> Collection[str]:
        chain = self.books.chain
        if column == "recorded":
            return {written.transaction for written in chain.records.get(one.entry.order_id, ())}
        settled = one.settled
        final = chain.finals.get((settled.terminal, settled.sequence)) if settled else None
        return {final} if final else ()

    def _key(self, terminal: str) -> bytes | None:
        desk = self.books.desk
        name = desk.ledger.record.terminal_at(terminal)
        signer = None if name is None else terminal_signer(desk.state, name)
        return None if signer is None else bytes.fromhex(signer.address[2:])
