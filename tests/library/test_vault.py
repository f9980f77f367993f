"""The vault: keys wrapped, made once, destroyed for good."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from counterfoil.errors import BadInput, Refused, Tampered, Unavailable
from counterfoil.tickets.vault import Vault

MASTER = bytes(range(32))
HERE = "0x" + "11" * 32
ONE, TWO = bytes(32), b"\x01" * 32


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'vault.db'}"


@pytest.fixture
def vault(url: str) -> Iterator[Vault]:
    opened = Vault(url, MASTER, HERE)
    yield opened
    opened.close()


def test_obtain_makesAKeyOnceForEachTicket(vault: Vault) -> None:
    keys = vault.obtain([ONE, TWO, ONE])

    assert {len(key) for key in keys.values()} == {32}
    assert keys[ONE] != keys[TWO]
    assert vault.obtain([TWO, ONE]) == keys
    assert vault.key_of(ONE) == keys[ONE]


def test_obtain_takesMoreTicketsThanOneStatementHolds(vault: Vault) -> None:
    token_ids = [number.to_bytes(32) for number in range(1201)]

    assert len(set(vault.obtain(token_ids).values())) == 1201


def test_obtain_givesOneKeyIfSeveralAskAtOnce(url: str, vault: Vault) -> None:
    others = [Vault(url, MASTER, HERE) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(lambda one: one.obtain([ONE])[ONE], others * 5))

    assert set(keys) == {vault.key_of(ONE)}
    for other in others:
        other.close()


def test_keys_outliveTheProcess(url: str, vault: Vault) -> None:
    key = vault.obtain([ONE])[ONE]
    again = Vault(url, MASTER, HERE)

    assert again.key_of(ONE) == key
    again.close()


def test_database_holdsNoKeyInTheClear(tmp_path: Path, vault: Vault) -> None:
    key = vault.obtain([ONE])[ONE]
    vault.close()

    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert ONE in written
    assert key not in written
    assert MASTER not in written


def test_keyOf_refusesIfThereIsNone(vault: Vault) -> None:
    with pytest.raises(Refused) as caught:
        vault.key_of(ONE)

    assert caught.value.code == "no-key"


def test_destroy_isForGoodAndIdempotent(vault: Vault) -> None:
    vault.obtain([ONE, TWO])
    for _ in range(2):
        vault.destroy(ONE)

    for asking in (lambda: vault.key_of(ONE), lambda: vault.obtain([ONE])):
        with pytest.raises(Refused) as caught:
            asking()
        assert caught.value.code == "erased"
    assert vault.key_of(TWO)


def test_destroy_marksTicketsThatHadNoKey(vault: Vault) -> None:
    vault.destroy(ONE)

    with pytest.raises(Refused) as caught:
        vault.obtain([ONE])
    assert caught.value.code == "erased"


def test_keyOf_refusesIfTheMasterKeyIsAnother(url: str, vault: Vault) -> None:
    vault.obtain([ONE])
    other = Vault(url, bytes(32), HERE)

    with pytest.raises(Tampered) as caught:
        other.key_of(ONE)

    assert caught.value.code == "vault-master"
    other.close()


def test_keyOf_refusesIfTheWrappedKeyWasChanged(tmp_path: Path, vault: Vault) -> None:
    vault.obtain([ONE])
    with sqlite3.connect(tmp_path / "vault.db") as database:
        database.execute("UPDATE case_keys SET wrapped = zeroblob(40)")
    database.close()

    with pytest.raises(Tampered):
        vault.key_of(ONE)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_vault_refusesIfTheMasterKeyHasAnotherLength(url: str, length: int) -> None:
    with pytest.raises(BadInput):
        Vault(url, bytes(length), HERE)


def test_vault_isUnavailableIfTheDatabaseCantBeOpened(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        Vault(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}", MASTER, HERE)

    assert caught.value.code == "database"


def test_keys_areThoseOfOneRegistry(url: str, vault: Vault) -> None:
    other = Vault(url, MASTER, "0x" + "22" * 32)

    assert vault.obtain([ONE]) != other.obtain([ONE])
    other.destroy(ONE)
    assert vault.key_of(ONE)
    other.close()
