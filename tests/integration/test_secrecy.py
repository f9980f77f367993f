"""What is known of customers is nowhere in the clear, and what is erased is nowhere at all.

Known data go in by every door, and things go wrong on the way; then every byte of chain, IPFS
repositories, journals, keys, logs and error output is searched for them and for their hashes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from counterfoil.chain import Chain
from counterfoil.cli.main import run
from counterfoil.errors import Refused
from counterfoil.ipfs.cid import cid_of
from counterfoil.local import services
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets import backup
from counterfoil.tickets.audit import audit
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.trail import history, trail
from counterfoil.vault_desk import BACKUP_PASSPHRASE
from tests.support.desk_day import AMOUNT, PAN, QUERY, SECRETS, SERIAL, TIME, Day, spent
from tests.support.ticket_shell import Shell
from tests.support.traces import plain_hashes, said_on, spellings, traces, written_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder on which everything runs."""
    state = tmp_path_factory.mktemp("secrecy") / "state"
    assert run(["up", "--detach", "--state", str(state)]) == 0
    yield state
    assert run(["down", "--state", str(state)]) == 0


@pytest.fixture(scope="module")
def the_day() -> list[Day]:
    """Filled by the first test that asks for it."""
    return []


@pytest.fixture
def day(the_day: list[Day], folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Day:
    if not the_day:
        the_day.append(spent(folder, tmp_path, capfd))
    return the_day[0]


def _everything(day: Day) -> Iterator[tuple[str, bytes]]:
    yield "stderr", day.errors
    yield from written_in(day.folder)
    yield from said_on(Chain.connect(services.read(State(day.folder)).chain))


def test_nothingOfACustomer_isAnywhereInTheClear(day: Day) -> None:
    secrets = {spelling for secret in SECRETS for spelling in spellings(secret)}
    places = list(_everything(day))

    assert len(places) > 50
    assert {Path(place).suffix for place, _ in places} >= {".log", ".db", ".data", ".json"}
    assert traces(places, secrets) == []


def test_nothingOfACustomer_canBeFoundByTryingPlainHashes(day: Day) -> None:
    hashes = {
        *plain_hashes(PAN, AMOUNT, TIME, SERIAL),
        *plain_hashes(PAN, "98765", TIME, "778899001122"),
        *plain_hashes(*QUERY["customer"].values()),
    }
    assert day.token_id not in hashes
    secrets = {spelling for one in hashes for spelling in spellings(one)}

    assert traces(_everything(day), secrets) == []


def test_theSearch_findsWhatIsThere(day: Day) -> None:
    """The same search, for things that are meant to be found."""
    places = list(_everything(day))
    state = State(day.folder)
    address = bytes.fromhex(state.signer("intake").address[2:])

    assert any("deployment.json" in one for one in traces(places, [b"chain_url"]))
    assert any("tickets.db" in one for one in traces(places, [day.token_id]))
    assert any("block " in one for one in traces(places, [day.token_id]))
    assert any("logs" in one for one in traces(places, [day.token_id]))
    assert any("block " in one for one in traces(places, [address]))


def test_anErasedCase_isGoneForGoodAndItsHistoryStands(
    day: Day, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With every file of the installation in hand, and a copy of every block from before."""
    with open_desk(State(day.folder)) as desk:
        key = desk.vault.key_of(day.token_id)
        digests = [step.digest for step in trail(desk.registry, day.token_id) if step.digest]
        copies = {digest: desk.store.get(digest) for digest in digests}
        before = trail(desk.registry, day.token_id)
    wrapped = _wrapped(day)
    secrets = spellings(key) | spellings(wrapped)
    assert traces(written_in(day.folder), [wrapped])

    assert Shell(day.folder, capfd)("erase", "0x" + day.token_id.hex()).row["status"] == "erased"

    assert traces(_everything(day), secrets) == []
    assert _backed_up(day, tmp_path, capfd)[day.token_id] is None
    names = [cid_of(digest).encode() for digest in digests]
    blocks = [
        (place, content) for place, content in written_in(day.folder) if place.endswith(".data")
    ]
    assert traces(blocks, [*names, *copies.values()]) == []
    with open_desk(State(day.folder)) as desk:
        for block in copies.values():
            desk.store.own.put(block)
        for digest in digests:
            with pytest.raises(Refused, match="destroyed"):
                desk.cases.read(day.token_id, digest)
        for digest in digests:
            desk.store.own.delete(digest)
        _verifies(desk.registry, day.token_id, before)
        assert all(check.agrees for check in audit(desk.registry, desk.store))


def _verifies(registry: Registry, token_id: bytes, before: list[Any]) -> None:
    """The trail goes on from where it was, and ends in what the token holds."""
    after = history(registry, token_id)
    assert after[: len(before)] == before
    assert [one.after for one in after[len(before) :]] == ["erasure-requested", "erased"]


def _backed_up(
    day: Day, folder: Path, capfd: pytest.CaptureFixture[str]
) -> dict[bytes, bytes | None]:
    """The case keys in a back-up that is made now."""
    said = "one of several words"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(BACKUP_PASSPHRASE, said)
        assert Shell(day.folder, capfd, ("vault",))("backup", folder / "vault").row["keys"] == 2
    return backup.read(folder / "vault", said).case_keys


def _wrapped(day: Day) -> bytes:
    """The case key as the vault's database has it."""
    with sqlite3.connect(day.folder / "tickets.db") as database:
        rows = database.execute(
            "SELECT wrapped FROM case_keys WHERE token_id = ?", (day.token_id,)
        ).fetchall()
    database.close()
    ((wrapped,),) = rows
    assert isinstance(wrapped, bytes)
    return wrapped
