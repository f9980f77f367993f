"""Everything that a state folder needs to run: a chain and an IPFS node.

::

    with Stack(state) as stack:
        services = stack.start(Wishes())
        ...                     # whatever happens here, what was started is ended
        stack.leave_running()   # unless this was said

What runs already and answers is used as it is; what has died starts again on the same data, at
the same port where that is still free.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from counterfoil.artifacts import ROOT
from counterfoil.errors import BadInput, Unavailable
from counterfoil.local import anvil, ganache, kubo, parts, ports, probe, process, services
from counterfoil.local.launch import Recipe, launch
from counterfoil.local.process import Running
from counterfoil.local.services import Role, Service, Services
from counterfoil.state import State

Say = Callable[[str], None]
_DEAF = 2.0  # seconds for a part that doesn't answer to end when it is asked to
NAMES = {"ganache": "Ganache", "anvil": "Anvil", "kubo": "Kubo"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What may be asked of a start; nothing asked means: as last time, or the defaults."""

    chain: str = ""  # ganache, anvil or the URL of a chain that runs already
    chain_port: int = 0
    ipfs_port: int = 0


class Stack:
    """The parts of one state folder; those that this run starts end with the block."""

    def __init__(self, state: State, say: Say = lambda _: None, root: Path = ROOT) -> None:
        """
        Args:
            say: gets a line for a person at each step.
            root: the project folder, whose parts ``make setup`` installed.
        """
        self.state = state
        self.services = Services()
        self.started: list[Running] = []
        self._say = say
        self._root = root
        self._lock = ExitStack()

    def __enter__(self) -> Self:
        self._lock.enter_context(services.alone(self.state))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with process.uninterrupted():
            try:
                services.end(self.state, tuple(self.started))
            finally:
                self._lock.close()

    def start(self, wishes: Wishes) -> Services:
        """Have a chain and an IPFS node that answer.

        Raises:
            BadInput: what is asked for doesn't fit what the folder holds or runs.
            Unavailable: a part is missing or doesn't start, or a port is taken.
        """
        self.services = services.read(self.state)
        self._chain(wishes)
        self._ipfs(wishes)
        return self.services

    def release(self) -> None:
        """Let others work on the folder from here on, ``down`` among them."""
        self._lock.close()

    def leave_running(self) -> None:
        """Let what was started go on after the block."""
        self.started.clear()

    def watch(self) -> None:
        """Stay until one of the parts that were started here has ended.

        Raises:
            Unavailable: it ended by itself and not at the hands of ``down``.
        """
        ended = process.first_to_end(self.started)
        try:
            with services.alone(self.state):
                recorded = services.read(self.state).parts
        except Unavailable:
            return  # `down` is at work
        for part in recorded:
            if part.process == ended:
                log = self.state.logs / f"{part.kind}.log"
                raise Unavailable(
                    f"{NAMES[part.kind]} ended by itself{process.last_words(log)}.",
                    fix=f"Its log: {log}",
                )

    def _chain(self, wishes: Wishes) -> None:
        former = self.services.chain_part
        kind = "external" if "://" in wishes.chain else wishes.chain
        kind = kind or (former.kind if former else "ganache")
        if kind not in ("ganache", "anvil", "external"):
            raise BadInput(
                f"--chain: {kind[:80]!r} is none of ganache, anvil and a URL",
                fix="Give `--chain ganache`.",
            )
        if former and former.kind != kind:
            raise BadInput(
                f"{self.state.root} keeps its contracts on another chain ({former.kind})",
                fix=f"Leave --chain out, or give a new --state for {wishes.chain}.",
            )
        if kind == "external":
            self._external_chain(wishes.chain or self.services.chain)
        else:
            self._have(
                "chain", wishes.chain_port, self._ganache if kind == "ganache" else self._anvil
            )

    def _ipfs(self, wishes: Wishes) -> None:
        former = self.services.ipfs_part
        configured = os.environ.get("IPFS_API", "")
        if configured or (former and former.kind == "external"):
            self._external_ipfs(configured or self.services.ipfs)
        elif former and former.kind == "embedded":
            self._say(f"IPFS: the embedded file store in {former.address.partition(':')[2]}")
        elif former is None and parts.kubo(self._root) is None:
            self._say(
                "IPFS: Kubo is missing, so the embedded file store is used; its CIDs are the same. "
                "To get Kubo: `make setup` with Go installed."
            )
            self._record("ipfs", Service("embedded", f"embedded:{self.state.root / 'blocks'}"))
        else:
            self._have("ipfs", wishes.ipfs_port, self._kubo)

    def _ganache(self, port: int) -> Recipe:
        data = self.state.root / "chain" / "ganache"
        return ganache.recipe(data, port, self.state.logs / "ganache.log", self._root)

    def _anvil(self, port: int) -> Recipe:
        data = self.state.root / "chain" / "anvil.json"
        return anvil.recipe(data, port, self.state.logs / "anvil.log", self._root)

    def _kubo(self, port: int) -> Recipe:
        program = parts.kubo(self._root)
        if program is None:
            raise Unavailable(
                f"Kubo is missing, and {self.state.root} keeps its case files in it.",
                fix=parts.SETUP,
            )
        return kubo.recipe(program, self.state.root / "ipfs", port, self.state.logs / "kubo.log")

    def _external_chain(self, url: str) -> None:
        if probe.chain_id(url) is None:
            raise Unavailable(
                f"No Ethereum node answers at {url}.", fix="Start it, or leave --chain out."
            )
        self._record("chain", Service("external", url))
        self._say(f"Chain: {url}, which runs without us")

    def _external_ipfs(self, address: str) -> None:
        api = probe.multiaddr(address)
        if probe.kubo_version(api) is None:
            raise Unavailable(f"No IPFS node answers at {api}.", fix="Start it, or unset IPFS_API.")
        self._record("ipfs", Service("external", api))
        self._say(f"IPFS: {api}, which runs without us")

    def _have(self, role: Role, asked: int, recipe_at: Callable[[int], Recipe]) -> None:
        """Use the server of this role if it works, else start it on its data."""
        former = self.services.part(role)
        if former and former.runs and self._answers(role, former.address):
            if asked not in (0, former.port):
                raise BadInput(
                    f"{NAMES[former.kind]} runs at {former.address} already",
                    fix=f"Leave --{role}-port out, or run `counterfoil down` first.",
                )
            self._say(f"{NAMES[former.kind]} runs already: {former.address}")
            return
        if former and former.process:
            process.stop(former.process, grace=_DEAF)  # it has ended, or doesn't answer
        port = ports.choose(asked, former.port if former else 0, f"--{role}-port")
        recipe = recipe_at(port)
        launch(recipe, lambda running: self._keep(role, recipe, running))
        moved = (
            f", which was {former.address}" if former and former.address != recipe.address else ""
        )
        self._say(f"{recipe.name}: {recipe.address}{moved}")

    def _answers(self, role: Role, address: str) -> bool:
        asked = probe.chain_id if role == "chain" else probe.kubo_version
        return asked(address) is not None

    def _keep(self, role: Role, recipe: Recipe, running: Running) -> None:
        self.started.append(running)
        self._record(role, Service(recipe.kind, recipe.address, running))

    def _record(self, role: Role, part: Service) -> None:
        self.services = self.services.with_part(role, part)
        services.write(self.state, self.services)


def stop(state: State) -> tuple[Service, ...]:
    """End what was started for a folder and nothing else.

    Returns:
        The parts that ran, and now don't.

    Raises:
        Unavailable: an ``up`` is at work on the folder.
    """
    if not state.services_file.exists():
        return ()
    with services.alone(state):
        known = services.read(state)
        ran = tuple(part for part in known.parts if part.process and part.runs)
        services.end(state, known.processes)
    return ran
