"""Catalogues and terminals on a bank's ledger, each put there only if it is due."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from counterfoil.chain import Chain, Contract
from counterfoil.deployment import CatalogueRecord, LedgerRecord, TerminalRecord
from counterfoil.errors import BadInput
from counterfoil.keys import Signer
from counterfoil.points.terminals import Item, Terminal
from counterfoil.state import State

_ETHER = 10**18
_ITEMS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Shelves:
    """Puts catalogues and terminals on one ledger. ``save`` keeps the record after each step."""

    chain: Chain
    state: State
    contract: Contract
    signer: Signer
    save: Callable[[LedgerRecord], None]

    def list_items(self, record: LedgerRecord, name: str, items: tuple[Item, ...]) -> LedgerRecord:
        """The catalogue ``name`` with these items; one that changed becomes a new one."""
        names = tuple(item.name for item in items)
        caps = tuple(item.cap for item in items)
        known = record.catalogues.get(name)
        if known and (known.items, known.caps) == (names, caps):
            return record
        first, rest = items[:_ITEMS_AT_ONCE], items[_ITEMS_AT_ONCE:]
        mined = self.contract.send(self.signer, "publishCatalogue", *_columns(first))
        number = int(mined.of("ItemsListed")[0].arguments["catalogue"])
        while rest:
            some, rest = rest[:_ITEMS_AT_ONCE], rest[_ITEMS_AT_ONCE:]
            self.contract.send(self.signer, "extendCatalogue", number, *_columns(some))
        listed = CatalogueRecord(number, names, caps)
        record = replace(record, catalogues={**record.catalogues, name: listed})
        self.save(record)
        return record

    def register(self, record: LedgerRecord, terminal: Terminal) -> LedgerRecord:
        """The terminal on its catalogue. A new one without an address gets a key of its own here.

        Raises:
            BadInput: it is registered under another address.
        """
        known = record.terminals.get(terminal.name)
        refuse_other_address(known, terminal)
        local = known.local if known else terminal.address is None
        given = known.address if known else terminal.address
        address = given or self._local_key(terminal.name)
        catalogue = record.catalogues[terminal.catalogue].number
        till = self.contract.call("till", address)
        if int(till.key, 16) == 0:
            self.contract.send(self.signer, "registerTerminal", address, catalogue)
        elif till.catalogue != catalogue:
            self.contract.send(self.signer, "assignCatalogue", address, catalogue)
        entry = TerminalRecord(address, terminal.catalogue, local)
        if known == entry:
            return record
        record = replace(record, terminals={**record.terminals, terminal.name: entry})
        self.save(record)
        return record

    def move_the_others(self, record: LedgerRecord, named: Collection[str]) -> None:
        """Put terminals that the files don't name on what their catalogue has become."""
        others = (entry for name, entry in record.terminals.items() if name not in named)
        for entry in others:
            number = record.catalogues[entry.catalogue].number
            if self.contract.call("till", entry.address).catalogue != number:
                self.contract.send(self.signer, "assignCatalogue", entry.address, number)

    def _local_key(self, name: str) -> str:
        signer = self.state.signer(terminal_key(name))
        fund(self.chain, signer.address)
        return signer.address


def refuse_other_address(known: TerminalRecord | None, terminal: Terminal) -> None:
    """A terminal keeps the address under which it was registered first.

    Raises:
        BadInput: ``terminal`` names another one.
    """
    if known is not None and terminal.address not in (None, known.address):
        raise BadInput(
            f"{terminal.name} is registered under {known.address}, which stays its name for good",
            field="address",
            fix="Let another key sign for it with `counterfoil terminal rotate`.",
        )


def terminal_key(name: str) -> str:
    """Name under which a state folder keeps a terminal's key."""
    return f"terminal-{name}"


def fund(chain: Chain, address: str) -> None:
    """See to it that an address can pay for its transactions."""
    if chain.balance(address) < _ETHER:
        chain.fund(address, 10 * _ETHER)


def _columns(items: tuple[Item, ...]) -> tuple[list[int], list[str]]:
    return [item.cap for item in items], [item.name for item in items]
