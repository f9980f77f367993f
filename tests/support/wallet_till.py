"""A terminal that is a contract: ``contracts/mocks/WalletTill.sol``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from counterfoil.chain import Contract
from counterfoil.points.orders import PaymentOrder
from tests.support.points_bank import CheckedBank
from tests.support.points_model import Placed


class Manner(IntEnum):
    """How it answers ERC-1271."""

    OWNER_ONLY = 0
    REFUSE = 1
    REVERT = 2
    LOOP = 3
    WRONG_MAGIC = 4
    DIRTY_MAGIC = 5
    SHORT_MAGIC = 6
    HUGE_MAGIC = 7
    HUGE_REVERT = 8
    NOTHING = 9
    REENTER = 10
    BURN_MOST = 11


@dataclass(frozen=True, slots=True)
class Wallet:
    """A registered one, owned by the bank's till."""

    bank: CheckedBank
    contract: Contract

    @classmethod
    def registered(cls, bank: CheckedBank, manner: Manner = Manner.OWNER_ONLY) -> Wallet:
        """A new wallet that is a terminal."""
        contract = bank.chain.deploy(bank.till, "WalletTill", bank.till.address).contract
        bank.register(contract.address)
        contract.send(bank.till, "behave", manner)
        return cls(bank, contract)

    @property
    def address(self) -> str:
        """The terminal."""
        return self.contract.address

    def order(self, name: str = "ann", points: int = 500) -> PaymentOrder:
        """An order of this terminal."""
        return self.bank.order(name, points, till=self.address)

    def sign(self, order: PaymentOrder, *, accepted: bool = True) -> Placed:
        """The owner's signature; ``accepted`` if the wallet is to stand by it."""
        digest = self.bank.domain.digest(order.order_id())
        signer = self.address if accepted else None
        return Placed(order, self.bank.till.sign_digest(digest), signer)

    def plan(self, function: str, *arguments: Any) -> None:
        """Call the ledger from inside the next question for a signature."""
        self.contract.send(self.bank.till, "plan", *self._move(function, *arguments))

    def execute(self, function: str, *arguments: Any) -> None:
        """Call the ledger in the wallet's name."""
        self.contract.send(self.bank.till, "execute", *self._move(function, *arguments))

    def _move(self, function: str, *arguments: Any) -> tuple[str, str]:
        return self.bank.contract.address, self.bank.encoded(function, *arguments)
