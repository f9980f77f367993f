"""The terminals' own records: that they placed an order (1) and how it ended (3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from counterfoil.deployment import LedgerRecord
from counterfoil.keys import Signer
from counterfoil.points.journal import Journal
from counterfoil.points.ledger import Ledger, Mark
from counterfoil.points.signedfile import SignedOrder
from counterfoil.points.signing import terminal_signer
from counterfoil.state import State

_WINDOW = 256  # sequences that one call of finalize spans


@dataclass
class TerminalRecords:
    """Writes the records of those terminals whose keys this installation holds.

    ``warn`` hears of a terminal whose key isn't here: its records are left to itself.
    """

    ledger: Ledger
    journal: Journal
    state: State
    warn: Callable[[str], None]
    _signers: dict[str, Signer | None] = field(default_factory=dict)

    def record(self, orders: Sequence[SignedOrder]) -> None:
        """Record 1, for orders that have none yet."""
        known = self.journal.orders([order.order_id for order in orders])
        for signer, some in self._by_terminal(orders):
            due = [order for order in some if not known[order.order_id].recorded]
            due_ids = [order.order.order_id() for order in due]
            if not due:
                continue
            mined = self.ledger.contract.send(
                signer, "recordOrders", due[0].order.terminal, due_ids
            )
            self.journal.note_order([order.order_id for order in due], recorded=mined.transaction)

    def finalize(self, orders: Sequence[SignedOrder]) -> None:
        """Record 3, completed, for paid orders that have none yet."""
        known = self.journal.orders([order.order_id for order in orders])
        open_ones = [order for order in orders if not known[order.order_id].finalized]
        for signer, some in self._by_terminal(open_ones):
            due = [order for order in some if self._is_paid(order)]
            for window in _windows(due):
                first = window[0].order.sequence
                bits = sum(1 << (order.order.sequence - first) for order in window)
                terminal = window[0].order.terminal
                mined = self.ledger.contract.send(signer, "finalize", terminal, first, bits)
                ids = [order.order_id for order in window]
                self.journal.note_order(ids, finalized=mined.transaction)

    def _is_paid(self, order: SignedOrder) -> bool:
        """Whether record 3 is missing; a cut-short run may have written it."""
        return self.ledger.mark(order.order.terminal, order.order.sequence) == Mark.PAID

    def _by_terminal(self, orders: Sequence[SignedOrder]) -> list[tuple[Signer, list[SignedOrder]]]:
        grouped: dict[str, list[SignedOrder]] = defaultdict(list)
        for order in orders:
            grouped[order.order.terminal].append(order)
        found = []
        for terminal, some in grouped.items():
            signer = self._signer(terminal)
            if signer is not None:
                found.append((signer, some))
        return found

    def _signer(self, terminal: str) -> Signer | None:
        if terminal not in self._signers:
            name = _name_of(self.ledger.record, terminal)
            signer = terminal_signer(self.state, name) if name else None
            if signer is not None and signer.address != self.ledger.key_of(terminal):
                signer = None
            if signer is None:
                self.warn(
                    f"terminal {name or terminal}: its key isn't here, nor its records 1 and 3"
                )
            self._signers[terminal] = signer
        return self._signers[terminal]


def _name_of(record: LedgerRecord, address: str) -> str | None:
    return next((name for name, till in record.terminals.items() if till.address == address), None)


def _windows(orders: Sequence[SignedOrder]) -> list[list[SignedOrder]]:
    windows: list[list[SignedOrder]] = []
    for order in sorted(orders, key=lambda order: order.order.sequence):
        if windows and order.order.sequence - windows[-1][0].order.sequence < _WINDOW:
            windows[-1].append(order)
        else:
            windows.append([order])
    return windows
