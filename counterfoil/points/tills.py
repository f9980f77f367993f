"""A bank's terminals: a new one beside those of its files, and how each stands on the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from counterfoil import deployment
from counterfoil.deployment import LedgerRecord
from counterfoil.errors import BadInput
from counterfoil.points.administration import terminal_address
from counterfoil.points.desk import BankDesk
from counterfoil.points.shelves import Shelves, refuse_other_address
from counterfoil.points.signing import terminal_signer
from counterfoil.points.terminals import Terminal, Terminals


@dataclass(frozen=True, slots=True)
class TillState:
    """A terminal as the ledger has it now. ``takings_today`` in minor units of the UTC day.

    ``contract``: its key is a contract that answers for signatures (ERC-1271). ``signs_here``: the
    key that counts is kept in this state folder.
    """

    name: str
    address: str
    key: str
    catalogue: str
    enabled: bool
    contract: bool
    signs_here: bool
    takings_today: int


@dataclass(frozen=True, slots=True)
class Added:
    """A terminal as it stands; ``replayed``: it stood before."""

    address: str
    replayed: bool


def add(
    desk: BankDesk, terminal: Terminal, listed: Terminals | None = None, *, contract: bool = False
) -> Added:
    """Register a terminal.

    Args:
        terminal: without an address, a local development key is made for it.
        listed: a file whose catalogue the ledger may not have yet.
        contract: its address is a contract that answers for signatures (ERC-1271).

    Raises:
        BadInput: no such catalogue, the name or the address is another terminal's, or what stands
            at the address isn't what was said.
    """
    record = desk.ledger.record
    known = record.terminals.get(terminal.name)
    _check(desk, record, terminal, contract)
    if known is not None:
        if known.catalogue != terminal.catalogue:
            problem = f"is on catalogue {known.catalogue} already"
            fix = "Put it on another with `counterfoil terminal move`."
            raise BadInput(f"{terminal.name} {problem}", field="--catalogue", fix=fix)
        return Added(known.address, replayed=True)
    shelves = _shelves(desk)
    record = _with_catalogue(shelves, record, terminal.catalogue, listed)
    record = shelves.register(record, terminal)
    return Added(record.terminals[terminal.name].address, replayed=False)


def move(desk: BankDesk, name: str, catalogue: str, listed: Terminals | None = None) -> TillState:
    """Put a terminal on another catalogue.

    Its orders that are signed and not settled yet are read by the new one from then on.

    Args:
        desk: the bank's.
        name: the terminal's.
        catalogue: by its name.
        listed: a file whose catalogue the ledger may not have yet.

    Returns:
        The terminal as it stood before.

    Raises:
        BadInput: no such terminal, or no such catalogue.
    """
    before = till(desk, name)
    shelves = _shelves(desk)
    record = _with_catalogue(shelves, desk.ledger.record, catalogue, listed)
    shelves.register(record, Terminal(name, catalogue, None))
    return before


def tills(desk: BankDesk) -> Iterator[TillState]:
    """How each of the bank's terminals stands."""
    for name in desk.ledger.record.terminals:
        yield till(desk, name)


def till(desk: BankDesk, name: str) -> TillState:
    """How a terminal stands.

    Raises:
        BadInput: the bank has no terminal of this name.
    """
    address = terminal_address(desk, name)
    found = desk.ledger.contract.call("till", address)
    signer = terminal_signer(desk.state, name)
    return TillState(
        name=name,
        address=address,
        key=str(found.key),
        catalogue=desk.ledger.record.terminals[name].catalogue,
        enabled=bool(found.enabled),
        contract=desk.ledger.chain.has_code(str(found.key)),
        signs_here=signer is not None and signer.address == str(found.key),
        takings_today=int(found.takingsToday),
    )


def _check(desk: BankDesk, record: LedgerRecord, terminal: Terminal, contract: bool) -> None:
    refuse_other_address(record.terminals.get(terminal.name), terminal)
    address = terminal.address
    if address is None:
        if contract:
            raise BadInput("needs the contract's address", field="--erc1271", fix="Add --address.")
        return
    for name, other in record.terminals.items():
        if other.address == address and name != terminal.name:
            raise BadInput(f"is the address of {name} too", field="--address")
    if desk.ledger.chain.has_code(address) != contract:
        problem, fix = "is a contract", "Add --erc1271 if it answers for signatures."
        if contract:
            problem, fix = (
                "is no contract on this chain",
                "Deploy it first, or leave --erc1271 out.",
            )
        raise BadInput(problem, field="--address", fix=fix)


def _with_catalogue(
    shelves: Shelves, record: LedgerRecord, name: str, listed: Terminals | None
) -> LedgerRecord:
    items = listed.catalogues.get(name) if listed else None
    known = record.catalogues.get(name)
    if items is None:
        if known is None:
            fix = f"Known: {', '.join(record.catalogues)}. A new one comes from a --file."
            raise BadInput(f"no catalogue {name!r}", field="--catalogue", fix=fix)
        return record
    wanted = (tuple(item.name for item in items), tuple(item.cap for item in items))
    if known is not None and (known.items, known.caps) != wanted:
        fix = "Bring it up to date for all its terminals with `counterfoil up`."
        raise BadInput(f"catalogue {name!r} has other items on the ledger", field="--file", fix=fix)
    return shelves.list_items(record, name, items)


def _shelves(desk: BankDesk) -> Shelves:
    return Shelves(
        *(desk.ledger.chain, desk.state, desk.ledger.contract, desk.signer("rules")),
        save=lambda changed: _save(desk, changed),
    )


def _save(desk: BankDesk, changed: LedgerRecord) -> None:
    """Into the record as it is now, which another command may have changed meanwhile."""
    now = deployment.load(desk.state)
    bank = now.banks[desk.bank]
    merged = replace(
        bank,
        catalogues={**bank.catalogues, **changed.catalogues},
        terminals={**bank.terminals, **changed.terminals},
    )
    deployment.save(desk.state, replace(now, banks={**now.banks, desk.bank: merged}))
