"""Three verifiers with a Kubo each: one that is dead or hangs changes nothing, and what a node
loses comes back from the others."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from counterfoil.cli.main import run
from counterfoil.ipfs.address import store_at
from counterfoil.ipfs.cid import digest_in
from counterfoil.local import process, services
from counterfoil.local.services import node_role
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets.opening import VERIFIERS
from tests.support.cases import queries_file, row
from tests.support.processes import hang
from tests.support.ticket_shell import Shell

NODES = {"desk": "ipfs", **{name: node_role(name) for name in VERIFIERS}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder on which everything runs."""
    state = tmp_path_factory.mktemp("verifiers") / "state"
    assert run(["up", "--detach", "--chain", "anvil", "--state", str(state)]) == 0
    yield state
    assert run(["down", "--state", str(state)]) == 0


@pytest.fixture
def tickets(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """The command; when a test is over everything runs and all nodes are in order."""
    shell = Shell(folder, capsys)
    yield shell
    _up(folder)
    assert shell("doctor", "--repair").status == 0


Query = Callable[..., Path]


@pytest.fixture
def query(tmp_path: Path) -> Query:
    """A file with one query of the test's own."""

    def made(serial: str = "") -> Path:
        name = "".join(filter(str.isalnum, tmp_path.name)) + serial
        (tmp_path / "slip").write_bytes(b"a slip")
        slip = [{"name": "slip", "path": "slip"}]
        return queries_file(tmp_path, row(channel_ref=name, serial=name, attachments=slip))

    return made


def _up(folder: Path) -> None:
    assert run(["up", "--detach", "--state", str(folder)]) == 0


def _process(folder: Path, role: str) -> process.Running:
    part = services.read(State(folder)).part(role)
    assert part and part.process
    return part.process


def _signal(folder: Path, role: str, number: int) -> None:
    victim = _process(folder, role)
    os.kill(victim.pid, number)
    if number == signal.SIGKILL:
        process.first_to_end([victim])


def _file_of(folder: Path, node: str, digest: bytes) -> Path:
    """Where a Kubo keeps a block."""
    store = store_at(services.read(State(folder)).ipfs)
    block = store.get(digest)
    store.close()
    (found,) = [
        file
        for file in (folder / NODES[node] / "blocks").rglob("*.data")
        if file.stat().st_size == len(block) and file.read_bytes() == block
    ]
    return found


def test_open_needsNoMoreThanTwoOfThree(tickets: Shell, folder: Path, query: Query) -> None:
    for place, victim in enumerate(VERIFIERS):
        _signal(folder, victim, signal.SIGKILL)
        opened = tickets("open", query(str(place))).row
        taken = tickets("take", opened["token_id"]).row

        assert (opened["outcome"], taken["status"]) == ("minted", "in-progress")
        amiss = tickets("doctor")
        assert (amiss.status, [one["state"] for one in amiss.rows]) == (1, ["unreachable"])

        _up(folder)
        tickets("note", opened["token_id"], "--note", "all three are there again")
        assert tickets("doctor").rows == []


def test_open_doesNotWaitForAVerifierThatHangs(tickets: Shell, folder: Path, query: Query) -> None:
    hang(_process(folder, "verifier-1").pid)
    try:
        assert tickets("open", query()).row["outcome"] == "minted"
    finally:
        _signal(folder, "verifier-1", signal.SIGCONT)


def test_open_mintsNothingIfTwoAreDead(tickets: Shell, folder: Path, query: Query) -> None:
    before = tickets("list").rows
    for victim in ("verifier-1", "verifier-3"):
        _signal(folder, victim, signal.SIGKILL)
    file = query()
    answer = tickets("open", file)

    assert answer.status == 3
    assert "1 of 2 verifiers signed; verifier-1: " in answer.err
    assert tickets("list").rows == before
    _up(folder)
    assert tickets("open", file).row["outcome"] == "minted"


def test_open_needsNoMoreThanTwoVerifiersNodes(tickets: Shell, folder: Path, query: Query) -> None:
    _signal(folder, node_role("verifier-2"), signal.SIGKILL)

    assert tickets("open", query()).row["outcome"] == "minted"


@pytest.mark.parametrize("node", ["desk", "verifier-3"])
@pytest.mark.parametrize("state", ["corrupt", "missing", "unpinned"])
def test_doctor_putsRightOnKuboWhatIsAmiss(
    tickets: Shell, folder: Path, query: Query, node: str, state: str
) -> None:
    opened = tickets("open", query()).row
    tickets("note", opened["token_id"], "--note", "on every node")
    digest = digest_in(opened["cid"])
    store = store_at(services.read(State(folder)).by_role[NODES[node]].address)
    if state == "corrupt":
        file = _file_of(folder, node, digest)
        file.chmod(0o600)
        file.write_bytes(b"other bytes")
    elif state == "missing":
        store.delete(digest)
    else:
        store.unpin(digest)
    amiss = {
        "node": node,
        "state": state,
        "token_id": opened["token_id"],
        "cid": opened["cid"],
        "repaired": False,
    }

    assert tickets("doctor").rows == [amiss]
    assert tickets("doctor", "--repair").row == amiss | {"repaired": True}
    assert tickets("doctor").rows == []
    assert store.look(digest) == "kept"
    store.close()


def test_show_takesADamagedCaseFromAnotherNodeAndSaysSo(
    tickets: Shell, folder: Path, query: Query, caplog: pytest.LogCaptureFixture
) -> None:
    opened = tickets("open", query()).row
    file = _file_of(folder, "desk", digest_in(opened["cid"]))
    file.chmod(0o600)
    file.write_bytes(b"other bytes")

    with caplog.at_level(logging.WARNING):
        assert tickets("show", opened["token_id"]).row["verified"] is True
    assert f"block {opened['cid']} was damaged here" in caplog.text


def test_erase_leavesNoBlockOnAnyNode(tickets: Shell, folder: Path, query: Query) -> None:
    opened = tickets("open", query()).row
    sheet = tickets("show", opened["token_id"]).row
    digests = [digest_in(opened["cid"])]
    digests += [bytes.fromhex(one[2:]) for one in sheet["case"]["attachments"][0]["blocks"]]
    files = [_file_of(folder, node, digest) for node in NODES for digest in digests]

    tickets("erase", opened["token_id"])

    assert not any(file.exists() for file in files)
    assert tickets("doctor").rows == []


def test_open_goesOnIfAVerifierWasRemoved(tickets: Shell, folder: Path, query: Query) -> None:
    """Its signature would make the registry refuse the whole batch."""
    state = State(folder)
    with open_desk(state) as desk:
        contract = desk.registry._contract
        role, account = contract.call("VERIFIER_ROLE"), state.signer("verifier-1").address
        admin = state.signer("tickets-admin")
        contract.send(admin, "revokeRole", role, account)
        try:
            assert tickets("open", query()).row["outcome"] == "minted"
        finally:
            contract.send(admin, "grantRole", role, account)
