"""Follows one ledger's chain, block by block, and back again where the chain itself goes back.

One look is: the latest block; whether the last block that was looked at is still part of the chain
(else back to the highest that is); the logs of the blocks since, which count only if the latest
block is still the same after they were read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from counterfoil.chain import Chain
from counterfoil.deployment import LedgerRecord
from counterfoil.errors import Unavailable
from counterfoil.index.book import Book, Happening, Settled
from counterfoil.index.logs import Header, Log, LogReader
from counterfoil.points.reasons import Reason
from counterfoil.points.signedpages import digits

_SPAN = 500  # blocks that one look reads at most
_FINALIZE_WINDOW = 256
EVENTS = frozenset(
    {
        *("OrdersRecorded", "OrderPaid", "OrderRejected", "OrdersFinalized"),
        *("OrderCancelled", "OrderRefunded"),
    }
)


@dataclass(frozen=True, slots=True)
class Reopened:
    """Orders whose settlement the chain took back."""

    order_ids: Sequence[str]


class Scanner:
    """Looks at a ledger's chain. ``reopened`` hears of settlements that the chain took back."""

    def __init__(
        self,
        chain: Chain,
        record: LedgerRecord,
        book: Book,
        reopened: Callable[[Reopened], None] = lambda _: None,
    ) -> None:
        self._reader = LogReader(chain, "PointsLedger", record.address, EVENTS)
        self._record = record
        self._book = book
        self._reopened = reopened
        self._lock = threading.Lock()
        self._last: tuple[int, str] | None = None  # that was looked at, unless others look too
        self.head = 0
        self.seen = 0

    def look(self) -> bool:
        """Look once; whether there was anything new.

        Raises:
            Unavailable: the chain or the database doesn't answer, or the chain is another one.
        """
        with self._lock:
            head = self._reader.head()
            self.head = head.number
            before = self._last or self._book.scanned() or self._begin()
            if before == (head.number, head.hash):
                self.seen = head.number
                return False
            if head.parent != before[1] and not self._stands(before):
                self._last = None
                self._go_back(before, head)
                return True
            return self._go_on(before, head)

    def _begin(self) -> tuple[int, str]:
        """The block before the ledger's own."""
        first = self._reader.header(self._record.block - 1)
        if first is None:
            raise Unavailable("The chain has lost the ledger.", fix="Run `counterfoil up`.")
        start = (first.number, first.hash)
        self._book.keep(None, [start], (), ())
        return start

    def _stands(self, block: tuple[int, str]) -> bool:
        found = self._reader.header(block[0])
        return found is not None and found.hash == block[1]

    def _go_back(self, before: tuple[int, str], head: Header) -> None:
        for block in self._book.known_blocks():
            if self._stands(block):
                reopened = self._book.take_back(before, block, head.at)
                if reopened:
                    self._reopened(Reopened(reopened))
                return
        raise Unavailable("The chain isn't the one of this journal.", fix="Run `counterfoil up`.")

    def _go_on(self, before: tuple[int, str], head: Header) -> bool:
        last = min(head.number, before[0] + _SPAN)
        if last == before[0] + 1 == head.number:
            logs, end = self._reader.of_block(head), head
        else:
            logs = self._reader.between(before[0] + 1, last)
            found = head if last == head.number else self._reader.header(last)
            if found is None or not self._stands((head.number, head.hash)):
                return True  # the chain moved while it was read: look again
            end = found
        blocks = {log.block: log.block_hash for log in logs} | {end.number: end.hash}
        settled = [_settled(log) for log in logs if log.name in ("OrderPaid", "OrderRejected")]
        happenings = list(self._happenings(logs, settled))
        if self._book.keep(before, blocks.items(), settled, happenings):
            self.seen = end.number
            self._last = (end.number, end.hash)
        else:  # another scanner was quicker
            self._last = None
        return True

    def _happenings(self, logs: Sequence[Log], settled: Sequence[Settled]) -> Iterator[Happening]:
        wanted = [
            (str(log.arguments["terminal"]), digits(sequence))
            for log in logs
            if log.name == "OrdersFinalized"
            for sequence in _sequences(log)
        ]
        known = self._book.settled(wanted) if wanted else {}
        known |= {(one.terminal, one.sequence): one for one in settled}
        for log in logs:
            if log.name == "OrdersRecorded":
                for place, order_id in enumerate(log.arguments["orderIds"]):
                    # Anybody's word: whoever reads it compares the terminal with the order's own.
                    terminal = str(log.arguments["terminal"])
                    name = "0x" + order_id.hex()
                    yield _happening(log, "recorded", name, place, terminal=terminal)
            elif log.name == "OrdersFinalized":
                for sequence in _sequences(log):
                    one = known.get((str(log.arguments["terminal"]), digits(sequence)))
                    if one is not None:
                        yield _happening(log, "finalized", one.order_id)
            else:
                yield _of_one(log)


def _of_one(log: Log) -> Happening:
    """What an event of one order tells."""
    told = log.arguments
    order_id = "0x" + bytes(told["orderId"]).hex()
    if log.name == "OrderPaid":
        values = {name: int(told[name]) for name in ("points", "cash")}
        return _happening(
            log, "settled", order_id, status="paid", drawn=hex(told["drawn"]), **values
        )
    if log.name == "OrderRejected":
        reason = Reason(told["reason"]).code
        return _happening(log, "settled", order_id, status="rejected", reason=reason)
    if log.name == "OrderRefunded":
        values = {name: int(told[name]) for name in ("points", "cash")}
        return _happening(log, "refunded", order_id, **values)
    return _happening(log, "cancelled", order_id)


def _happening(log: Log, kind: str, order_id: str, place: int = 0, **told: object) -> Happening:
    return Happening(
        order_id=order_id,
        kind=kind,
        place=f"{log.block_hash}:{log.log_index}:{place}",
        at=log.at,
        told=told,
        block=log.block,
        block_hash=log.block_hash,
        transaction=log.transaction,
    )


def _settled(log: Log) -> Settled:
    told = log.arguments
    return Settled(
        order_id="0x" + bytes(told["orderId"]).hex(),
        account="0x" + bytes(told["account"]).hex(),
        terminal=str(told["terminal"]),
        sequence=digits(int(told["sequence"])),
        block=log.block,
    )


def _sequences(log: Log) -> list[int]:
    first, bits = int(log.arguments["firstSequence"]), int(log.arguments["orders"])
    return [first + bit for bit in range(_FINALIZE_WINDOW) if bits >> bit & 1]
