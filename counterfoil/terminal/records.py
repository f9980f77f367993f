"""What the till itself writes on chain, and reads there: each act may be made twice.

Only one process at a time may send with a terminal's key; whoever has it looks first whether a run
that was cut short has sent already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from typing import Any

from counterfoil.chain import Chain
from counterfoil.deployment import LedgerRecord
from counterfoil.errors import Refused, Unavailable
from counterfoil.keys import Signer
from counterfoil.model import Event, Mined
from counterfoil.points.ledger import LOTS, Ledger, Mark, Verdict, verdict_in
from counterfoil.points.orders import PaymentOrder
from counterfoil.points.receipts import Receipt, proven
from counterfoil.turns import Turns

_DAY = 86_400
_TIMEOUT = 5  # seconds for the chain to answer one question


@dataclass(frozen=True, slots=True)
class Written:
    """A record as it stands on chain; ``at`` is its block's time in Unix seconds."""

    transaction: str
    block: int
    at: int


@dataclass(frozen=True, slots=True)
class Given:
    """A refund as it stands on chain: ``points`` were restored."""

    written: Written
    points: int


@dataclass
class TillChain:
    """The line to one bank's ledger, made when it is first needed. ``terminal``: its address;
    ``turns``: who keeps others from sending with its key at the same time."""

    url: str
    record: LedgerRecord
    terminal: str
    signer: Signer
    turns: Turns
    _ledger: Ledger | None = field(default=None, init=False)

    def ledger(self) -> Ledger:
        """The ledger.

        Raises:
            Unavailable: the chain doesn't answer, or is another one.
        """
        if self._ledger is None:
            chain = Chain.connect(self.url, timeout=_TIMEOUT, turns=self.turns)
            if chain.block_hash(self.record.block) != self.record.block_hash:
                raise Unavailable(
                    f"The chain at {self.url} doesn't know {self.record.bank}'s ledger.",
                    fix="Run `counterfoil up`.",
                )
            self._ledger = Ledger(chain, self.record)
        return self._ledger

    def height(self) -> int:
        """Height of the latest block."""
        return self.ledger().chain.block_number()

    def time(self) -> int:
        """Time of the latest block, Unix seconds."""
        return self.ledger().chain.timestamp()

    def mark(self, order: PaymentOrder) -> Mark:
        """What has become of the order's sequence."""
        return self.ledger().mark(self.terminal, order.sequence)

    def recorded(self, order_id: bytes, from_block: int) -> Written | None:
        """Record 1, if it is there."""
        events = self._events("OrdersRecorded", from_block, terminal=self.terminal)
        found = [event for event in events if order_id in event.arguments["orderIds"]]
        return self._written(found[0]) if found else None

    def record_order(self, order_id: bytes) -> Written:
        """Write record 1."""
        return _of(self._send("recordOrders", self.terminal, [order_id]))

    def verdict(self, order_id: bytes, from_block: int) -> tuple[Verdict, Written] | None:
        """Record 2, if it is there."""
        for name in ("OrderPaid", "OrderRejected"):
            for event in self._events(name, from_block, orderId=order_id):
                return verdict_in(event), self._written(event)
        return None

    def finalize(self, order: PaymentOrder) -> Written:
        """Write record 3: completed. The order is marked paid."""
        return _of(self._send("finalize", self.terminal, order.sequence, 1))

    def finalized(self, order: PaymentOrder, from_block: int) -> Written | None:
        """Record 3, completed, if it is there."""
        for event in self._events("OrdersFinalized", from_block, terminal=self.terminal):
            place = order.sequence - int(event.arguments["firstSequence"])
            if 0 <= place < 256 and int(event.arguments["orders"]) >> place & 1:
                return self._written(event)
        return None

    def cancel(self, order_id: bytes, settled: Written) -> Written:
        """Write record 3: cancelled. The order is marked paid; ``settled``: by its record 2."""
        receipt, siblings = self._proven(order_id, settled)
        return _of(self._send("cancel", astuple(receipt), siblings))

    def cancelled(self, order_id: bytes, from_block: int) -> Written | None:
        """Record 3, cancelled, if it is there: by this terminal or by the bank."""
        events = self._events("OrderCancelled", from_block, orderId=order_id)
        return self._written(events[0]) if events else None

    def refund(self, order_id: bytes, settled: Written, cash: int) -> Given:
        """Give ``cash`` minor units back.

        Raises:
            Refused: more than is left (``RefundExceedsOrder``), or too late (``RefundTooLate``).
        """
        receipt, siblings = self._proven(order_id, settled)
        mined = self._send("refund", astuple(receipt), siblings, cash)
        return Given(_of(mined), int(mined.of("OrderRefunded")[0].arguments["points"]))

    def refunds(self, order_id: bytes, from_block: int) -> Iterator[tuple[int, Given]]:
        """The refunds of an order that this till itself sent, with their cash, oldest first."""
        for event in self._events("OrderRefunded", from_block, orderId=order_id):
            if self.ledger().chain.sender_of(event.transaction) == self.signer.address:
                given = Given(self._written(event), int(event.arguments["points"]))
                yield int(event.arguments["cash"]), given

    def _proven(self, order_id: bytes, settled: Written) -> tuple[Receipt, list[bytes]]:
        """The receipt and its proof, out of the batch that ``settled`` names."""
        events = self.ledger().contract.events("OrderPaid", first=settled.block, last=settled.block)
        batch = [event for event in events if event.transaction == settled.transaction]
        period = settled.at // _DAY // self.record.lot_days
        found = proven(batch, order_id, period - (LOTS - 1))
        if found is None:  # the chain took the block back; the next look tells
            raise Refused(f"block {settled.block} paid no such order", code="not-paid")
        return found

    def _send(self, function: str, *arguments: Any) -> Mined:
        return self.ledger().contract.send(self.signer, function, *arguments)

    def _events(self, name: str, from_block: int, **indexed: Any) -> list[Event]:
        first = max(from_block, self.record.block)
        return self.ledger().contract.events(name, first=first, **indexed)

    def _written(self, event: Event) -> Written:
        at = self.ledger().chain.timestamp(event.block)
        return Written(event.transaction, event.block, at)


def _of(mined: Mined) -> Written:
    return Written(mined.transaction, mined.block, mined.timestamp)
