"""What the chain says of one ledger's orders, credits and refunds, read in one go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from counterfoil.model import Event
from counterfoil.points.findings import Watch, hex_of
from counterfoil.points.ledger import Ledger, verdict_in
from counterfoil.points.reasons import Reason
from counterfoil.points.recorded import finals_in

_BLOCKS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer to one order: ``points`` and ``cash`` of a paid one."""

    reason: Reason
    points: int | None
    cash: int | None
    terminal: str
    sequence: int
    transaction: str
    block: int


@dataclass(frozen=True, slots=True)
class Written:
    """Where something stands on chain."""

    transaction: str
    block: int


@dataclass(frozen=True, slots=True)
class Credited:
    """A credit. ``account`` in hex, without 0x; ``earned_on`` in days."""

    account: str
    points: int
    earned_on: int
    batch: int
    transaction: str
    block: int


@dataclass(slots=True)
class Given:
    """What one transaction gave back of an order, ``cash`` in minor units."""

    block: int
    cash: int = 0
    points: int = 0
    cancelled: bool = False


@dataclass
class ChainSide:
    """As it was at block ``top``. Ids are 0x hex.

    ``answers`` and ``records`` (1) by order; ``finals``: the transactions of records 3 by terminal
    and sequence, which of them are ``cancelled``; ``rotations``: the blocks in which a terminal got
    another key, and that key; ``credits`` by the reference that stands there;
    ``given``: what was given back, by order and transaction.
    """

    ledger: Ledger
    top: int
    answers: dict[str, Settled] = field(default_factory=dict)
    records: dict[str, list[Written]] = field(default_factory=lambda: defaultdict(list))
    finals: dict[tuple[str, int], str] = field(default_factory=dict)
    cancelled: set[tuple[str, int]] = field(default_factory=set)
    rotations: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    given: dict[tuple[str, str], Given] = field(default_factory=dict)
    credits: dict[str, list[Credited]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, ledger: Ledger, watch: Watch) -> ChainSide:
        """All that counts, some blocks at a time: what is newer is noted nowhere yet. ``watch``
        shows how far it is."""
        chain, first = ledger.chain, ledger.record.block
        top = max(chain.block_number() - chain.terms.confirmations, first)
        side = cls(ledger, top)
        with watch("Reading the chain", top + 1 - first) as move:
            for start in range(first, top + 1, _BLOCKS_AT_ONCE):
                last = min(start + _BLOCKS_AT_ONCE - 1, top)
                for event in ledger.contract.told(tuple(_TAKES), first=start, last=last):
                    _TAKES[event.name](side, event)
                move(last + 1 - start)
        return side

    def keys_at(self, terminal: str, block: int) -> set[bytes]:
        """Who signed for a terminal in a block, 20 bytes; several if it got another key there."""
        key, during = bytes.fromhex(terminal[2:]), set()
        for at, new in self.rotations.get(terminal, ()):
            if at < block:
                key = new
            elif at == block:
                during.add(new)
        return {key, *during}

    def newer(self, transactions: Sequence[str]) -> set[str]:
        """Which of these stand in blocks after ``top``."""
        asked = [("eth_getTransactionReceipt", [one]) for one in transactions]
        found = zip(transactions, self.ledger.chain.tries(asked), strict=True)
        return {one for one, told in found if told and int(told["blockNumber"], 16) > self.top}

    def _answered(self, event: Event) -> None:
        told = event.arguments
        self.answers[hex_of(told["orderId"])] = Settled(
            reason=verdict_in(event).reason,
            points=told.get("points"),
            cash=told.get("cash"),
            terminal=told["terminal"],
            sequence=int(told["sequence"]),
            transaction=event.transaction,
            block=event.block,
        )

    def _recorded(self, event: Event) -> None:
        written = Written(event.transaction, event.block)
        for order_id in event.arguments["orderIds"]:
            self.records[hex_of(order_id)].append(written)

    def _finalized(self, event: Event) -> None:
        self.finals |= dict.fromkeys(finals_in(event), event.transaction)

    def _called_off(self, event: Event) -> None:
        self._finalized(event)
        self.cancelled |= set(finals_in(event))
        self._given(event).cancelled = True

    def _refunded(self, event: Event) -> None:
        given = self._given(event)
        given.cash += int(event.arguments["cash"])
        given.points += int(event.arguments["points"])

    def _given(self, event: Event) -> Given:
        place = (hex_of(event.arguments["orderId"]), event.transaction)
        return self.given.setdefault(place, Given(event.block))

    def _rotated(self, event: Event) -> None:
        told = event.arguments
        new = (event.block, bytes.fromhex(told["newKey"][2:]))
        self.rotations.setdefault(told["terminal"], []).append(new)

    def _credited(self, event: Event) -> None:
        told = event.arguments
        self.credits[hex_of(told["creditReference"])].append(
            Credited(
                account=bytes(told["account"]).hex(),
                points=int(told["points"]),
                earned_on=int(told["earnedOn"]),
                batch=int(told["batch"]),
                transaction=event.transaction,
                block=event.block,
            )
        )


_TAKES: dict[str, Callable[[ChainSide, Event], None]] = {
    "OrderPaid": ChainSide._answered,
    "OrderRejected": ChainSide._answered,
    "OrdersRecorded": ChainSide._recorded,
    "OrdersFinalized": ChainSide._finalized,
    "OrderCancelled": ChainSide._called_off,
    "OrderRefunded": ChainSide._refunded,
    "PointsIssued": ChainSide._credited,
    "TerminalKeyRotated": ChainSide._rotated,
}
