"""A chain and an IPFS node of one's own: started, found again, ended; on the real programs."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from counterfoil.errors import Unavailable
from counterfoil.local import kubo, parts, ports, probe, process, services
from counterfoil.local.launch import serving
from counterfoil.local.process import Running
from counterfoil.local.services import CHAIN, IPFS, Service, Services, node_role
from counterfoil.local.stack import Stack, Wishes, stop
from counterfoil.state import State
from counterfoil.tickets.opening import VERIFIERS
from tests.support.processes import named, nothing_left

BLOCK = b"a case file, as far as Kubo is concerned"
CHAINS = pytest.mark.parametrize("chain", ["ganache", "anvil"])


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test ends what it starts, and finds Kubo where set-up puts it."""
    monkeypatch.delenv("IPFS_API", raising=False)
    with nothing_left():
        yield


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A new state folder."""
    return State(tmp_path / "state")


@pytest.fixture
def embedded(state: State) -> State:
    """A state folder that keeps its blocks in files, so that only the chain is started."""
    services.write(state, Services({IPFS: Service("embedded", "embedded:blocks")}))
    return state


def ask(url: str, method: str, *parameters: Any) -> Any:
    """A chain's answer."""
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    return requests.post(url, json=call, timeout=20).json()["result"]


def rpc(address: str, path: str, **options: Any) -> Any:
    """A Kubo's answer."""
    port = Service("kubo", address).port
    return requests.post(f"http://127.0.0.1:{port}/api/v0/{path}", timeout=20, **options)


def chain_process(state: State) -> Running:
    """The recorded process of the chain."""
    part = services.read(state).chain_part
    assert part is not None
    assert part.process is not None
    return part.process


@CHAINS
def test_start_goesOnWithTheSameChain(embedded: State, chain: str) -> None:
    to = "0x00000000000000000000000000000000000000aa"
    with Stack(embedded) as stack:
        first = stack.start(Wishes(chain)).chain
        sender = ask(first, "eth_accounts")[0]
        sent = ask(first, "eth_sendTransaction", {"from": sender, "to": to, "value": "0x5"})
        while ask(first, "eth_getTransactionReceipt", sent) is None:
            pass  # Anvil answers before it has mined

    with Stack(embedded) as stack:
        second = stack.start(Wishes()).chain

        assert second == first
        assert ask(second, "eth_blockNumber") == "0x1"
        assert ask(second, "eth_getBalance", to, "latest") == "0x5"


@CHAINS
def test_start_givesShanghaiAndThirtyMillionGas(embedded: State, chain: str) -> None:
    push0 = "0x5f60005260206000f3"  # reads 0 through PUSH0, which is new in shanghai
    with Stack(embedded) as stack:
        url = stack.start(Wishes(chain)).chain

        assert ask(url, "eth_chainId") == hex(1337)
        assert ask(url, "eth_getBlockByNumber", "latest", False)["gasLimit"] == hex(30_000_000)
        assert ask(url, "eth_call", {"data": push0}, "latest") == "0x" + "00" * 32


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


def test_watch_goesOnIfAVerifiersNodeEnds(embedded: State) -> None:
    said: list[str] = []
    with Stack(embedded, said.append) as stack:
        stack.start(Wishes("anvil"))
        with stack.verifiers():
            pass
        stack.release()
        victim = services.read(embedded).part("verifier-1")
        assert victim and victim.process
        os.kill(victim.process.pid, signal.SIGKILL)
        os.kill(chain_process(embedded).pid, signal.SIGTERM)

        with pytest.raises(Unavailable, match="Anvil ended by itself"):
            stack.watch()


def test_start_usesWhatRunsAlready(state: State) -> None:
    said: list[str] = []
    with Stack(state) as stack:
        first = stack.start(Wishes("anvil"))
        stack.release()

        with Stack(state, said.append) as second:
            assert second.start(Wishes()) == first
            assert second.started == []

        assert all(part.runs for part in services.load(state).parts)
    assert said == [f"Anvil runs already: {first.chain}", f"Kubo runs already: {first.ipfs}"]


def test_start_startsAgainWhatHasDied(embedded: State) -> None:
    with Stack(embedded) as stack:
        url = stack.start(Wishes("ganache")).chain
        former = chain_process(embedded)
        os.kill(former.pid, signal.SIGKILL)
        assert process.first_to_end([former]) == former

        assert stack.start(Wishes()).chain == url
        assert chain_process(embedded) != former


def test_start_startsAgainWhatIsDeaf(embedded: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("counterfoil.local.probe._TIMEOUT", 0.3)
    with Stack(embedded) as stack:
        stack.start(Wishes("anvil"))
        former = chain_process(embedded)
        os.kill(former.pid, signal.SIGSTOP)

        url = stack.start(Wishes()).chain

        assert ask(url, "eth_chainId") == hex(1337)
        assert not process.is_running(former)


def test_start_movesIfItsFormerPortIsTaken(embedded: State) -> None:
    said: list[str] = []
    with Stack(embedded) as stack:
        former = stack.start(Wishes("anvil")).chain

    port = int(former.rpartition(":")[2])
    with socket.create_server((ports.HOST, port)), Stack(embedded, said.append) as stack:
        now = stack.start(Wishes()).chain

        assert services.load(embedded).chain == now != former
    assert f"Anvil: {now}, which was {former}" in said


def test_watch_saysIfAPartEndsByItself(embedded: State) -> None:
    with Stack(embedded) as stack:
        stack.start(Wishes("anvil"))
        stack.release()
        os.kill(chain_process(embedded).pid, signal.SIGKILL)

        with pytest.raises(Unavailable, match="Anvil ended by itself"):
            stack.watch()


def test_stop_endsWhatRunsAndKeepsTheAddresses(state: State) -> None:
    with Stack(state) as stack:
        before = stack.start(Wishes("anvil"))
        stack.leave_running()

    assert stop(state) == ("Anvil", "Kubo", *(f"Kubo of {name}" for name in VERIFIERS))

    after = services.read(state)
    assert (after.chain, after.ipfs, after.processes) == (before.chain, before.ipfs, ())
    assert named(str(state.root)) == []
    with pytest.raises(Unavailable, match="is not running"):
        services.load(state)


def test_stop_leavesAStrangerWithTheSameNumberAlone(state: State, tmp_path: Path) -> None:
    program, port = parts.kubo(), ports.free()
    assert program is not None
    with serving(kubo.recipe(program, tmp_path / "repository", port, tmp_path / "log")) as stranger:
        ours = Service("ganache", "http://127.0.0.1:1", Running(stranger.pid, "before"))
        services.write(state, Services({CHAIN: ours}))

        assert stop(state) == ()
        assert process.is_running(stranger)


def test_stop_isFineIfNothingRuns(state: State) -> None:
    assert stop(state) == ()
    assert not state.root.exists()
