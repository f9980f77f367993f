"""Opening a bank's ledger: deploy, grant, publish, list, register. Each step only if it is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from counterfoil.chain import Chain, Contract
from counterfoil.deployment import CatalogueRecord, LedgerRecord, TerminalRecord
from counterfoil.errors import BadInput
from counterfoil.keys import Signer
from counterfoil.points.rules import BankRules
from counterfoil.points.terminals import Item, Terminal, Terminals
from counterfoil.state import State

ADMIN_DELAY = 2 * 86_400
_ROLES = ("RULES_ROLE", "ISSUER_ROLE", "SETTLER_ROLE", "PAUSER_ROLE")
_ETHER = 10**18
_ITEMS_AT_ONCE = 500

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
        operator = operator_of(self.state, self.bank.bank)
        self._grant(contract, operator)
        self._publish(contract, operator)
        for name, items in self.terminals.catalogues.items():
            record = self._list(record, contract, operator, name, items)
        for terminal in self.terminals.terminals:
            record = self._register(record, contract, operator, terminal)
        return record

    def _ledger(self, known: LedgerRecord | None) -> LedgerRecord:
        bank = self.bank
        if known is not None:
            if (known.currency, known.lot_days) != (bank.currency, bank.lot_days):
                raise BadInput(
                    f"{bank.bank} is deployed with {known.currency} and {known.lot_days} lot_days, "
                    "which are fixed at deployment",
                    field="currency, lot_days",
                    fix="Restore them in the rules file, or deploy to another state folder.",
                )
            self.say(f"{bank.bank}: reusing the ledger at {known.address}")
            return known
        admin = self.state.signer(f"{bank.bank}-admin")
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

    def _grant(self, contract: Contract, operator: Signer) -> None:
        admin = self.state.signer(f"{self.bank.bank}-admin")
        for name in _ROLES:
            role = contract.call(name)
            if not contract.call("hasRole", role, operator.address):
                contract.send(admin, "grantRole", role, operator.address)

    def _publish(self, contract: Contract, operator: Signer) -> None:
        wanted = self.bank.rules.as_tuple()
        current = contract.call("currentRules")
        if current and tuple(contract.call("rules", current)[0]) == wanted:
            return
        contract.send(operator, "publishRules", wanted)
        self.say(f"{self.bank.bank}: rules version {current + 1} published")

    def _list(
        self,
        record: LedgerRecord,
        contract: Contract,
        operator: Signer,
        name: str,
        items: tuple[Item, ...],
    ) -> LedgerRecord:
        names = tuple(item.name for item in items)
        caps = tuple(item.cap for item in items)
        known = record.catalogues.get(name)
        if known and (known.items, known.caps) == (names, caps):
            return record
        first, rest = items[:_ITEMS_AT_ONCE], items[_ITEMS_AT_ONCE:]
        mined = contract.send(operator, "publishCatalogue", *_columns(first))
        number = int(mined.of("ItemsListed")[0].arguments["catalogue"])
        while rest:
            contract.send(operator, "extendCatalogue", number, *_columns(rest[:_ITEMS_AT_ONCE]))
            rest = rest[_ITEMS_AT_ONCE:]
        listed = CatalogueRecord(number, names, caps)
        record = replace(record, catalogues={**record.catalogues, name: listed})
        self.save(record)
        return record

    def _register(
        self, record: LedgerRecord, contract: Contract, operator: Signer, terminal: Terminal
    ) -> LedgerRecord:
        address = terminal.address or self._local_key(terminal.name)
        catalogue = record.catalogues[terminal.catalogue].number
        till = contract.call("till", address)
        if int(till.key, 16) == 0:
            contract.send(operator, "registerTerminal", address, catalogue)
        elif till.catalogue != catalogue:
            contract.send(operator, "assignCatalogue", address, catalogue)
        entry = TerminalRecord(address, terminal.catalogue, local=terminal.address is None)
        if record.terminals.get(terminal.name) == entry:
            return record
        record = replace(record, terminals={**record.terminals, terminal.name: entry})
        self.save(record)
        return record

    def _local_key(self, name: str) -> str:
        signer = self.state.signer(terminal_key(name))
        fund(self.chain, signer.address)
        return signer.address


def operator_of(state: State, bank: str) -> Signer:
    """The key that publishes, issues, settles and pauses for a bank of this installation."""
    return state.signer(f"{bank}-operator")


def terminal_key(name: str) -> str:
    """Name under which a state folder keeps a terminal's key."""
    return f"terminal-{name}"


def fund(chain: Chain, address: str) -> None:
    """See to it that an address can pay for its transactions."""
    if chain.balance(address) < _ETHER:
        chain.fund(address, 10 * _ETHER)


def _columns(items: tuple[Item, ...]) -> tuple[list[int], list[str]]:
    return [item.cap for item in items], [item.name for item in items]
