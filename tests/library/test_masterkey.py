"""The vault's master key: from a file, a variable or a passphrase, and changed for another."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from counterfoil.errors import BadInput, Tampered, Unavailable
from counterfoil.state import State
from counterfoil.tickets import masterkey
from counterfoil.tickets.masterkey import KEY, NEW_KEY, NEW_PASSPHRASE, PASSPHRASE, open_vault
from counterfoil.tickets.sealing import Cost
from counterfoil.tickets.vault import Vault
from counterfoil.tickets.vaultlock import Kind, lock_of

HERE = "0x" + "11" * 32
TICKET = bytes(32)
WORDS, OTHER_WORDS = "correct horse battery", "staple of another horse"
HEX, OTHER_HEX = "ab" * 32, "cd" * 32
GIVEN = {"file": {}, "environment": {KEY: HEX}, "passphrase": {PASSPHRASE: WORDS}}
NEW = {"file": {}, "environment": {NEW_KEY: OTHER_HEX}, "passphrase": {NEW_PASSPHRASE: OTHER_WORDS}}
AFTER = {
    "file": {},
    "environment": {KEY: OTHER_HEX},
    "passphrase": {PASSPHRASE: OTHER_WORDS},
}
KINDS: list[Kind] = ["file", "environment", "passphrase"]


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase costs little here, and none is set."""
    monkeypatch.setattr(masterkey, "COST", Cost(2**4))
    for name in (KEY, NEW_KEY, PASSPHRASE, NEW_PASSPHRASE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


@contextmanager
def opened(state: State, **environment: str) -> Iterator[Vault]:
    """The vault, as whoever has this environment opens it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        vault = open_vault(state, state.database_url("tickets"), HERE)
        yield vault
        vault.close()


def rotate(state: State, vault: Vault, to: Kind | None = None, **environment: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return masterkey.rotate(state, vault, state.database_url("tickets"), HERE, to)


def kind_of(state: State) -> str | None:
    lock = lock_of(state.database_url("tickets"), HERE)
    return lock.kind if lock else None


@pytest.mark.parametrize("kind", KINDS)
def test_openVault_opensItAgainWithTheSameKey(state: State, kind: Kind) -> None:
    with opened(state, **GIVEN[kind]) as vault:
        keys = vault.obtain([TICKET])
    with opened(state, **GIVEN[kind]) as vault:
        assert vault.obtain([TICKET]) == keys

    assert kind_of(state) == kind
    assert state.has_key("vault-master") == (kind == "file")


@pytest.mark.parametrize(
    ("given", "wrong", "error"),
    [
        ("environment", {KEY: OTHER_HEX}, Tampered),
        ("environment", {}, BadInput),
        ("environment", {KEY: "ab" * 31}, BadInput),
        ("environment", {KEY: "no hex"}, BadInput),
        ("environment", {PASSPHRASE: WORDS}, BadInput),
        ("passphrase", {PASSPHRASE: OTHER_WORDS}, Tampered),
        ("passphrase", {PASSPHRASE: "x" * 11}, BadInput),
        ("passphrase", {}, BadInput),
    ],
)
def test_openVault_refusesIfTheKeyIsNotTheOne(
    state: State, given: str, wrong: dict[str, str], error: type[Exception]
) -> None:
    with opened(state, **GIVEN[given]) as vault:
        vault.obtain([TICKET])

    with pytest.raises(error) as caught, opened(state, **wrong):
        pytest.fail("opened")

    assert not any(secret in str(caught.value) for secret in (HEX, OTHER_HEX, WORDS, OTHER_WORDS))


def test_openVault_keepsToTheFileIfAVariableIsSetLater(state: State) -> None:
    with opened(state) as vault:
        keys = vault.obtain([TICKET])
    with opened(state, **{KEY: HEX, PASSPHRASE: WORDS}) as vault:
        assert vault.obtain([TICKET]) == keys


@pytest.mark.parametrize("to", KINDS)
@pytest.mark.parametrize("before", KINDS)
def test_rotate_leadsFromEachKindToEach(state: State, before: Kind, to: Kind) -> None:
    with opened(state, **GIVEN[before]) as vault:
        keys = vault.obtain([TICKET])
        assert rotate(state, vault, to, **NEW[to]) == 1
        assert vault.obtain([TICKET]) == keys

    assert kind_of(state) == to
    assert state.names("vault-master") == (["vault-master"] if to == "file" else [])
    with opened(state, **AFTER[to]) as vault:
        assert vault.obtain([TICKET]) == keys


@pytest.mark.parametrize("kind", KINDS)
def test_rotate_keepsTheKindUnlessTold(state: State, kind: Kind) -> None:
    with opened(state, **GIVEN[kind]) as vault:
        rotate(state, vault, **NEW[kind])

    assert kind_of(state) == kind


def test_rotate_changesTheKeyInTheFile(state: State) -> None:
    with opened(state) as vault:
        vault.obtain([TICKET])
        before = state.secret("vault-master")
        rotate(state, vault)

    assert state.secret("vault-master") != before


@pytest.mark.parametrize("to", ["environment", "passphrase"])
def test_rotate_refusesIfTheNewKeyIsNotGiven(state: State, to: Kind) -> None:
    with opened(state) as vault:
        with pytest.raises(BadInput):
            rotate(state, vault, to)
        assert vault.obtain([TICKET])

    with opened(state):
        assert kind_of(state) == "file"


@pytest.mark.parametrize("where", [(Vault, "rotate"), (State, "rename_secret")])
def test_rotate_leavesAVaultThatOpensIfItIsCutOff(
    state: State, monkeypatch: pytest.MonkeyPatch, where: tuple[type, str]
) -> None:
    class Killed(Exception):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with opened(state) as vault:
        keys = vault.obtain([TICKET])
        with monkeypatch.context() as patch:
            patch.setattr(*where, killed)
            with pytest.raises(Killed):
                rotate(state, vault)

    for _ in range(2):
        with opened(state) as vault:
            assert vault.obtain([TICKET]) == keys
            assert rotate(state, vault) == 1
    assert state.names("vault-master") == ["vault-master"]


@pytest.mark.parametrize("to", KINDS)
def test_rotate_keepsTheKeyOfWhoWasQuicker(state: State, to: Kind) -> None:
    with opened(state) as first, opened(state) as second:
        key = first.obtain([TICKET])[TICKET]
        rotate(state, first)
        with pytest.raises(Unavailable) as caught:
            rotate(state, second, to=to, **NEW[to])

    assert caught.value.code == "vault-rotated"
    with opened(state) as vault:
        assert vault.key_of(TICKET) == key


def test_openVault_waitsForARotationThatIsUnderWay(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(state) as vault, ThreadPoolExecutor(1) as pool:
        key = vault.obtain([TICKET])[TICKET]
        original = vault.rotate

        def halfway(*given: Any) -> int:
            opening = pool.submit(open_vault, state, state.database_url("tickets"), HERE)
            with pytest.raises(TimeoutError):
                opening.result(0.2)
            openings.append(opening)
            return original(*given)

        openings: list[Future[Vault]] = []
        monkeypatch.setattr(vault, "rotate", halfway)
        assert rotate(state, vault) == 1
        other = openings[0].result(10)
        assert other.key_of(TICKET) == key
        other.close()


def test_openVault_keepsTheFormerKeyIfANewRegistryComesAfterACutOffRotation(state: State) -> None:
    with opened(state) as vault:
        keys = vault.obtain([TICKET])
    state.secret("vault-master.next")
    open_vault(state, state.database_url("tickets"), "0x" + "22" * 32).close()

    with opened(state) as vault:
        assert vault.obtain([TICKET]) == keys
