"""A chain and an IPFS node of one's own: started, found again, ended; on the real programs."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from counterfoil.errors import Unavailable
from counterfoil.local import kubo, parts, ports, process, services
from counterfoil.local.launch import serving
from counterfoil.local.process import Running
from counterfoil.local.services import CHAIN, Service, Services
from counterfoil.local.stack import Stack, Wishes, stop
from counterfoil.state import State
from counterfoil.tickets.opening import VERIFIERS
from tests.support.local_stack import ask, chain_process
from tests.support.processes import hang, named

CHAINS = pytest.mark.parametrize("chain", ["ganache", "anvil"])


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
        hang(former.pid)

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
