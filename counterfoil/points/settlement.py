"""The steps by which the bank answers signed orders, a batch at a time.

An order is known by its id. It is written down before anything is sent; an order that the chain has
answered already is never paid again, and its first answer is given. So a run that was cut short
anywhere is repaired by running it again. What the journal has from a block that the chain took back
is no answer any more: the marks on chain decide.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from counterfoil.dispatch import Receipt
from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.points.batches import Answered, Batch
from counterfoil.points.calldata import answers_in, settle_call
from counterfoil.points.checks import Checks
from counterfoil.points.gas import GasBook
from counterfoil.points.journal import Journal
from counterfoil.points.ledger import Ledger, LedgerCall
from counterfoil.points.outcomes import Outcome, outcome
from counterfoil.points.reasons import Reason
from counterfoil.points.records import TerminalRecords
from counterfoil.points.signedfile import SignedOrder
from counterfoil.sender import Superseded

_AGAIN = 3  # times that a settlement whose number was taken is sent anew


@dataclass
class Settlement:
    """The steps on one ledger, each called by one thread at a time.

    ``records`` None: the terminals' own records are left to them; ``finalize`` False: so is the
    third. ``stop`` ends whatever waits for the chain.
    """

    ledger: Ledger
    journal: Journal
    settler: Signer
    records: TerminalRecords | None
    finalize: bool = True
    stop: threading.Event = field(default_factory=threading.Event)
    checks: Checks = field(init=False)
    gas: GasBook = field(init=False)

    def __post_init__(self) -> None:
        self.checks = Checks(self.ledger, self.journal)
        self.gas = GasBook(self.ledger.chain.transaction_gas())

    def record(self, batch: Batch) -> None:
        """Record 1 of the orders that have none."""
        if self.records is not None:
            self.records.record(batch.unrecorded(), batch.old, self.stop)

    def send(self, batch: Batch) -> None:
        """Record 2 on its way."""
        if batch.fresh:
            data = settle_call([(order.order, order.signature) for order in batch.fresh])
            wallets = sum(
                batch.starved or self.checks.wallet_of(order) is not None for order in batch.fresh
            )
            gas = self.gas.limit(batch.fresh, wallets)
            if batch.starved:
                gas = self.gas.most
            (batch.sent,) = self.ledger.submit("settle", [LedgerCall(self.settler, data, gas)])

    def collect(self, batch: Batch) -> None:
        """The answers of record 2.

        Raises:
            Refused: the ledger takes no settlement now, such as ``EnforcedPause``.
            Unavailable: as :meth:`counterfoil.dispatch.Dispatch.wait` says.
        """
        for tries_left in reversed(range(_AGAIN)):
            if batch.sent is None:
                return
            try:
                (receipt,) = self.ledger.mined([batch.sent], self.stop)
                self._take(batch, receipt)
            except Superseded:
                if not tries_left:
                    raise
                self._send_again(batch)
            except Refused as error:
                if error.code not in ("TooLittleGas", "out-of-gas"):
                    raise
                if batch.starved and len(batch.fresh) == 1:
                    raise
                self._by_halves(batch)

    def finish(self, batch: Batch) -> None:
        """Record 3 of the paid orders that have none."""
        if self.records is not None and self.finalize:
            paid = batch.unfinalized()
            sure = {order.order_id for order in paid if not batch.answers[order.order_id].replayed}
            self.records.finalize(paid, sure, self.stop)

    def abandon(self, batch: Batch) -> None:
        """Care no more for what is under way."""
        if batch.sent is not None:
            self.ledger.chain.dispatch.leave([batch.sent])
            batch.sent = None

    def outcome(self, entry: SignedOrder, answer: Answered | Reason) -> Outcome:
        """The result row of an order."""
        if isinstance(answer, Reason):
            answer = Answered(answer, "", 0, False)
        return outcome(
            entry.order_ref,
            entry.order,
            self.ledger.record.currency,
            answer.reason,
            order_id=entry.order_id,
            transaction=answer.transaction,
            block=answer.block,
            replayed=answer.replayed,
        )

    def _take(self, batch: Batch, receipt: Receipt) -> None:
        name, block = str(receipt["transactionHash"]), int(receipt["blockNumber"], 16)
        said = {
            "0x" + answer.order_id.hex(): Answered(answer.reason, name, block, False)
            for answer in answers_in(receipt["logs"], self.ledger.record.address)
        }
        used = [order for order in batch.fresh if said[order.order_id].reason == Reason.REPLAYED]
        for order in used:
            del said[order.order_id]
        self.gas.learn(batch.fresh, int(receipt["gasUsed"], 16))
        self.checks.note(said)
        batch.answers |= said | self.checks.look_up(used)
        batch.sent = None

    def _send_again(self, batch: Batch) -> None:
        """Another transaction took the number of ours. What the chain has answered stays."""
        batch.sent = None
        used = self.checks.used(batch.fresh)
        batch.answers |= self.checks.look_up([o for o in batch.fresh if o.order_id in used])
        batch.fresh = [order for order in batch.fresh if order.order_id not in used]
        self.send(batch)

    def _by_halves(self, batch: Batch) -> None:
        """Settle what had too little gas in smaller parts: what a terminal that is a contract takes
        isn't known beforehand."""
        middle = (len(batch.fresh) + 1) // 2
        for some in (batch.fresh[:middle], batch.fresh[middle:]):
            part = Batch({order.order_id: order for order in some}, batch.known, some, starved=True)
            self.send(part)
            self.collect(part)
            batch.answers |= part.answers
        batch.sent = None
