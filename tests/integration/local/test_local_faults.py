"""What stands in the way of starting a chain and an IPFS node: each is one clear line."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.errors import BadInput, CounterfoilError, Unavailable
from counterfoil.local import kubo, parts, ports, process, services
from counterfoil.local.launch import serving
from counterfoil.local.stack import Stack, Wishes
from counterfoil.state import State
from tests.support.processes import named


@pytest.mark.parametrize("wishes", [("chain_port", "--chain-port"), ("ipfs_port", "--ipfs-port")])
def test_start_refusesIfTheAskedPortIsTaken(state: State, wishes: tuple[str, str]) -> None:
    field, option = wishes
    with socket.create_server((ports.HOST, 0)) as server:
        port = server.getsockname()[1]

        with (
            pytest.raises(Unavailable, match=f"Port {port} of 127.0.0.1 is taken") as caught,
            Stack(state) as stack,
        ):
            stack.start(Wishes("anvil", **{field: port}))

    assert option in caught.value.fix
    assert services.read(state).processes == ()


def test_start_refusesAnotherPortWhileItRuns(embedded: State) -> None:
    with Stack(embedded) as stack:
        stack.start(Wishes("anvil"))

        with pytest.raises(BadInput, match="runs at"):
            stack.start(Wishes(chain_port=ports.free()))


def test_start_refusesAnotherChain(embedded: State) -> None:
    with Stack(embedded) as stack:
        stack.start(Wishes("anvil"))

    with pytest.raises(BadInput, match=r"another chain \(anvil\)"), Stack(embedded) as stack:
        stack.start(Wishes("ganache"))


@pytest.mark.parametrize(
    ("chain", "error", "says"),
    [
        ("geth", BadInput, "'geth' is none of ganache, anvil and a URL"),
        ("http://127.0.0.1:9", Unavailable, "No Ethereum node answers at http://127.0.0.1:9."),
    ],
)
def test_start_refusesIfTheChainIsNone(
    state: State, chain: str, error: type[CounterfoilError], says: str
) -> None:
    with pytest.raises(error, match=says), Stack(state) as stack:
        stack.start(Wishes(chain))


@pytest.mark.parametrize(("chain", "name"), [("ganache", "Ganache"), ("anvil", "Anvil")])
def test_start_saysIfAPartIsMissing(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: str, name: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unavailable) as caught, Stack(state, root=tmp_path) as stack:
        stack.start(Wishes(chain))

    assert caught.value.line() == f"{name} is missing. Run `make setup`."


def test_start_saysIfNodeIsMissing(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(Unavailable, match=r"Node\.js is missing"), Stack(state) as stack:
        stack.start(Wishes("ganache"))


def without_kubo(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with Anvil and without Kubo."""
    monkeypatch.setenv("PATH", str(folder))
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "@foundry-rs").symlink_to(ROOT / "node_modules" / "@foundry-rs")
    return folder


def test_start_fallsBackToTheEmbeddedStoreIfKuboIsMissing(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with Stack(state, said.append, without_kubo(tmp_path, monkeypatch)) as stack:
        assert stack.start(Wishes("anvil")).ipfs == f"embedded:{state.root / 'blocks'}"

    assert any("Kubo is missing" in line for line in said)

    monkeypatch.undo()
    with Stack(state) as stack:  # the blocks are there now, and so they stay there
        assert stack.start(Wishes()).ipfs == f"embedded:{state.root / 'blocks'}"


def test_start_refusesIfTheKuboWithItsBlocksIsGone(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Stack(state) as stack:
        stack.start(Wishes("anvil"))

    with (
        pytest.raises(Unavailable, match="keeps its case files in it"),
        Stack(state, root=without_kubo(tmp_path, monkeypatch)) as stack,
    ):
        stack.start(Wishes())


def test_start_endsWhatItStartedIfALaterPartFails(state: State) -> None:
    with Stack(state) as stack:
        stack.start(Wishes("anvil"))
    (state.root / "ipfs" / "config").write_text("{", encoding="utf-8")

    with pytest.raises(Unavailable, match="config is damaged"), Stack(state) as stack:
        stack.start(Wishes())

    assert services.read(state).processes == ()
    assert named(str(state.root)) == []


def test_start_usesTheNodeOfIpfsApiAndLeavesItAlone(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, port = parts.kubo(), ports.free()
    assert program is not None
    with serving(kubo.recipe(program, tmp_path / "repository", port, tmp_path / "log")) as running:
        monkeypatch.setenv("IPFS_API", f"http://127.0.0.1:{port}")

        with Stack(state) as stack:
            assert stack.start(Wishes("anvil")).ipfs == f"/ip4/127.0.0.1/tcp/{port}/http"

        assert process.is_running(running)


@pytest.mark.parametrize(
    ("address", "error"), [("localhost", BadInput), ("/ip4/127.0.0.1/tcp/9", Unavailable)]
)
def test_start_refusesIfIpfsApiIsNone(
    state: State, monkeypatch: pytest.MonkeyPatch, address: str, error: type[CounterfoilError]
) -> None:
    monkeypatch.setenv("IPFS_API", address)

    with pytest.raises(error), Stack(state) as stack:
        stack.start(Wishes("anvil"))

    assert services.read(state).processes == ()


def test_stack_keepsASecondRunOff(state: State) -> None:
    with Stack(state), pytest.raises(Unavailable, match="Another run is at work"), Stack(state):
        pytest.fail("two at once")


@pytest.mark.parametrize("text", ["{", "[]", '{"chain": {"kind": "geth", "address": "x"}}'])
def test_read_refusesADamagedRecord(state: State, text: str) -> None:
    state.root.mkdir()
    state.services_file.write_text(text, encoding="utf-8")

    with pytest.raises(BadInput, match="not a record of services"):
        services.read(state)
