"""Opening a bank's ledger: deploy, grant, publish, list, register. Each step only if it is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from counterfoil.chain import Chain, Contract
from counterfoil.deployment import LedgerRecord
from counterfoil.errors import BadInput
from counterfoil.keys import Signer
from counterfoil.points.roles import ROLES, admin_of, operator_of, signer_of
from counterfoil.points.rules import BankRules
from counterfoil.points.shelves import Shelves, fund, refuse_other_address
from counterfoil.points.terminals import Terminals
from counterfoil.roles import Roles
from counterfoil.state import State

ADMIN_DELAY = 2 * 86_400

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Opening:
    """What it takes to open one bank's ledger. ``save`` keeps the record after each step."""

    chain: Chain
    state: State
    bank: BankRules
    terminals: Terminals
    save: Callable[[LedgerRecord], None]
    say: Say

    def ensure(self, known: LedgerRecord | None) -> LedgerRecord:
        """The ledger as the files want it, whatever part of that stood already.

        Raises:
            BadInput: the files contradict what is fixed at deployment.
        """
        record = self._ledger(known)
        contract = self.chain.contract("PointsLedger", record.address)
        self._grant(Roles(contract, record.block))
        rules = signer_of(self.state, self.bank.bank, "rules")
        self._publish(contract, rules)
        shelves = Shelves(self.chain, self.state, contract, rules, self.save)
        for name, items in self.terminals.catalogues.items():
            record = shelves.list_items(record, name, items)
        for terminal in self.terminals.terminals:
            record = shelves.register(record, terminal)
        shelves.move_the_others(record, {one.name for one in self.terminals.terminals})
        return record

    def _ledger(self, known: LedgerRecord | None) -> LedgerRecord:
        bank = self.bank
        if known is not None:
            for terminal in self.terminals.terminals:
                refuse_other_address(known.terminals.get(terminal.name), terminal)
            if (known.currency, known.lot_days) != (bank.currency, bank.lot_days):
                raise BadInput(
                    f"{bank.bank} is deployed with {known.currency} and {known.lot_days} lot_days, "
                    "which are fixed at deployment",
                    field="currency, lot_days",
                    fix="Restore them in the rules file, or deploy to another state folder.",
                )
            self.say(f"{bank.bank}: reusing the ledger at {known.address}")
            return known
        admin = admin_of(self.state, bank.bank)
        for signer in (admin, operator_of(self.state, bank.bank)):
            fund(self.chain, signer.address)
        made = self.chain.deploy(
            admin,
            "PointsLedger",
            bank.bank,
            bank.currency.encode(),
            bank.lot_days,
            admin.address,
            ADMIN_DELAY,
        )
        self.say(f"{bank.bank}: ledger deployed at {made.contract.address}")
        record = LedgerRecord(
            bank=bank.bank,
            address=made.contract.address,
            block=made.mined.block,
            block_hash=self.chain.block_hash(made.mined.block),
            currency=bank.currency,
            lot_days=bank.lot_days,
        )
        self.save(record)
        return record

    def _grant(self, roles: Roles) -> None:
        """Every role to its key; one that was taken from a key stays taken."""
        bank = self.bank.bank
        for role in ROLES:
            address = signer_of(self.state, bank, role).address
            if not roles.holds(role, address) and not roles.was_revoked(role, address):
                fund(self.chain, address)
                roles.grant(admin_of(self.state, bank), role, address)

    def _publish(self, contract: Contract, signer: Signer) -> None:
        wanted = self.bank.rules.as_tuple()
        current = contract.call("currentRules")
        if current and tuple(contract.call("rules", current)[0]) == wanted:
            return
        contract.send(signer, "publishRules", wanted)
        self.say(f"{self.bank.bank}: rules version {current + 1} published")
