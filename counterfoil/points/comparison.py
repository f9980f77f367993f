"""The books that are compared, and what every comparison asks of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from counterfoil.model import at_a_time
from counterfoil.points.chainside import ChainSide
from counterfoil.points.desk import BankDesk
from counterfoil.points.findings import Finding, Kind, Watch, Where

AT_ONCE = 500


@dataclass
class Comparison:
    """The bank's books and the chain's.

    ``older_than``: seconds after which something that was begun should be done; ``now``: in
    seconds. ``taken``: which of some orders the bank's node took. ``file_refs``: what a file calls
    orders that the journal lacks. ``listed``: how often it lists each order.
    """

    desk: BankDesk
    chain: ChainSide
    older_than: int
    now: int
    watch: Watch
    taken: Callable[[Sequence[str]], Collection[str]]
    file_refs: dict[str, str] = field(default_factory=dict)
    listed: dict[str, int] = field(default_factory=dict)

    def named(self, order_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Orders by their ids, each with its reference, empty if nobody here knows it."""
        for some in at_a_time(order_ids, AT_ONCE):
            known = self.desk.journal.orders(some)
            for order_id in some:
                entry = known.get(order_id)
                ref = self.file_refs.get(order_id, "") if entry is None else entry.order_ref
                yield order_id, ref

    def tell(
        self, kind: Kind, where: Where, order_ids: Iterable[str], detail: str
    ) -> Iterator[Finding]:
        """The same of several orders."""
        for order_id, ref in self.named(order_ids):
            yield Finding(kind, where, ref, order_id, detail)

    def is_due(self, since: int) -> bool:
        """Whether what was begun then should be done."""
        return self.now - since >= self.older_than

    def newer(self, transactions: Iterable[str]) -> set[str]:
        """Which of these came after the chain was read."""
        found: set[str] = set()
        for some in at_a_time(sorted(set(transactions)), AT_ONCE):
            found |= self.chain.newer(some)
        return found
