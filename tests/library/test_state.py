"""The state folder: keys and secrets made once, for their owner's eyes only."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from counterfoil.errors import BadInput
from counterfoil.state import DEFAULT, State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state")


def test_at_isTheFolderAskedForOrTheOneInTheEnvironment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTERFOIL_STATE", "from-environment")
    assert State.at("asked").root == tmp_path / "asked"
    assert State.at().root == tmp_path / "from-environment"

    for empty in ("", None):
        monkeypatch.setenv("COUNTERFOIL_STATE", "")
        assert State.at(empty).root == tmp_path / DEFAULT


def test_state_makesNothingBeforeItIsNeeded(state: State) -> None:
    assert not state.has_key("till")
    assert state.deployment_file.parent == state.services_file.parent == state.root
    assert not state.root.exists()


def test_signer_isTheSameEachTime(state: State) -> None:
    first = state.signer("till")

    assert state.has_key("till")
    assert state.signer("till") == State(state.root).signer("till") == first
    assert state.signer("other").address != first.address


def test_secret_isTheSameEachTime(state: State) -> None:
    first = state.secret("bank", 16)

    assert len(first) == 16
    assert state.secret("bank", 16) == first
    assert state.secret("other", 16) != first


def test_keys_canBeReadByTheirOwnerOnly(state: State) -> None:
    state.signer("till")

    folder = state.root / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in folder.iterdir()] == ["till"]
    assert (folder / "till").stat().st_mode & 0o777 == 0o600


def test_signer_takesAKeyThatSomebodyPutThere(state: State) -> None:
    folder = state.root / "keys"
    folder.mkdir(parents=True)
    (folder / "till").write_text("0x" + "11" * 32 + "\n", "ascii")

    assert state.signer("till").private_key() == b"\x11" * 32


@pytest.mark.parametrize("name", ["a", "A.b_c-1", "-bank-admin", "x" * 64])
def test_names_areLettersDigitsDotsAndHyphens(state: State, name: str) -> None:
    assert state.signer(name).address


@pytest.mark.parametrize("name", ["", ".", "..", ".a", "a/b", "../a", "a b", "ä", "a\n", "x" * 65])
def test_names_refuseAnythingElse(state: State, name: str) -> None:
    for act in (state.signer, state.secret, state.has_key):
        with pytest.raises(BadInput, match="can't name a key"):
            act(name)
    assert not state.root.exists()


@pytest.mark.parametrize("content", [b"", b"11" * 31, b"11" * 33, b"zz" * 32, b"\xff" * 64])
def test_keys_refuseAFileThatIsDamaged(state: State, content: bytes) -> None:
    folder = state.root / "keys"
    folder.mkdir(parents=True)
    (folder / "till").write_bytes(content)

    for act in (state.signer, state.secret):
        with pytest.raises(BadInput, match="doesn't hold 32 bytes of hex"):
            act("till")
    assert (folder / "till").read_bytes() == content


def test_secret_isOneForAllWhoAskAtOnce(state: State) -> None:
    found: list[bytes] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        found.append(state.secret("bank"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_databaseUrl_isAFileUnlessAnotherIsConfigured(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COUNTERFOIL_DATABASE_URL", raising=False)
    assert state.database_url("points") == f"sqlite:///{state.root}/points.db"

    monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", "postgresql://somewhere")
    assert state.database_url("points") == "postgresql://somewhere"
