"""The private Kubo nodes of one's own: their blocks, their swarm, and who is not in it."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import psutil

from counterfoil.local import kubo, parts, ports, probe, process
from counterfoil.local.launch import serving
from counterfoil.local.services import node_role
from counterfoil.local.stack import Stack, Wishes
from counterfoil.state import State
from counterfoil.tickets.opening import VERIFIERS
from tests.support.local_stack import rpc

BLOCK = b"a case file, as far as Kubo is concerned"


def test_start_goesOnWithTheSameBlocksInKubo(state: State) -> None:
    with Stack(state) as stack:
        first = stack.start(Wishes("anvil")).ipfs
        key = rpc(first, "block/put", files={"file": BLOCK}).json()["Key"]

    with Stack(state) as stack:
        second = stack.start(Wishes()).ipfs

        assert second == first
        assert rpc(second, f"block/get?arg={key}").content == BLOCK


def test_start_keepsEveryKuboPrivate(state: State) -> None:
    with Stack(state) as stack:
        stack.start(Wishes("anvil"))
        hosts = {
            one.laddr.ip
            for running in stack.started
            for one in psutil.Process(running.pid).connections("inet")
        }
    assert hosts == {"127.0.0.1"}
    for folder in ("ipfs", *map(node_role, VERIFIERS)):
        _is_private(state.root / folder)


def _is_private(repository: Path) -> None:
    config = json.loads((repository / "config").read_text(encoding="utf-8"))
    (address,) = config["Addresses"]["Swarm"]
    assert address.startswith("/ip4/127.0.0.1/tcp/")
    assert len(config["Peering"]["Peers"]) == len(VERIFIERS)
    assert (repository / "swarm.key").stat().st_mode & 0o077 == 0
    assert '"auto"' not in json.dumps(config)
    assert config["Bootstrap"] == []
    assert config["Routing"] == {"Type": "none", "DelegatedRouters": []}
    assert config["Provide"] | {"Enabled": False} == config["Provide"]
    assert (repository / "config").stat().st_mode & 0o077 == 0


def test_start_connectsEveryNodeWithEveryOther(state: State) -> None:
    with Stack(state) as stack:
        started = stack.start(Wishes("anvil"))
        nodes = [started.ipfs, *map(started.node_of, VERIFIERS)]

        assert len(set(nodes)) == 1 + len(VERIFIERS)
        for node in nodes:
            assert len(rpc(node, "swarm/peers").json()["Peers"]) == len(VERIFIERS)


def test_start_leavesStrangersOutOfTheSwarm(state: State, tmp_path: Path) -> None:
    program = parts.kubo()
    assert program is not None
    with Stack(state) as stack:
        inside = state.root / "ipfs"
        stack.start(Wishes("anvil"))
        place = f"/ip4/127.0.0.1/tcp/{kubo.swarm_port(inside)}/p2p/{kubo.peer_id(inside)}"
        theirs = kubo.Swarm(bytes(32), ports.free(), ())
        recipe = kubo.recipe(
            program, tmp_path / "stranger", ports.free(), tmp_path / "log", swarm=theirs
        )
        with serving(recipe):
            assert "failure" in probe.join(recipe.address, [place])


def test_start_takesABlockFromAnotherNode(state: State) -> None:
    with Stack(state) as stack:
        started = stack.start(Wishes("anvil"))
        key = rpc(started.ipfs, "block/put", files={"file": BLOCK}).json()["Key"]

        assert rpc(started.node_of("verifier-1"), f"block/get?arg={key}").content == BLOCK


def test_start_bringsADeadNodeBackIntoTheSwarm(state: State) -> None:
    with Stack(state) as stack:
        started = stack.start(Wishes("anvil"))
        part = started.part(node_role("verifier-2"))
        assert part and part.process
        os.kill(part.process.pid, signal.SIGKILL)
        assert process.first_to_end([part.process]) == part.process

        again = stack.start(Wishes())

        assert again.node_of("verifier-2") == part.address
        assert len(rpc(part.address, "swarm/peers").json()["Peers"]) == len(VERIFIERS)
