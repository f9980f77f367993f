"""One bank's ledger on chain, in our own types."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from eth_utils.address import to_checksum_address

from counterfoil.chain import Chain, Contract
from counterfoil.deployment import LedgerRecord
from counterfoil.dispatch import Errand, Receipt
from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.model import Event
from counterfoil.node import Call
from counterfoil.points.arithmetic import Rate
from counterfoil.points.calldata import (
    CURRENT_RULES,
    PAUSED,
    holding_call,
    key_in,
    mark_call,
    rules_call,
    till_call,
    words_in,
)
from counterfoil.points.orders import Domain
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import Rules
from counterfoil.refusals import refusals
from counterfoil.roles import Roles
from counterfoil.sender import Pending

LOTS = 6
_IDS_AT_ONCE = 100
_RECEIPTS_AT_ONCE = 100


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
class LedgerCall:
    """A call that a key sends to the ledger; ``gas``: the most that it may use."""

    signer: Signer
    data: bytes
    gas: int


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

    def roles(self) -> Roles:
        """Who may do what."""
        return Roles(self.contract, self.record.block)

    def current_rules(self) -> int:
        """Number of the live rules."""
        return int(self._call_all([CURRENT_RULES])[0], 16)

    def settles(self) -> tuple[int, bool]:
        """Number of the live rules, and whether anything is settled: not while it is paused."""
        current, paused = self._call_all([CURRENT_RULES, PAUSED])
        return int(current, 16), not int(paused, 16)

    def rules(self, version: int) -> Rules:
        """A version of the rules. Refused(UnknownRules) if it was never published."""
        points, minor_units, *rest, _ = self._rules(version)
        return Rules(Rate(points, minor_units), *rest)

    def live_until(self, version: int) -> int:
        """Last second at which orders may name a version of the rules."""
        return self._rules(version)[-1]

    def holding(self, account: bytes) -> Holding:
        """What an account holds now."""
        return _holding_in(self._call_all([holding_call(account)])[0])

    def key_of(self, terminal: str) -> str | None:
        """Who signs for an enabled terminal; None if it is unknown or disabled."""
        key = self.keys_of([terminal])[terminal]
        return None if key is None else str(to_checksum_address(key))

    def keys_of(self, terminals: Sequence[str]) -> dict[str, bytes | None]:
        """Who signs for each terminal, 20 bytes; None if it is unknown or disabled."""
        answers = self._call_all([till_call(terminal) for terminal in terminals])
        return dict(zip(terminals, map(key_in, answers), strict=True))

    def standing(self, account: bytes, terminal: str) -> tuple[Holding, int]:
        """What an account holds now, and the cash, in minor units, that a terminal has taken with
        points today."""
        held, till = self._call_all([holding_call(account), till_call(terminal)])
        return _holding_in(held), words_in(till)[3]

    def mark(self, terminal: str, sequence: int) -> Mark:
        """What became of a terminal's sequence."""
        return self.marks([(terminal, sequence)])[0]

    def marks(self, sequences: Sequence[tuple[str, int]]) -> list[Mark]:
        """What became of each (terminal, sequence)."""
        return [Mark(int(word, 16)) for word in self._call_all([mark_call(*s) for s in sequences])]

    def gone(self, transactions: Iterable[tuple[str, int | None]]) -> set[str]:
        """Which transactions don't stand in the chain any more, in their block if that is told."""
        asked = dict(transactions)
        names = list(asked)
        receipts: list[Any] = []
        for start in range(0, len(names), _RECEIPTS_AT_ONCE):
            some = names[start : start + _RECEIPTS_AT_ONCE]
            receipts += self.chain.requests([("eth_getTransactionReceipt", [n]) for n in some])
        return {
            name
            for (name, block), receipt in zip(asked.items(), receipts, strict=True)
            if not receipt or (block is not None and int(receipt["blockNumber"], 16) != block)
        }

    def submit(self, function: str, calls: Sequence[LedgerCall]) -> list[Pending]:
        """Send calls of ``function`` without waiting for them; :meth:`mined` must follow.

        Raises:
            Refused: the node doesn't take one of them.
            Unavailable: as :meth:`counterfoil.dispatch.Dispatch.submit` says.
        """
        home = self.record.address
        with refusals(self.contract.abi):
            return self.chain.dispatch.submit(
                [Errand(call.signer, home, call.data, call.gas) for call in calls]
            )

    def mined(self, sent: Sequence[Pending], stop: threading.Event) -> list[Receipt]:
        """The receipts of what was submitted.

        Raises:
            Refused: one reverted; ``out-of-gas`` if that is what it did.
            Unavailable: as :meth:`counterfoil.dispatch.Dispatch.wait` says.
        """
        receipts = self.chain.dispatch.wait(sent, stop)
        for one, receipt in zip(sent, receipts, strict=True):
            if int(receipt["status"], 16) == 1:
                continue
            if int(receipt["gasUsed"], 16) >= one.gas * 63 // 64:
                raise Refused(f"It took more than {one.gas} gas.", code="out-of-gas")
            call = {"from": one.sender.address, "to": one.to, "data": "0x" + one.data.hex()}
            raise self.chain.reason(call | {"gas": hex(one.gas)}, receipt, self.contract.abi)
        return receipts

    def used_sequences(self, terminal: str) -> set[int]:
        """Every sequence of a terminal that was paid or rejected."""
        return {
            int(event.arguments["sequence"])
            for name in ("OrderPaid", "OrderRejected")
            for event in self.contract.events(name, first=self.record.block, terminal=terminal)
        }

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

    def _rules(self, version: int) -> list[int]:
        return words_in(self._call_all([rules_call(version)])[0])

    def _call_all(self, calls: Sequence[bytes]) -> list[str]:
        asked: list[Call] = [
            ("eth_call", [{"to": self.record.address, "data": "0x" + data.hex()}, "latest"])
            for data in calls
        ]
        with refusals(self.contract.abi):
            return [str(answer) for answer in self.chain.node.batch(asked)]


def _holding_in(answer: str) -> Holding:
    """An account in the answer to ``holding``: six lots, the first's period, spent, frozen."""
    *lots, first, spent, frozen = words_in(answer)
    return Holding(tuple((points, first + i) for i, points in enumerate(lots)), spent, bool(frozen))


def verdict_in(event: Event) -> Verdict:
    """The answer that an ``OrderPaid``, ``OrderRejected`` or ``OrderSkipped`` tells of."""
    return Verdict(
        order_id=bytes(event.arguments["orderId"]),
        reason=Reason(event.arguments.get("reason", Reason.NONE)),
        transaction=event.transaction,
        block=event.block,
    )
