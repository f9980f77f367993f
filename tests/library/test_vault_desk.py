"""The vault's back-up: everything in one file, under a passphrase, and taken in again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil import deployment, vault_desk
from counterfoil.chain import Chain
from counterfoil.deployment import Deployment, RegistryRecord
from counterfoil.errors import BadInput, Refused
from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.state import State
from counterfoil.ticket_desk import assemble
from counterfoil.tickets import lifecycle, masterkey
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.sealing import Cost
from counterfoil.vault_desk import BACKUP_PASSPHRASE, Holdings
from tests.support.cases import NOW, queries_file, row

WORDS = "correct horse battery"


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """The back-up's, which costs little here."""
    monkeypatch.setattr(masterkey, "COST", Cost(2**4))
    monkeypatch.setenv(BACKUP_PASSPHRASE, WORDS)


@pytest.fixture
def state(desk: Desk, chain: Chain, tmp_path: Path) -> State:
    """The state folder of the desk, which knows where its registry is."""
    state = State(tmp_path / "state")
    first = desk.registry._first
    record = RegistryRecord(desk.registry.address, first, chain.block_hash(first))
    deployment.save(state, Deployment(chain.url, chain.chain_id, "0x", "", registry=record))
    return state


@pytest.fixture
def tickets(desk: Desk, tmp_path: Path) -> list[bytes]:
    """Two tickets of different years."""
    rows = [row(), row(channel_ref="A-2", time="2024-03-04T09:15:00+08:00")]
    queries = read_queries(queries_file(tmp_path, *rows), now=NOW)
    return [one.token_id for one in open_queries(desk, queries, now=NOW) if one.token_id]


@contextmanager
def desk_of(state: State, desk: Desk, folder: Path) -> Iterator[Desk]:
    """A desk with the keys of another state folder over the same blocks."""
    with assemble(state, desk.registry, EmbeddedStore(folder / "blocks"), ()) as made:
        yield made


@pytest.fixture
def elsewhere(state: State, tmp_path: Path) -> State:
    """A state folder after a disaster: roles and records, and nothing of the vault."""
    other = State(tmp_path / "elsewhere")
    shutil.copytree(state.root / "keys", other.root / "keys")
    shutil.copy(state.deployment_file, other.deployment_file)
    for name in ("vault-master", "channel-journal", *other.names("fingerprint-")):
        other.drop_secret(name)
    return other


def test_holdings_saysWhatIsThere(state: State, tickets: list[bytes], desk: Desk) -> None:
    lifecycle.erase(desk, tickets[0], now=NOW)

    assert vault_desk.holdings(state) == Holdings("file", 1, 1, (2024, 2025))


def test_restore_bringsEverythingBack(
    state: State, elsewhere: State, desk: Desk, tickets: list[bytes], tmp_path: Path
) -> None:
    before = [lifecycle.read(desk, one).case for one in tickets]

    assert vault_desk.back_up(state, tmp_path / "vault.json") == 2
    assert vault_desk.restore(elsewhere, tmp_path / "vault.json") == 2
    assert vault_desk.restore(elsewhere, tmp_path / "vault.json") == 0

    with desk_of(elsewhere, desk, tmp_path) as other:
        assert [lifecycle.read(other, one).case for one in tickets] == before
        queries = read_queries(tmp_path / "queries.jsonl", now=NOW)
        opened = list(open_queries(other, queries, now=NOW))
    assert [one.outcome for one in opened] == ["duplicate", "duplicate"]


def test_backUp_isForItsOwnerAndShowsNothing(
    state: State, desk: Desk, tickets: list[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "vault.json"
    vault_desk.back_up(state, file)
    text = file.read_text()

    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(text)["format"] == "counterfoil-vault/1"
    for secret in (desk.vault.key_of(tickets[0]), tickets[0], state.secret("fingerprint-2025")):
        assert secret.hex() not in text
    assert [one.name for one in tmp_path.glob("vault.json*")] == ["vault.json"]


def test_backUp_overwritesNothing(state: State, tickets: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "vault.json").write_text("precious")

    with pytest.raises(BadInput, match="there already"):
        vault_desk.back_up(state, tmp_path / "vault.json")

    assert (tmp_path / "vault.json").read_text() == "precious"


def test_backUp_refusesAShortPassphrase(
    state: State, tickets: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BACKUP_PASSPHRASE, "x" * 11)

    with pytest.raises(BadInput, match="12 characters"):
        vault_desk.back_up(state, tmp_path / "vault.json")

    assert not (tmp_path / "vault.json").exists()


def test_restore_revivesNoErasedCase(
    state: State, elsewhere: State, desk: Desk, tickets: list[bytes], tmp_path: Path
) -> None:
    vault_desk.back_up(state, tmp_path / "vault.json")
    lifecycle.erase(desk, tickets[0], now=NOW)

    vault_desk.restore(elsewhere, tmp_path / "vault.json")
    vault_desk.restore(state, tmp_path / "vault.json")

    for place in (state, elsewhere):
        assert vault_desk.holdings(place) == Holdings("file", 1, 1, (2024, 2025))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, BadInput),
        ("", BadInput),
        ("[]", BadInput),
        ('{"format": "counterfoil-vault/2"}', BadInput),
        ("changed", Refused),
        ("greedy", BadInput),
    ],
)
def test_restore_refusesWhatIsNoBackup(
    state: State, tickets: list[bytes], tmp_path: Path, text: str | None, error: type[Exception]
) -> None:
    file = tmp_path / "vault.json"
    vault_desk.back_up(state, tmp_path / "good.json")
    good = json.loads((tmp_path / "good.json").read_text())
    if text == "changed":
        text = json.dumps(good | {"sealed": "A" * 8 + good["sealed"][8:]})
    if text == "greedy":
        text = json.dumps(good | {"scrypt": good["scrypt"] | {"n": 2**40}})
    if text is not None:
        file.write_text(text)

    with pytest.raises(error):
        vault_desk.restore(state, file)


def test_restore_refusesAnotherPassphrase(
    state: State, tickets: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault_desk.back_up(state, tmp_path / "vault.json")
    monkeypatch.setenv(BACKUP_PASSPHRASE, WORDS + "!")

    with pytest.raises(Refused) as caught:
        vault_desk.restore(state, tmp_path / "vault.json")

    assert caught.value.code == "passphrase"


def test_restore_refusesIfOtherFingerprintKeysAreInUse(
    state: State, elsewhere: State, tickets: list[bytes], tmp_path: Path
) -> None:
    vault_desk.back_up(state, tmp_path / "vault.json")
    elsewhere.secret("fingerprint-2025")

    with pytest.raises(BadInput, match="fingerprint-2025 is another one here"):
        vault_desk.restore(elsewhere, tmp_path / "vault.json")

    assert vault_desk.holdings(elsewhere) == Holdings("file", 0, 0, (2025,))


def test_restore_refusesTheBackupOfAnotherRegistry(
    state: State, tickets: list[bytes], tmp_path: Path
) -> None:
    vault_desk.back_up(state, tmp_path / "vault.json")
    record = deployment.load(state)
    assert record.registry
    later = record.registry.block + 1
    hash_ = Chain.connect(record.chain_url).block_hash(later)
    moved = replace(record.registry, block=later, block_hash=hash_)
    deployment.save(state, replace(record, registry=moved))

    with pytest.raises(BadInput, match="another registry"):
        vault_desk.restore(state, tmp_path / "vault.json")
