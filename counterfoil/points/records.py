"""The terminals' own records: that they placed an order (1) and how it ended (3)."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.points.calldata import finalize_call, record_call
from counterfoil.points.journal import Journal
from counterfoil.points.ledger import Ledger, LedgerCall, Mark
from counterfoil.points.recorded import Finals, Recorded
from counterfoil.points.signedfile import SignedOrder
from counterfoil.points.signing import terminal_signer
from counterfoil.state import State

_WINDOW = 256  # sequences that one call of finalize spans
_RECORD_GAS, _RECORD_ORDER_GAS = 60_000, 1_000  # at most: a call, and each id in it
_FINALIZE_GAS = 120_000  # at most: a window lies across four strips of the roll


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
    _recorded: Recorded = field(init=False)
    _finals: Finals = field(init=False)

    def __post_init__(self) -> None:
        self._recorded, self._finals = Recorded(self.ledger), Finals(self.ledger)

    def record(
        self, orders: Sequence[SignedOrder], old: Collection[str], stop: threading.Event
    ) -> None:
        """Record 1 of these orders, all terminals at a time.

        Args:
            orders: that have none, as far as is known.
            old: ids of those that a cut-short run may have recorded.
            stop: ends the waiting for the chain.
        """
        mine = self._by_terminal(orders)
        doubtful = [
            (signer, [one for one in some if one.order_id in old])
            for signer, some in mine
            if any(one.order_id in old for one in some)
        ]
        with self.ledger.chain.dispatch.held([signer for signer, _ in doubtful]):
            there = self._recorded_before([one for _, some in doubtful for one in some])
            calls = []
            for signer, all_ in mine:
                if some := [one for one in all_ if one.order_id not in there]:
                    data = record_call(some[0].order.terminal, [one.id_bytes for one in some])
                    gas = _RECORD_GAS + _RECORD_ORDER_GAS * len(some)
                    calls.append(_Call(LedgerCall(signer, data, gas), some))
            self._make("recordOrders", calls, "recorded", stop)

    def finalize(
        self, orders: Sequence[SignedOrder], sure: Collection[str], stop: threading.Event
    ) -> None:
        """Record 3, completed, of these paid orders, all terminals at a time.

        Args:
            orders: that have none, as far as is known.
            sure: ids of those that were paid just now; a cut-short run may have finalized the
                others.
            stop: ends the waiting for the chain.
        """
        due = self._still_paid([order for order in orders if order.order_id not in sure])
        due += [order for order in orders if order.order_id in sure]
        try:
            self._finalize(due, stop)
        except Refused as error:
            if error.code != "NotPaid":
                raise
            self._finalize(self._still_paid(due), stop)  # a terminal did it itself meanwhile

    def _finalize(self, orders: Sequence[SignedOrder], stop: threading.Event) -> None:
        calls = []
        for signer, some in self._by_terminal(orders):
            for window in _windows(some):
                first = window[0].order.sequence
                bits = sum(1 << (order.order.sequence - first) for order in window)
                data = finalize_call(window[0].order.terminal, first, bits)
                calls.append(_Call(LedgerCall(signer, data, _FINALIZE_GAS), window))
        self._make("finalize", calls, "finalized", stop)

    def _recorded_before(self, orders: Sequence[SignedOrder]) -> set[str]:
        """The ids of those whose record 1 stands on chain, which is written down."""
        found = self._recorded.of({one.order.terminal for one in orders})
        there = {one.order_id: found[one.id_bytes] for one in orders if one.id_bytes in found}
        self.journal.note_orders(
            [([order_id], {"recorded": name}) for order_id, name in there.items()]
        )
        return set(there)

    def _still_paid(self, orders: Sequence[SignedOrder]) -> list[SignedOrder]:
        """Those that have no record 3. Where one stands on chain, it is written down."""
        marks = self.ledger.marks([(o.order.terminal, o.order.sequence) for o in orders])
        pairs = list(zip(orders, marks, strict=True))
        final = [o for o, mark in pairs if mark == Mark.FINALIZED]
        found = self._finals.of({o.order.terminal for o in final})
        places = {o.order_id: (o.order.terminal, o.order.sequence) for o in final}
        self.journal.note_orders(
            [([key], {"finalized": found[at]}) for key, at in places.items() if at in found]
        )
        return [o for o, mark in pairs if mark == Mark.PAID]

    def _make(
        self, function: str, calls: Sequence[_Call], column: str, stop: threading.Event
    ) -> None:
        """Send these calls together, wait for all, and note their transactions in this column."""
        if calls:
            sent = self.ledger.submit(function, [call.call for call in calls])
            receipts = self.ledger.mined(sent, stop)
            self.journal.note_orders(
                [
                    ([o.order_id for o in call.orders], {column: str(receipt["transactionHash"])})
                    for call, receipt in zip(calls, receipts, strict=True)
                ]
            )

    def _by_terminal(self, orders: Iterable[SignedOrder]) -> list[tuple[Signer, list[SignedOrder]]]:
        grouped: dict[str, list[SignedOrder]] = defaultdict(list)
        for order in orders:
            grouped[order.order.terminal].append(order)
        self._look_for_keys([terminal for terminal in grouped if terminal not in self._signers])
        signers = {terminal: self._signers[terminal] for terminal in grouped}
        return [(signer, grouped[name]) for name, signer in signers.items() if signer is not None]

    def _look_for_keys(self, terminals: Sequence[str]) -> None:
        for terminal, key in self.ledger.keys_of(terminals).items():
            name = self.ledger.record.terminal_at(terminal)
            signer = terminal_signer(self.state, name) if name else None
            if signer is not None and (key is None or signer.address.lower() != "0x" + key.hex()):
                signer = None
            if signer is None:
                self.warn(
                    f"terminal {name or terminal}: its key isn't here, nor its records 1 and 3"
                )
            self._signers[terminal] = signer


@dataclass(frozen=True, slots=True)
class _Call:
    """A terminal's call and the orders that it tells of."""

    call: LedgerCall
    orders: Sequence[SignedOrder]


def _windows(orders: Sequence[SignedOrder]) -> list[list[SignedOrder]]:
    windows: list[list[SignedOrder]] = []
    for order in sorted(orders, key=lambda order: order.order.sequence):
        if windows and order.order.sequence - windows[-1][0].order.sequence < _WINDOW:
            windows[-1].append(order)
        else:
            windows.append([order])
    return windows
