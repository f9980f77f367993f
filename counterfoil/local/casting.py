"""Who has to be started for a state folder: what runs and answers is left as it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from counterfoil.errors import BadInput, Unavailable
from counterfoil.local import anvil, ganache, parts, ports, probe, process, swarm
from counterfoil.local.launch import Recipe
from counterfoil.local.nice import BEHIND_THE_CHAIN
from counterfoil.local.services import (
    CHAIN,
    IPFS,
    Service,
    Services,
    bank_role,
    log_of,
    node_role,
    till_role,
    title,
)
from counterfoil.local.swarm import Member
from counterfoil.state import State

_DEAF = 2.0  # seconds for a part that doesn't answer to end when it is asked to


@dataclass(frozen=True, slots=True)
class Wishes:
    """What may be asked of a start; nothing asked means: as last time, or the defaults."""

    chain: str = ""  # ganache, anvil or the URL of a chain that runs already
    chain_port: int = 0
    ipfs_port: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A part that is to be started, and where it was last time."""

    role: str
    recipe: Recipe
    former: Service | None


@dataclass(frozen=True, slots=True)
class Casting:
    """The parts of one state folder.

    ``known`` is what the record says, ``record`` notes a part that somebody else runs, ``say``
    gets a line for a person, and ``root`` is the project folder.
    """

    state: State
    known: Services
    record: Callable[[str, Service], None]
    say: Callable[[str], None]
    root: Path

    def chain(self, wishes: Wishes) -> list[Due]:
        """The chain, if it has to be started; errors as ``Stack.start``."""
        former = self.known.chain_part
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
            self._external_chain(wishes.chain or self.known.chain)
            return []
        if self._works(CHAIN, wishes.chain_port, probe.chain_id):
            return []
        port = self._port(CHAIN, wishes.chain_port)
        data, log = self.state.root / "chain", log_of(self.state, CHAIN, kind)
        if kind == "ganache":
            return [Due(CHAIN, ganache.recipe(data / "ganache", port, log, self.root), former)]
        return [Due(CHAIN, anvil.recipe(data / "anvil.json", port, log, self.root), former)]

    def nodes(self, wishes: Wishes, verifiers: Sequence[str]) -> tuple[list[Due], list[Member]]:
        """The IPFS nodes that have to be started, and all of their swarm; errors as above."""
        former = self.known.ipfs_part
        configured = os.environ.get("IPFS_API", "")
        if configured or (former and former.kind == "external"):
            self._external_ipfs(configured or self.known.ipfs)
        elif former and former.kind == "embedded":
            self.say(f"IPFS: the embedded file store in {former.address.partition(':')[2]}")
        elif former is None and parts.kubo(self.root) is None:
            self.say(
                "IPFS: Kubo is missing, so the embedded file store is used; its CIDs are the same. "
                "To get Kubo: `make setup` with Go installed."
            )
            self.record(IPFS, Service("embedded", f"embedded:{self.state.root / 'blocks'}"))
        else:
            return self._swarm(wishes, verifiers)
        return [], []

    def verifiers(self, names: Sequence[str]) -> list[Due]:
        """The verifiers that have to be started."""
        return [
            Due(name, self._verifier(name, self._port(name, 0)), self.known.part(name))
            for name in names
            if not self._works(name, 0, lambda url: probe.answers(f"{url}/health") or None)
        ]

    def banks(self, names: Sequence[str]) -> list[Due]:
        """The banks' nodes that have to be started; their ledgers are deployed."""
        return [
            Due(role, self._bank(role, name, self._port(role, 0)), self.known.part(role))
            for name in names
            if (role := bank_role(name))
            and not self._works(role, 0, lambda url: probe.answers(f"{url}/readyz") or None)
        ]

    def tills(self, names: Mapping[str, str], prices: Path | None) -> list[Due]:
        """The tills that have to be started: a terminal for each bank, whose node runs."""
        return [
            Due(role, self._till(bank, name, prices), self.known.part(role))
            for bank, name in names.items()
            if (role := till_role(bank))
            and not self._works(role, 0, lambda url: probe.answers(f"{url}/healthz") or None)
        ]

    def _swarm(self, wishes: Wishes, verifiers: Sequence[str]) -> tuple[list[Due], list[Member]]:
        program = parts.kubo(self.root)
        roles = {IPFS: "ipfs", **{node_role(one): f"{one}-ipfs" for one in verifiers}}
        members = [
            self._member(role, folder, wishes.ipfs_port if role == IPFS else 0)
            for role, folder in roles.items()
        ]
        if all(one.runs for one in members):
            return [], members
        if program is None:
            raise Unavailable(
                f"Kubo is missing, and {self.state.root} keeps its case files in it.",
                fix=parts.SETUP,
            )
        made = swarm.recipes(program, self.state.secret("swarm-key"), members)
        return [Due(role, made[role], self.known.part(role)) for role in made], members

    def _member(self, role: str, folder: str, asked: int) -> Member:
        runs = self._works(role, asked, probe.kubo_version)
        former = self.known.part(role)
        return Member(
            role=role,
            name=title(role, "kubo"),
            repository=self.state.root / folder,
            port=former.port if runs and former else self._port(role, asked),
            log=log_of(self.state, role, "kubo"),
            runs=runs,
        )

    def _verifier(self, name: str, port: int) -> Recipe:
        url = f"http://{ports.HOST}:{port}"
        self.state.signer(name)  # its keys are made here, once: it makes none itself
        self.state.secret(f"{name}-box")
        options = ("--name", name, "--port", str(port), "--state", str(self.state.root))
        return Recipe(
            name=name,
            kind="verifier",
            address=url,
            port=port,
            command=(sys.executable, "-m", "counterfoil", "verifier", "serve", *options),
            log=log_of(self.state, name, "verifier"),
            answers=lambda: probe.answers(f"{url}/health"),
            nice=BEHIND_THE_CHAIN,
        )

    def _bank(self, role: str, name: str, port: int) -> Recipe:
        url = f"http://{ports.HOST}:{port}"
        where = ("--port", str(port), "--pages", url)
        options = ("--bank", name, *where, "--state", str(self.state.root))
        return Recipe(
            name=role,
            kind="bank",
            address=url,
            port=port,
            command=(sys.executable, "-m", "counterfoil", "bank", "serve", *options),
            log=log_of(self.state, role, "bank"),
            answers=lambda: probe.answers(f"{url}/readyz"),
        )

    def _till(self, bank: str, name: str, prices: Path | None) -> Recipe:
        role = till_role(bank)
        port = self._port(role, 0)
        url = f"http://{ports.HOST}:{port}"
        shop = ("--terminal", name, *(("--prices", str(prices)) if prices else ()))
        lines = ("--bank", bank, "--bank-url", self.known.banks[bank])
        options = (*shop, *lines, "--port", str(port), "--state", str(self.state.root))
        return Recipe(
            name=role,
            kind="till",
            address=url,
            port=port,
            command=(sys.executable, "-m", "counterfoil", "terminal", "serve", *options),
            log=log_of(self.state, role, "till"),
            answers=lambda: probe.answers(f"{url}/healthz"),
        )

    def _works(self, role: str, asked: int, answers: Callable[[str], object | None]) -> bool:
        """Whether the server of this role can be used as it is; a deaf one is ended."""
        former = self.known.part(role)
        if former and former.runs and answers(former.address) is not None:
            if asked not in (0, former.port):
                raise BadInput(
                    f"{title(role, former.kind)} runs at {former.address} already",
                    fix=f"Leave --{role}-port out, or run `counterfoil down` first.",
                )
            if role in (CHAIN, IPFS):
                self.say(f"{title(role, former.kind)} runs already: {former.address}")
            return True
        if former and former.process:
            process.stop(former.process, grace=_DEAF)  # it has ended, or doesn't answer
        return False

    def _port(self, role: str, asked: int) -> int:
        former = self.known.part(role)
        return ports.choose(asked, former.port if former else 0, f"--{role}-port")

    def _external_chain(self, url: str) -> None:
        if probe.chain_id(url) is None:
            raise Unavailable(
                f"No Ethereum node answers at {url}.", fix="Start it, or leave --chain out."
            )
        self.record(CHAIN, Service("external", url))
        self.say(f"Chain: {url}, which runs without us")

    def _external_ipfs(self, address: str) -> None:
        api = probe.multiaddr(address)
        if probe.kubo_version(api) is None:
            raise Unavailable(f"No IPFS node answers at {api}.", fix="Start it, or unset IPFS_API.")
        self.record(IPFS, Service("external", api))
        self.say(f"IPFS: {api}, which runs without us")
