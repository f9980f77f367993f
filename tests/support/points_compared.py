"""A points ledger on a chain beside its model, and how the two are compared.

An act asks the model first, then compares what the chain did: events and the whole state, or the
very error and a state unchanged. Time stands still unless a test moves it (``at``, ``later``,
``next_period``).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Self

from counterfoil.artifacts import artifact
from counterfoil.chain import Chain, Contract
from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.model import Mined
from tests.support.points import CAPS, ITEMS, LOT_DAYS, RULES, open_bank
from tests.support.points_books import DAY, Event
from tests.support.points_model import Model
from tests.support.points_values import LOTS, MAX_POINTS, Rules, Totals
from tests.support.refusals import plain, refuses

Prediction = Callable[[Model], list[Event]]


@dataclass(slots=True)
class CheckedLedger:
    """One ledger, whoever acts on it, and what it must hold."""

    chain: Chain
    contract: Contract
    admin: Signer
    operator: Signer
    till: Signer
    model: Model
    now: int  # seconds of this block and the next
    keys: dict[str, Signer]  # who signs for each terminal that is a key
    sequences: dict[str, int] = field(default_factory=dict)

    @classmethod
    def opened(cls, chain: Chain) -> Self:
        """A ledger with rules, a catalogue and a terminal, and nobody's points."""
        chain.request("anvil_setBlockTimestampInterval", 0)
        bank = open_bank(chain)
        model = Model(LOT_DAYS)
        now = chain.timestamp()
        model.publish(now, Rules(*RULES))
        model.list_items(None, CAPS, ITEMS)
        model.register(bank.till.address, 1)
        keys = {bank.till.address: bank.till}
        return cls(chain, bank.contract, bank.admin, bank.operator, bank.till, model, now, keys)

    def again(self) -> Self:
        """The same ledger for one test, whose snapshot undoes the chain's side."""
        return replace(
            self,
            model=deepcopy(self.model),
            now=self.chain.timestamp(),
            keys=dict(self.keys),
            sequences=dict(self.sequences),
        )

    # -------------------------------------------------------------------------------------- time

    @property
    def today(self) -> int:
        """Days since 1970-01-01."""
        return self.now // DAY

    def at(self, second: int) -> None:
        """Let the clock go to this second."""
        self.chain.request("evm_setNextBlockTimestamp", second)
        self.chain.request("evm_mine")
        self.now = second

    def later(self, *, days: int = 0, seconds: int = 0) -> None:
        """Let time pass."""
        self.at(self.now + days * DAY + seconds)

    def next_period(self, count: int = 1, *, seconds: int = 0) -> None:
        """Let the clock go to the first second of an earning period to come, or so far from it."""
        self.at((self.today // LOT_DAYS + count) * LOT_DAYS * DAY + seconds)

    # ------------------------------------------------------------------------------- comparisons

    def encoded(self, function: str, *arguments: Any) -> str:
        """The data of a call to the ledger, for those who don't send it in the usual way."""
        plain_contract = self.chain.web3.eth.contract(abi=artifact("PointsLedger")["abi"])
        return str(plain_contract.encode_abi(function, args=list(arguments)))

    def _act(
        self, predict: Prediction, function: str, *arguments: Any, by: Signer | None = None
    ) -> Mined:
        """Send, and compare with the prediction.

        Raises:
            Refused: as the model and the chain both say.
        """
        predicted = deepcopy(self.model)
        try:
            expected = predict(predicted)
        except Refused as said:
            with refuses(said.code, **plain(said.arguments)):
                self.contract.send(by or self.operator, function, *arguments)
            self.check()
            raise
        mined = self.contract.send(by or self.operator, function, *arguments)
        seen = [(event.name, plain(event.arguments)) for event in mined.events]
        due = [(name, plain(told)) for name, told in expected]
        assert seen == due, f"{seen} is not {due}"
        self.model = predicted
        self.check()
        return mined

    def check(self) -> None:
        """The ledger holds what the model holds, and no points are lost or made."""
        model = self.model
        held = sum(account.points() for account in model.accounts.values())
        assert Totals(*self.contract.call("totals")) == model.totals
        assert held == model.totals.held()
        for account in model.accounts:
            seen, due = self.holding(account), self._holding(account)
            assert seen == due, f"{seen} is not {due}"
            slot = self.contract.call("accountSlot", account)
            points = sum(slot >> (32 * lot) & MAX_POINTS for lot in range(LOTS))
            assert points == model.accounts[account].points()  # lots that are due to lapse included
        for terminal, till in model.tills.items():
            takings = till.takings.get(self.today, 0)
            expected = (till.key, till.catalogue, till.enabled, takings)
            assert plain(self.contract.call("till", terminal)) == expected
        assert self.contract.call("currentRules") == len(model.rules)

    def check_rulebook(self) -> None:
        """Every version of the rules and every catalogue is as published."""
        for version, (rules, until) in enumerate(
            zip(self.model.rules, self.model.live_until, strict=True), start=1
        ):
            assert plain(self.contract.call("rules", version)) == (rules, until)
        for catalogue, caps in enumerate(self.model.catalogues, start=1):
            assert self.contract.call("itemCount", catalogue) == len(caps)
            assert self.contract.call("itemCaps", catalogue, 1, len(caps)) == caps

    def holding(self, account: bytes) -> Any:
        """What the ledger says that an account holds now."""
        return plain(self.contract.call("holding", account))

    def _holding(self, account: bytes) -> Any:
        held, first = self.model.accounts[account], self.model.first_period(self.now)
        lots = tuple(held.lots.get(first + lot, 0) for lot in range(LOTS))
        return (lots, first, held.spent.get(self.today, 0), held.frozen)
