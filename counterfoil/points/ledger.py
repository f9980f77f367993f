"""One bank's ledger on chain, in our own types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from counterfoil.chain import Chain, Contract
from counterfoil.deployment import LedgerRecord
from counterfoil.model import Event, Mined
from counterfoil.points.arithmetic import Rate
from counterfoil.points.orders import Domain
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import Rules

LOTS = 6
_IDS_AT_ONCE = 100


class Mark(IntEnum):
    """What became of one sequence of a terminal: the contract's ``Mark``."""

    UNUSED = 0
    REJECTED = 1
    PAID = 2
    FINALIZED = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """The bank's answer to one order, as the chain has it."""

    order_id: bytes
    reason: Reason
    transaction: str
    block: int

    @property
    def final(self) -> bool:
        """Paid or rejected; else nobody answers for the order and nothing happened."""
        return self.reason == Reason.NONE or self.reason >= Reason.EXPIRED


@dataclass(frozen=True, slots=True)
class Holding:
    """An account now. ``lots``: (points, period in which they were earned), soonest first."""

    lots: tuple[tuple[int, int], ...]
    spent_today: int
    frozen: bool

    @property
    def points(self) -> int:
        """Points in all lots."""
        return sum(points for points, _ in self.lots)


class Ledger:
    """Reads and verdicts of one ``PointsLedger``."""

    def __init__(self, chain: Chain, record: LedgerRecord) -> None:
        self.chain = chain
        self.record = record
        self.contract: Contract = chain.contract("PointsLedger", record.address)

    @property
    def domain(self) -> Domain:
        """What a terminal's signature must name."""
        return Domain(self.chain.chain_id, self.record.address)

    def current_rules(self) -> int:
        """Number of the live rules."""
        return int(self.contract.call("currentRules"))

    def rules(self, version: int) -> Rules:
        """A version of the rules. Refused(UnknownRules) if it was never published."""
        found = self.contract.call("rules", version)[0]
        points, minor_units, *rest = (int(value) for value in found)
        return Rules(Rate(points, minor_units), *rest)

    def live_until(self, version: int) -> int:
        """Last second at which orders may name a version of the rules."""
        return int(self.contract.call("rules", version)[1])

    def holding(self, account: bytes) -> Holding:
        """What an account holds now."""
        held = self.contract.call("holding", account)
        lots = tuple((int(points), held.firstPeriod + i) for i, points in enumerate(held.lots))
        return Holding(lots, int(held.spentToday), bool(held.frozen))

    def key_of(self, terminal: str) -> str | None:
        """Who signs for an enabled terminal; None if it is unknown or disabled."""
        till = self.contract.call("till", terminal)
        return str(till.key) if till.enabled else None

    def mark(self, terminal: str, sequence: int) -> Mark:
        """What became of a terminal's sequence."""
        return Mark(self.contract.call("markOf", terminal, sequence))

    def credits(self, references: Sequence[bytes]) -> list[Event]:
        """The ``PointsIssued`` of the credits with these references on chain."""
        if not references:
            return []
        return self.contract.events(
            "PointsIssued", first=self.record.block, creditReference=list(references)
        )

    def verdicts(self, order_ids: Sequence[bytes]) -> dict[bytes, Verdict]:
        """The final answers that the chain has for these orders."""
        found: dict[bytes, Verdict] = {}
        for start in range(0, len(order_ids), _IDS_AT_ONCE):
            some = list(order_ids[start : start + _IDS_AT_ONCE])
            for name in ("OrderPaid", "OrderRejected"):
                events = self.contract.events(name, first=self.record.block, orderId=some)
                found |= {verdict.order_id: verdict for verdict in map(verdict_in, events)}
        return found


def verdicts_in(mined: Mined) -> Iterator[Verdict]:
    """The answers that a settlement gave, skipped orders included."""
    for event in mined.events:
        if event.name in ("OrderPaid", "OrderRejected", "OrderSkipped"):
            yield verdict_in(event)


def verdict_in(event: Event) -> Verdict:
    """The answer that an ``OrderPaid``, ``OrderRejected`` or ``OrderSkipped`` tells of."""
    return Verdict(
        order_id=bytes(event.arguments["orderId"]),
        reason=Reason(event.arguments.get("reason", Reason.NONE)),
        transaction=event.transaction,
        block=event.block,
    )
