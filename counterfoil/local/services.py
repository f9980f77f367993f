"""The record of what runs for a state folder: ``services.json``.

::

    {"chain":           {"kind": "ganache", "address": "http://127.0.0.1:43121", "pid": 71, …},
     "ipfs":            {"kind": "kubo", "address": "/ip4/127.0.0.1/tcp/43122/http", "pid": 72, …},
     "verifier-1":      {"kind": "verifier", "address": "http://127.0.0.1:43126", "pid": 76, …},
     "bank-harbour":    {"kind": "bank", "address": "http://127.0.0.1:43129", "pid": 79, …}}

A part is found by its role. One that is stopped has no ``pid`` but keeps its kind and address: its
data are of that kind, and clients find it at the same port next time. A part that we don't run
(``external``, ``embedded``) never has one.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from counterfoil import files
from counterfoil.errors import BadInput, Unavailable
from counterfoil.local import process
from counterfoil.local.process import Running
from counterfoil.state import State

Kind = Literal["ganache", "anvil", "kubo", "verifier", "bank", "till", "external", "embedded"]
CHAIN, IPFS = "chain", "ipfs"
_OURS = ("ganache", "anvil", "kubo", "verifier", "bank", "till")
_NAMES = {"ganache": "Ganache", "anvil": "Anvil", "kubo": "Kubo"}


def node_role(verifier: str) -> str:
    """The role of a verifier's own IPFS node."""
    return f"{verifier}-ipfs"


def bank_role(bank: str) -> str:
    """The role of a bank's node."""
    return f"bank-{bank}"


def till_role(bank: str) -> str:
    """The role of the till that is started for a bank."""
    return f"till-of-{bank}"


@dataclass(frozen=True, slots=True)
class Service:
    """One part: what it is, where it answers, and the process if we run one."""

    kind: Kind
    address: str
    process: Running | None = None

    @property
    def runs(self) -> bool:
        """Whether our process works, or none is needed."""
        if self.kind not in _OURS:
            return True
        return self.process is not None and process.is_running(self.process)

    @property
    def port(self) -> int:
        """The port of a server of ours; 0 for other parts."""
        if self.kind not in _OURS:
            return 0
        number = self.address.removesuffix("/http").replace(":", "/").rpartition("/")[2]
        return int(number)


@dataclass(frozen=True, slots=True)
class Services:
    """What runs for one state folder, by role; a part that was never started isn't there."""

    by_role: Mapping[str, Service] = field(default_factory=dict)

    @property
    def chain_part(self) -> Service | None:
        """The chain."""
        return self.by_role.get(CHAIN)

    @property
    def ipfs_part(self) -> Service | None:
        """The intake desk's IPFS node."""
        return self.by_role.get(IPFS)

    @property
    def chain(self) -> str:
        """URL of the chain."""
        return self.chain_part.address if self.chain_part else ""

    @property
    def ipfs(self) -> str:
        """``/ip4/127.0.0.1/tcp/PORT/http``, or ``embedded:PATH``."""
        return self.ipfs_part.address if self.ipfs_part else ""

    @property
    def parts(self) -> tuple[Service, ...]:
        """Every part that the record knows."""
        return tuple(self.by_role.values())

    @property
    def processes(self) -> tuple[Running, ...]:
        """The processes that are recorded as ours, dead or alive."""
        return tuple(part.process for part in self.parts if part.process)

    def part(self, role: str) -> Service | None:
        """The part that plays this role."""
        return self.by_role.get(role)

    def node_of(self, verifier: str) -> str:
        """Address of the IPFS node that a verifier reads from: its own, else the only one."""
        own = self.part(node_role(verifier))
        return own.address if own else self.ipfs

    @property
    def banks(self) -> dict[str, str]:
        """The addresses of the banks' nodes, by bank."""
        return self._addresses("bank", bank_role(""))

    @property
    def tills(self) -> dict[str, str]:
        """The addresses of the tills' pages, by bank."""
        return self._addresses("till", till_role(""))

    def _addresses(self, kind: Kind, before: str) -> dict[str, str]:
        found = [(role, part) for role, part in self.by_role.items() if part.kind == kind]
        return {role.removeprefix(before): part.address for role, part in found}

    def with_part(self, role: str, part: Service) -> Services:
        """The same with this part in this role."""
        return Services({**self.by_role, role: part})

    def without(self, ended: tuple[Running, ...]) -> Services:
        """The same with these processes gone from the record."""
        return Services(
            {
                role: replace(part, process=None) if part.process in ended else part
                for role, part in self.by_role.items()
            }
        )


def title(role: str, kind: str) -> str:
    """What people call a part: ``Ganache``, ``Kubo of verifier-1``, ``verifier-1``."""
    if kind == "kubo" and role != IPFS:
        return f"Kubo of {role.removesuffix('-ipfs')}"
    return _NAMES.get(kind, role)


def log_of(state: State, role: str, kind: str) -> Path:
    """Where a part writes what it has to say."""
    name = kind if role in (CHAIN, IPFS) else role
    return state.logs / f"{name}.log"


def load(state: State) -> Services:
    """The parts of a state folder, which all run.

    Raises:
        Unavailable: one of them doesn't, or ``up`` was never called.
    """
    services = read(state)
    for name, part in (("chain", services.chain_part), ("IPFS node", services.ipfs_part)):
        if part is None or not part.runs:
            raise Unavailable(
                f"The {name} of {state.root} is not running.", fix="Start it: `counterfoil up`."
            )
    return services


def read(state: State) -> Services:
    """The record as it stands, whether or not anything runs; empty if there is none.

    Raises:
        BadInput: the file is damaged.
    """
    file = state.services_file
    if not file.exists():
        return Services()
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return Services({role: _part(part) for role, part in document.items()})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(
            "not a record of services",
            file=str(file),
            fix="Delete it; end what it named by hand.",
        ) from error


def write(state: State, services: Services) -> None:
    """Put the record in place, whole or not at all."""
    document = {role: _document(part) for role, part in services.by_role.items()}
    files.put(state.services_file, json.dumps(document, indent=2).encode() + b"\n", 0o644)


def end(state: State, processes: tuple[Running, ...]) -> None:
    """End processes and take them out of the record."""
    if processes:
        process.stop(*processes)
        write(state, read(state).without(processes))


@contextmanager
def alone(state: State) -> Iterator[None]:
    """Keep a second run off the folder; the lock goes with the process that holds it.

    Raises:
        BadInput: the folder can't be written to.
        Unavailable: another run holds it.
    """
    try:
        state.root.mkdir(parents=True, exist_ok=True)
        file = (state.root / "lock").open("w", encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"{state.root} can't be written to", field="--state", fix="Give another folder."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unavailable(
                f"Another run is at work on {state.root}.", fix="Wait for it, or end it."
            ) from error
        yield


def _part(document: Mapping[str, Any]) -> Service:
    if document["kind"] not in get_args(Kind):
        raise ValueError(document["kind"])
    runs = "pid" in document
    running = Running(int(document["pid"]), str(document["began"])) if runs else None
    return Service(document["kind"], str(document["address"]), running)


def _document(part: Service) -> dict[str, object]:
    document: dict[str, object] = {"kind": part.kind, "address": part.address}
    if part.process:
        document |= {"pid": part.process.pid, "began": part.process.began}
    return document
