"""The vault and the intake journal on a PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from counterfoil.tickets import vault as vault_rows
from counterfoil.tickets.journal import Journal
from counterfoil.tickets.vault import Vault
from counterfoil.tickets.vaultlock import FILE
from tests.library import test_vault as vaults
from tests.library.test_journal import *  # noqa: F403  every test of the module
from tests.library.test_journal import HERE
from tests.library.test_vault import *  # noqa: F403  every test of the module
from tests.library.test_vault import NEW, ONE, TWO

for _test in (  # they open SQLite's file themselves
    vaults.test_database_holdsNoKeyInTheClear,
    vaults.test_destroy_leavesNoTraceOfTheKeyInAnyFile,
    vaults.test_keyOf_refusesIfTheWrappedKeyWasChanged,
    vaults.test_rotate_changesNothingIfAKeyDoesNotUnwrap,
    vaults.test_rotate_locksEveryKeyAnew,
    vaults.test_vault_isUnavailableIfTheDatabaseCantBeOpened,
):
    del globals()[_test.__name__]


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def journal(postgres_url: str) -> Iterator[Journal]:
    opened = Journal(postgres_url, HERE)
    yield opened
    opened.close()


def test_rotate_locksEveryKeyAnew(url: str, vault: Vault) -> None:
    keys = vault.obtain([ONE, TWO])
    vault.destroy(TWO)

    assert vault.rotate(NEW, FILE) == 1

    again = Vault(url, NEW, HERE)
    assert again.everything() == {ONE: keys[ONE], TWO: None}
    again.close()


def test_rotate_revivesNoKeyThatIsDestroyedMeanwhile(
    url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = vault.obtain([ONE, TWO])

    def late(master: bytes, key: bytes) -> bytes:
        """The keys are read, and none is written again yet."""
        with psycopg.connect(url) as link:
            link.execute("UPDATE case_keys SET wrapped = NULL WHERE token_id = %s", [ONE])
        return aes_key_wrap(master, key)

    monkeypatch.setattr(vault_rows, "aes_key_wrap", late)
    vault.rotate(NEW, FILE)

    assert vault.everything() == {ONE: None, TWO: keys[TWO]}


def test_destroy_leavesNoTraceOfTheKeyInTheTable(url: str, vault: Vault) -> None:
    vault.obtain([ONE])
    with psycopg.connect(url) as link:
        ((wrapped,),) = link.execute("SELECT wrapped FROM case_keys").fetchall()
        before = _file(link)
    assert wrapped in before

    vault.destroy(ONE)

    with psycopg.connect(url) as link:
        assert wrapped not in _file(link)


def _file(link: psycopg.Connection[tuple[object, ...]]) -> bytes:
    """The bytes of the table's file, as the server reads them from its disk."""
    link.execute("CHECKPOINT")
    ((found,),) = link.execute(
        "SELECT pg_read_binary_file(pg_relation_filepath('case_keys'))"
    ).fetchall()
    assert isinstance(found, bytes)
    return found
