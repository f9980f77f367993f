"""The deployment record: what stands where on one chain.

``deployment.json`` in the state folder, written by deploying and read by everything else. It
holds no secret.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from counterfoil import files
from counterfoil.errors import BadInput, CounterfoilError, Unavailable
from counterfoil.state import State


@dataclass(frozen=True, slots=True)
class CatalogueRecord:
    """A catalogue on a ledger; items are numbered from 1 in this order, caps in minor units."""

    number: int
    items: tuple[str, ...]
    caps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TerminalRecord:
    """A registered terminal. ``local``: its key is kept in this state folder."""

    address: str
    catalogue: str
    local: bool


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """One bank's ledger. ``block`` and ``block_hash`` are those of its deployment."""

    bank: str
    address: str
    block: int
    block_hash: str
    currency: str
    lot_days: int
    catalogues: dict[str, CatalogueRecord] = field(default_factory=dict)
    terminals: dict[str, TerminalRecord] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells this ledger from every other, one on a new chain at the same address too."""
        return f"{self.address}@{self.block_hash}"

    def terminal_at(self, address: str) -> str | None:
        """The name of the terminal at an address."""
        found = (name for name, till in self.terminals.items() if till.address == address)
        return next(found, None)

    def catalogue_of(self, terminal: str) -> CatalogueRecord:
        """The catalogue that a terminal (by name) uses."""
        return self.catalogues[self.terminals[terminal].catalogue]


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """The ticket registry. ``block`` and ``block_hash`` are those of its deployment."""

    address: str
    block: int
    block_hash: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything on one chain. ``source_hash``: SHA-256 over the contracts' sources."""

    chain_url: str
    chain_id: int
    deployer: str
    source_hash: str
    banks: dict[str, LedgerRecord] = field(default_factory=dict)
    offers: str = ""
    registry: RegistryRecord | None = None

    def bank(self, name: str | None) -> LedgerRecord:
        """The ledger of this bank; without a name, of the only one.

        Raises:
            BadInput: no such bank, or several to choose from.
        """
        known = ", ".join(self.banks)
        if name is None:
            if len(self.banks) == 1:
                return next(iter(self.banks.values()))
            raise BadInput(
                "is needed: several banks are deployed", field="--bank", fix=f"Choose from {known}."
            )
        if name not in self.banks:
            raise BadInput(f"no bank {name!r} is deployed", field="--bank", fix=f"Known: {known}.")
        return self.banks[name]

    @property
    def tickets(self) -> str:
        """Address of the ticket registry."""
        return self._registry.address

    @property
    def tickets_block(self) -> int:
        """Block from which the registry has events."""
        return self._registry.block

    @property
    def tickets_block_hash(self) -> str:
        """The hash of that block."""
        return self._registry.block_hash

    @property
    def _registry(self) -> RegistryRecord:
        if self.registry is None:
            raise Unavailable("No ticket registry is deployed.", fix="Run `counterfoil up`.")
        return self.registry


_RECORD = TypeAdapter(Deployment)


def find(state: State) -> Deployment | None:
    """The record of a state folder, or None if nothing was deployed from it.

    Raises:
        BadInput: the record is damaged.
    """
    if not state.deployment_file.exists():
        return None
    try:
        return _RECORD.validate_json(state.deployment_file.read_bytes())
    except ValidationError as error:
        raise BadInput(
            "not a deployment record",
            file=str(state.deployment_file),
            fix="Restore it, or delete it and deploy again.",
        ) from error


def load(state: State) -> Deployment:
    """The record of a state folder.

    Raises:
        Unavailable: nothing was deployed from it.
    """
    found = find(state)
    if found is None:
        raise Unavailable(f"Nothing is deployed from {state.root}.", fix="Run `counterfoil up`.")
    return found


def save(state: State, deployment: Deployment) -> None:
    """Put the record in place, whole or not at all."""
    files.put(state.deployment_file, _RECORD.dump_json(deployment, indent=2) + b"\n", 0o644)


class Latest:
    """A ledger's record as its state folder has it now, for a process that goes on for long.

    The file is read again only when it has changed, however often somebody asks.
    """

    def __init__(
        self, state: State, known: LedgerRecord, told: Callable[[CounterfoilError], None]
    ) -> None:
        """
        Args:
            state: the folder.
            known: the record as it was read a moment ago.
            told: hears, once each time, that the file has become none of this ledger's; what was
                known before counts on then.
        """
        self._state = state
        self._known = known
        self._told = told
        self._mark: tuple[int, int, int] | None = (0, 0, 0)  # of no file: the first look reads
        self._lock = threading.Lock()

    def now(self) -> LedgerRecord:
        """The record."""
        with self._lock:
            mark = files.mark(self._state.deployment_file)
            if mark != self._mark:
                self._mark = mark  # first: what can't be taken isn't read twice
                try:
                    self._known = self._read()
                except CounterfoilError as error:
                    self._told(error)
            return self._known

    def _read(self) -> LedgerRecord:
        found = load(self._state).bank(self._known.bank)
        if found.key != self._known.key:
            raise Unavailable(
                f"{self._known.bank} was deployed anew, to {found.address}.",
                fix="Start this process again.",
            )
        return found
