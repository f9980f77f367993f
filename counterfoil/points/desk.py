"""A bank's points business as one installation runs it: its ledger, journal and keys together."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from counterfoil import deployment
from counterfoil.advisory import turns_of
from counterfoil.chain import Chain
from counterfoil.deployment import Deployment
from counterfoil.errors import Unavailable
from counterfoil.keys import Signer
from counterfoil.points.accounts import account_of, bank_key
from counterfoil.points.batches import Batching
from counterfoil.points.clawing import Clawing
from counterfoil.points.clawjournal import ClawJournal
from counterfoil.points.engine import Engine
from counterfoil.points.issuing import Issuing
from counterfoil.points.journal import Journal
from counterfoil.points.ledger import Ledger
from counterfoil.points.records import TerminalRecords
from counterfoil.points.redeeming import Redeeming
from counterfoil.points.roles import Role, signer_of
from counterfoil.points.settlement import Settlement
from counterfoil.points.signing import TerminalDesk
from counterfoil.state import State


@dataclass(frozen=True, slots=True)
class BankDesk:
    """Everything that acting for one bank needs. Close it after use, or use it as a context: the
    journals that were opened for it are its own."""

    state: State
    deployment: Deployment
    ledger: Ledger
    journal: Journal
    _opened: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    @classmethod
    def open(cls, state: State, bank: str | None) -> BankDesk:
        """The desk of a bank that is deployed; without a name, of the only one.

        Raises:
            BadInput: no such bank.
            Unavailable: nothing is deployed, or the chain is away or another one.
        """
        deployed = deployment.load(state)
        record = deployed.bank(bank)
        chain = Chain.connect(deployed.chain_url, turns=turns_of(state))
        if chain.block_hash(record.block) != record.block_hash:
            raise Unavailable(
                f"The chain at {chain.url} doesn't know {record.bank}'s ledger.",
                fix="Run `counterfoil up` to deploy it.",
            )
        return cls(state, deployed, Ledger(chain, record), Journal.open(state, record.key))

    def closes(self, close: Callable[[], None]) -> None:
        """Have something that was opened for this desk closed with it."""
        self._opened.callback(close)

    def close(self) -> None:
        """Give back the journals' connections."""
        self._opened.close()
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def bank(self) -> str:
        """The bank's name."""
        return self.ledger.record.bank

    def signer(self, role: Role) -> Signer:
        """The bank's key for what takes this role."""
        return signer_of(self.state, self.bank, role)

    def now(self) -> int:
        """Seconds: by the clock, or by the chain if that is ahead of it. An idle chain stands."""
        return max(int(time.time()), self.ledger.chain.timestamp())

    def account(self, customer_id: str) -> bytes:
        """A customer's account on the ledger."""
        return account_of(bank_key(self.state, self.bank), self.bank, customer_id)

    def issuing(self) -> Issuing:
        """What issues credits."""
        key = bank_key(self.state, self.bank)
        return Issuing(self.ledger, self.journal, self.signer("issuer"), key, int(time.time()))

    def clawing(self) -> Clawing:
        """What takes credits back."""
        key = bank_key(self.state, self.bank)
        journal = ClawJournal.open(self.state, self.ledger.record.key)
        self.closes(journal.close)
        return Clawing(self.ledger, journal, self.signer("issuer"), key)

    def terminals(self) -> TerminalDesk:
        """What signs for the terminals."""
        key = bank_key(self.state, self.bank)
        return TerminalDesk(self.ledger, self.journal, self.state, key, self.now())

    def settlement(self, warn: Callable[[str], None], *, finalize: bool = True) -> Redeeming:
        """What settles a file of orders, with the terminals' records if their keys are here.

        Args:
            warn: hears of terminals whose keys aren't here, and of processes that one waits for.
            finalize: whether to write record 3.
        """
        return Redeeming(self._settlement(warn, finalize))

    def engine(
        self,
        warn: Callable[[str], None],
        *,
        finalize: bool = True,
        batching: Batching | None = None,
    ) -> Engine:
        """What settles orders as they come, from any thread; arguments as :meth:`settlement`."""
        return Engine(self._settlement(warn, finalize), batching)

    def _settlement(self, warn: Callable[[str], None], finalize: bool) -> Settlement:
        self.ledger.chain.turns.say = warn
        records = TerminalRecords(self.ledger, self.journal, self.state, warn)
        return Settlement(self.ledger, self.journal, self.signer("settler"), records, finalize)

    def freeze(self, customer_id: str, frozen: bool = True) -> bool:
        """Freeze an account, or thaw it; whether anything had to change."""
        account = self.account(customer_id)
        if self.ledger.holding(account).frozen == frozen:
            return False
        self.ledger.contract.send(self.signer("pauser"), "setFrozen", account, frozen)
        return True
