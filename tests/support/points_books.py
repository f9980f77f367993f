"""The books of a points ledger in plain Python: rules, catalogues, terminals, accounts.

Each action takes the time in seconds, changes the books, and gives the events that the chain must
emit. ``Refused`` with the Solidity error and its values is the prediction of a revert; whoever
asked throws the books away then, as the chain does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from counterfoil.errors import Refused
from tests.support.points_values import (
    ALWAYS,
    LOTS,
    MAX_POINTS,
    Account,
    ClawBack,
    Credit,
    Rules,
    Settled,
    Till,
    Totals,
)

DAY = 86_400
NOBODY = "0x" + "0" * 40
Event = tuple[str, dict[str, Any]]


def refusal(code: str, **values: object) -> Refused:
    """The revert that the ledger must answer with."""
    return Refused(code, code=code, arguments=values)


def credit_leaf(credit: Credit) -> bytes:
    """What stands for a credit in its batch's tree."""
    return keccak(encode(["bytes32", "uint32", "uint16", "bytes32"], list(credit)))


@dataclass(slots=True)
class Books:
    """All that one ledger knows."""

    lot_days: int
    rules: list[Rules] = field(default_factory=list)
    live_until: list[int] = field(default_factory=list)
    catalogues: list[list[int]] = field(default_factory=list)
    tills: dict[str, Till] = field(default_factory=dict)
    accounts: dict[bytes, Account] = field(default_factory=dict)
    batches: dict[int, list[Credit]] = field(default_factory=dict)
    clawed_back: dict[tuple[int, Credit], int] = field(default_factory=dict)
    paid: dict[bytes, Settled] = field(default_factory=dict)
    totals: Totals = field(default_factory=Totals)
    paused: bool = False

    # ------------------------------------------------------------------------------------- rules

    def publish(self, now: int, rules: Rules) -> list[Event]:
        """The next version of the rules."""
        wrong = rules.wrong_field()
        if wrong:
            raise refusal("InvalidRules", field=wrong)
        until = now + rules.sunset_seconds
        if self.rules:
            self.live_until[-1] = until
        self.rules.append(rules)
        self.live_until.append(ALWAYS)
        told: dict[str, Any] = {"version": len(self.rules), "rules": rules.told()}
        return [("RulesPublished", told | {"previousLiveUntil": until})]

    def list_items(self, catalogue: int | None, caps: list[int], names: list[str]) -> list[Event]:
        """Add items to a catalogue, or (None) to a new one."""
        if catalogue is None:
            self.catalogues.append([])
            catalogue = len(self.catalogues)
        self._require_catalogue(catalogue)
        if len(caps) != len(names):
            raise refusal("CapsAndNamesDiffer", caps=len(caps), names=len(names))
        told = {"catalogue": catalogue, "caps": caps, "names": names}
        told["firstItem"] = len(self.catalogues[catalogue - 1]) + 1
        self.catalogues[catalogue - 1] += caps
        return [("ItemsListed", told)]

    def register(self, terminal: str, catalogue: int) -> list[Event]:
        """A new terminal, its own key at first."""
        if terminal == NOBODY:
            raise refusal("InvalidKey", key=terminal)
        if terminal in self.tills:
            raise refusal("TerminalExists", terminal=terminal)
        self._require_catalogue(catalogue)
        self.tills[terminal] = Till(terminal, catalogue)
        return [("TerminalRegistered", {"terminal": terminal, "catalogue": catalogue})]

    def assign(self, terminal: str, catalogue: int) -> list[Event]:
        """Another catalogue for a terminal."""
        self._require_catalogue(catalogue)
        self.till(terminal).catalogue = catalogue
        return [("TerminalCatalogueAssigned", {"terminal": terminal, "catalogue": catalogue})]

    def rotate(self, terminal: str, key: str) -> list[Event]:
        """Another key for a terminal."""
        if key == NOBODY:
            raise refusal("InvalidKey", key=key)
        till = self.till(terminal)
        told = {"terminal": terminal, "oldKey": till.key, "newKey": key}
        till.key = key
        return [("TerminalKeyRotated", told)]

    def enable(self, terminal: str, enabled: bool) -> list[Event]:
        """Let a terminal sell, or not."""
        self.till(terminal).enabled = enabled
        return [("TerminalEnabled", {"terminal": terminal, "enabled": enabled})]

    def till(self, terminal: str) -> Till:
        """A registered terminal."""
        if terminal not in self.tills:
            raise refusal("TerminalUnknown", terminal=terminal)
        return self.tills[terminal]

    def _require_catalogue(self, catalogue: int) -> None:
        if not 1 <= catalogue <= len(self.catalogues):
            raise refusal("UnknownCatalogue", catalogue=catalogue)

    # ---------------------------------------------------------------------------------- accounts

    def first_period(self, now: int) -> int:
        """Earning period of the soonest lot to expire."""
        return now // DAY // self.lot_days - (LOTS - 1)

    def account(self, account: bytes) -> Account:
        """The account, made on first use."""
        return self.accounts.setdefault(account, Account())

    def issue(self, now: int, batch: int, credits: Sequence[Credit]) -> list[Event]:
        """Credit a batch, all or nothing."""
        if not credits:
            raise refusal("EmptyBatch")
        if batch in self.batches:
            raise refusal("CreditBatchUsed", batch=batch)
        events = []
        for credit in credits:
            account, points, day, reference = credit
            told = {"creditReference": reference, "earnedOn": day}
            if points == 0:
                raise refusal("ZeroPoints", creditReference=reference)
            if day > now // DAY:
                raise refusal("EarnedInFuture", **told)
            if day // self.lot_days < self.first_period(now):
                raise refusal("LotLapsed", **told)
            events += self._touch(now, account)
            lots = self.account(account).lots
            held = lots.get(day // self.lot_days, 0) + points
            if held > MAX_POINTS:
                raise refusal("LotFull", creditReference=reference, points=held)
            lots[day // self.lot_days] = held
            self.totals.issued += points
            told |= {"account": account, "batch": batch, "points": points}
            events.append(("PointsIssued", told))
        self.batches[batch] = list(credits)
        return events

    def claw_back(self, now: int, batch: int, credit: Credit, part: ClawBack) -> list[Event]:
        """Take a credit back, or part of it: its own lot first; nothing if that has lapsed."""
        named = {"creditReference": credit.reference}
        if credit not in self.batches.get(batch, []):
            raise refusal("CreditUnknown", batch=batch, **named)
        if part.points == 0:
            raise refusal("ZeroPoints", **named)
        before = self.clawed_back.get((batch, credit), 0)
        if part.before != before:
            raise refusal("ClawBackOutOfTurn", before=part.before, taken=before, **named)
        left = credit.points - before
        if part.points > left:
            raise refusal("ClawBackExceedsCredit", asked=part.points, left=left, **named)
        self.clawed_back[batch, credit] = before + part.points
        events = self._touch(now, credit.account)
        account = self.account(credit.account)
        period = credit.earned_on // self.lot_days
        own = min(account.lots.get(period, 0), part.points)
        if own:
            account.lots[period] -= own
        first, taken = self.first_period(now), own
        if period >= first:
            taken += sum(account.draw(part.points - own, first).values())
        self.totals.clawed_back += taken
        told = {"account": credit.account, "clawReference": part.reference, "points": taken}
        told |= named | {"shortfall": part.points - taken}
        return [*events, ("PointsClawedBack", told)]

    def sweep(self, now: int, accounts: Sequence[bytes]) -> list[Event]:
        """Let lapse what is due."""
        known = [account for account in accounts if account in self.accounts]
        return [event for account in known for event in self._touch(now, account)]

    def freeze(self, now: int, account: bytes, frozen: bool) -> list[Event]:
        """Freeze an account, or let it go."""
        events = self._touch(now, account)
        self.account(account).frozen = frozen
        return [*events, ("AccountFrozen", {"account": account, "frozen": frozen})]

    def _touch(self, now: int, account: bytes) -> list[Event]:
        return self._lapsed(account, self.account(account).lapse(self.first_period(now)))

    def _lapsed(self, account: bytes, points: int) -> list[Event]:
        self.totals.lapsed += points
        return [("PointsLapsed", {"account": account, "points": points})] if points else []
