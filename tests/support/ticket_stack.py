"""A whole ticket desk that runs, its parts to be hurt one by one, and what has to hold then."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

from counterfoil import deployment
from counterfoil.cli.main import run
from counterfoil.ipfs.cid import cid_of
from counterfoil.local import process, services
from counterfoil.local.services import CHAIN, IPFS, Service, node_role
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets import lifecycle
from counterfoil.tickets.cases import digests_of
from counterfoil.tickets.listing import list_tickets
from counterfoil.tickets.opening import VERIFIERS
from tests.support.tripwire import Tripwire, tripwire

NODES = (IPFS, *map(node_role, VERIFIERS))
_EMPTY = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"
"""An empty folder: Kubo puts it into every repository."""
_EMPTY_BLOCK = "bafkreiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"


@dataclass(frozen=True)
class Stack:
    """What ``counterfoil up`` started for a state folder."""

    folder: Path

    @property
    def state(self) -> State:
        """The folder as the library sees it."""
        return State(self.folder)

    def up(self, *options: str) -> None:
        """Start what doesn't run."""
        assert run(["up", "--detach", "--state", str(self.folder), *options]) == 0

    def mend(self) -> None:
        """Start what has died."""
        if not all(part.runs for part in services.read(self.state).parts):
            self.up()

    def part(self, role: str) -> Service:
        """A part that is recorded."""
        part = services.read(self.state).part(role)
        assert part
        return part

    def pid(self, role: str) -> int:
        """The number of its process."""
        running = self.part(role).process
        assert running
        return running.pid

    def kill(self, role: str) -> None:
        """End a part without a word, and wait until it is gone."""
        running = self.part(role).process
        assert running
        os.kill(running.pid, signal.SIGKILL)
        process.first_to_end([running])

    def command(self, *words: str | Path, **settings: Any) -> subprocess.Popen[str]:
        """A command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "counterfoil", *map(str, words), "--state", str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **settings,
        )

    @contextmanager
    def wire(self, role: str) -> Iterator[Tripwire]:
        """A wire between the desk and a part, for as long as the block lasts."""
        part, record = self.part(role), deployment.load(self.state)
        with tripwire(part.port) as wire:
            address = part.address.replace(str(part.port), str(wire.port))
            self._found_at(role, address)
            if role == CHAIN:
                deployment.save(self.state, replace(record, chain_url=address))
            try:
                yield wire
            finally:
                self._found_at(role, part.address)
                if role == CHAIN:
                    deployment.save(self.state, record)

    @contextmanager
    def instead_of(self, role: str, address: str) -> Iterator[None]:
        """Somebody else answers for a part."""
        former = self.part(role).address
        self._found_at(role, address)
        try:
            yield
        finally:
            self._found_at(role, former)

    @contextmanager
    def full(self, role: str, most: int) -> Iterator[None]:
        """A Kubo node can make no file larger than this, as if its disk were full. Afterwards it is
        started again, since its database takes nothing more after a write that failed."""
        soft, hard = resource.prlimit(self.pid(role), resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid(role), resource.RLIMIT_FSIZE, (most, hard))
        try:
            yield
        finally:
            resource.prlimit(self.pid(role), resource.RLIMIT_FSIZE, (soft, hard))
            self.kill(role)
            self.up()

    def _found_at(self, role: str, address: str) -> None:
        known = services.read(self.state)
        part = known.part(role)
        assert part
        services.write(self.state, known.with_part(role, replace(part, address=address)))

    def blocks(self, role: str) -> set[str]:
        """The CID of every block that a node has, pinned or not."""
        lines = self._asked(role, "refs/local").text.splitlines()
        return {json.loads(line)["Ref"] for line in lines} - {_EMPTY_BLOCK}

    def pinned(self, role: str) -> set[str]:
        """The CID of every block that a node keeps for good."""
        return set(self._asked(role, "pin/ls?type=recursive").json()["Keys"]) - {_EMPTY}

    def files(self, role: str) -> list[Path]:
        """The file of every block that a node has, but for Kubo's own of a few bytes."""
        files = (self.folder / role / "blocks").rglob("*.data")
        return [file for file in files if file.stat().st_size > 100]

    def _asked(self, role: str, path: str) -> requests.Response:
        url = f"http://127.0.0.1:{self.part(role).port}/api/v0/{path}"
        return requests.post(url, timeout=20)

    def wanted(self) -> set[str]:
        """The CID of every block that belongs to a ticket which isn't erased."""
        with open_desk(self.state) as desk:
            erased = {one.token_id for one in list_tickets(desk, status="erased")}
            found = {
                cid_of(digest) for one, digest in desk.registry.versions() if one not in erased
            }
            for token_id in desk.registry.opened():
                case = lifecycle.read(desk, token_id).case
                found |= {cid_of(one) for one in digests_of(case.attachments)} if case else set()
        return found

    def settle(self) -> None:
        """Have every verifier's node do what it still owes."""
        with open_desk(self.state) as desk:
            desk.share(patience=None)

    def check(self) -> None:
        """Each node keeps each ticket's blocks, and has not one block more."""
        self.settle()
        wanted = self.wanted()
        for role in NODES:
            assert self.blocks(role) == wanted, role
            assert self.pinned(role) == wanted, role
