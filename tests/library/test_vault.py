"""The vault: keys wrapped, made once, destroyed for good."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from counterfoil.errors import BadInput, Refused, Tampered, Unavailable
from counterfoil.tickets.vault import Vault
from counterfoil.tickets.vaultlock import FILE

MASTER, NEW = bytes(range(32)), bytes(range(32, 64))
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


def test_vault_refusesIfTheMasterKeyIsAnother(url: str, vault: Vault) -> None:
    vault.obtain([ONE])

    with pytest.raises(Tampered) as caught:
        Vault(url, bytes(32), HERE)

    assert caught.value.code == "vault-master"


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


def test_rotate_locksEveryKeyAnew(url: str, tmp_path: Path, vault: Vault) -> None:
    keys = vault.obtain([ONE, TWO])
    vault.destroy(TWO)
    other = Vault(url, MASTER, "0x" + "22" * 32)
    theirs = other.obtain([TWO])
    former = _wrapped(tmp_path)
    other.close()

    assert vault.rotate(NEW, FILE) == 2
    assert vault.key_of(ONE) == keys[ONE]

    with pytest.raises(Tampered):
        Vault(url, MASTER, HERE)
    again = Vault(url, NEW, HERE)
    assert again.everything() == {ONE: keys[ONE], TWO: None}
    again.close()
    along = Vault(url, NEW, "0x" + "22" * 32)
    assert along.everything() == theirs
    along.close()
    assert not any(wrapped in _written(tmp_path) for wrapped in former)


def test_vault_makesNoKeyUnderAFormerMasterKey(url: str, vault: Vault) -> None:
    key = vault.obtain([ONE])[ONE]
    other = Vault(url, MASTER, HERE)
    other.rotate(NEW, FILE)
    steps: list[Callable[[], object]] = [lambda: vault.obtain([ONE]), lambda: vault.obtain([TWO])]
    steps += [lambda: vault.take_in({TWO: MASTER}), lambda: vault.rotate(MASTER, FILE)]
    for step in (*steps, lambda: vault.key_of(ONE), vault.everything):
        with pytest.raises(Unavailable, match="another master key meanwhile"):
            step()
    assert other.everything() == {ONE: key}
    vault.destroy(ONE)  # takes no master key
    assert other.everything() == {ONE: None}
    other.close()


def test_rotate_leavesVaultsUnderOtherMasterKeysAlone(url: str, vault: Vault) -> None:
    other = Vault(url, bytes(32), "0x" + "22" * 32)
    keys = other.obtain([ONE])

    assert vault.rotate(NEW, FILE) == 0
    assert other.everything() == keys
    other.close()


def test_rotate_changesNothingIfAKeyDoesNotUnwrap(tmp_path: Path, url: str, vault: Vault) -> None:
    vault.obtain([ONE, TWO])
    with sqlite3.connect(tmp_path / "vault.db") as database:
        database.execute("UPDATE case_keys SET wrapped = zeroblob(40) WHERE token_id = ?", (TWO,))
    database.close()
    before = _wrapped(tmp_path)

    with pytest.raises(Tampered):
        vault.rotate(NEW, FILE)

    assert _wrapped(tmp_path) == before
    Vault(url, MASTER, HERE).close()


def test_destroy_leavesNoTraceOfTheKeyInAnyFile(tmp_path: Path, vault: Vault) -> None:
    vault.obtain([ONE])
    (wrapped,) = _wrapped(tmp_path)
    assert wrapped in _written(tmp_path)

    vault.destroy(ONE)

    assert wrapped not in _written(tmp_path)


def test_takeIn_addsWhatIsMissingAndRevivesNothing(vault: Vault) -> None:
    three, four = b"\x03" * 32, b"\x04" * 32
    keys = vault.obtain([ONE, TWO, four])
    vault.destroy(TWO)
    fresh = b"\x07" * 32
    given = {ONE: keys[ONE], TWO: keys[TWO], three: fresh, four: None, b"\x05" * 32: None}

    assert vault.take_in(given) == 2
    assert vault.everything() == {
        ONE: keys[ONE],
        TWO: None,
        three: fresh,
        four: None,
        b"\x05" * 32: None,
    }


def test_takeIn_refusesAnotherKeyForTheSameTicket(vault: Vault) -> None:
    keys = vault.obtain([ONE])

    with pytest.raises(Refused) as caught:
        vault.take_in({ONE: bytes(32), TWO: bytes(32)})

    assert caught.value.code == "key-conflict"
    assert vault.everything() == keys


def _wrapped(folder: Path) -> list[bytes]:
    with sqlite3.connect(folder / "vault.db") as database:
        rows = database.execute("SELECT wrapped FROM case_keys WHERE wrapped IS NOT NULL")
        found = [wrapped for (wrapped,) in rows]
    database.close()
    return found


def _written(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())
