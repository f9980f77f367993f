"""What a desk keeps, where, and for whom to read."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.cli.main import run
from counterfoil.ipfs.cid import digest_of
from counterfoil.local import services
from counterfoil.local.services import IPFS, node_role
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets.attachments import MAX_ATTACHMENT
from counterfoil.tickets.opening import VERIFIERS
from tests.support.cases import queries_file, row
from tests.support.local_stack import rpc
from tests.support.ticket_shell import Shell

EXAMPLES = ROOT / "examples"


@pytest.fixture
def vault(folder: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(folder, capsys, ("vault",))


def test_tokenURI_namesABlockThatEveryKuboHas(tickets: Shell, folder: Path, token_id: str) -> None:
    """A stranger reads the URI off the chain and asks a node; the bytes prove themselves."""
    for step in ((), ("take", token_id)):
        if step:
            tickets(*step)
        digest = bytes.fromhex(tickets("history", token_id).rows[-1]["digest"][2:])
        with open_desk(State(folder)) as desk:
            uri = str(desk.registry._contract.call("tokenURI", int(token_id, 16)))
        scheme, _, cid = uri.partition("://")

        assert (scheme, cid) == ("ipfs", tickets("show", token_id).row["cid"])
        for role in (IPFS, *map(node_role, VERIFIERS)):
            part = services.read(State(folder)).part(role)
            assert part
            for path in ("cat", "block/get"):
                block = rpc(part.address, path, params={"arg": cid}).content
                assert digest_of(block) == digest


def test_doctor_findsNothingAmiss(tickets: Shell, token_id: str) -> None:
    tickets("take", token_id)
    answer = tickets("doctor", as_json=False)

    assert (answer.status, answer.err) == (0, "Every block is where it has to be.\n")


def test_attach_bringsTheLargestFileToEveryNodeAndBack(
    tickets: Shell, token_id: str, folder: Path, tmp_path: Path
) -> None:
    data, scan, back = random.Random(0).randbytes(MAX_ATTACHMENT), tmp_path / "scan", tmp_path / "b"
    scan.write_bytes(data)
    (entry,) = tickets("attach", token_id, scan).row["case"]["attachments"]
    with open_desk(State(folder)) as desk:
        while any(desk.mirror.owed(one.name) for one in desk.verifiers):
            desk.share(patience=None)
        lost = bytes.fromhex(entry["blocks"][-1][2:])
        desk.store.own.delete(lost)  # a mirror has to give it

    assert tickets("fetch", token_id, "scan", "--to", back).row["size"] == MAX_ATTACHMENT
    assert back.read_bytes() == data
    with open_desk(State(folder)) as desk:
        desk.store.pin(lost)


def test_vault_isRotatedBackedUpAndRestored(
    tickets: Shell, vault: Shell, token_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERFOIL_BACKUP_PASSPHRASE", "correct horse battery")
    before = vault("status").row
    shown = tickets("show", token_id).row

    assert before["kind"] == "file"
    assert before["keys"] >= 1
    assert vault("rotate").row == {"rewrapped": before["keys"]}
    assert vault("status").row == before
    assert tickets("show", token_id).row == shown
    kept = before["keys"] + before["destroyed"]
    assert vault("backup", tmp_path / "vault.json").row["keys"] == kept
    assert vault("restore", tmp_path / "vault.json").row["restored"] == 0
    assert vault("backup", tmp_path / "vault.json").status == 2
    assert "Case keys: " in vault("status", as_json=False).out


def test_state_holdsNothingOfACustomerInTheClear(
    tickets: Shell, token_id: str, folder: Path
) -> None:
    """Chain data, IPFS repository, journals and logs: none of it shows who asked about what."""
    tickets("take", token_id)
    tickets("note", token_id, "--note", "spoke to the customer on the phone")
    # Long enough not to turn up in ciphertext by chance.
    secrets = [b"6222021234567894", b"6222 0212 34", b"customer_no", b"spoke to the", b"CNY:12850"]
    files = [file for file in folder.rglob("*") if file.is_file()]

    assert len(files) > 10
    for file in files:
        content = file.read_bytes()
        assert not [secret for secret in secrets if secret in content], file


def test_open_isSafeToRunAgainIfIpfsWasAway(tickets: Shell, folder: Path, tmp_path: Path) -> None:
    part = services.load(State(folder)).ipfs_part
    assert part and part.process
    file = queries_file(tmp_path, row(channel_ref="away", serial="AWAY1"))
    os.kill(part.process.pid, signal.SIGKILL)
    answer = tickets("open", file)

    assert answer.status == 3
    assert "counterfoil up" in answer.err
    assert run(["up", "--detach", "--state", str(folder)]) == 0
    assert tickets("open", file).row["outcome"] == "minted"
