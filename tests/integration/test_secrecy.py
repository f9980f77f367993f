"""What is known of customers is nowhere in the clear, and what is erased is nowhere at all.

Known data go in by every door, and things go wrong on the way; then every byte of chain, IPFS
repositories, journals, keys, logs and error output is searched for them and for their hashes.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from counterfoil.chain import Chain
from counterfoil.cli.main import run
from counterfoil.errors import Refused
from counterfoil.ipfs.cid import cid_of
from counterfoil.local import process, services
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets.audit import audit
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.trail import trail
from tests.support.cases import queries_file
from tests.support.ticket_shell import Shell
from tests.support.traces import plain_hashes, said_on, spellings, traces, written_in

PAN, SERIAL, AMOUNT = "6222021234567894", "RRN:778899001122", "CNY:98765"
TIME = "2025-02-11T11:47:31Z"
QUERY: dict[str, Any] = {
    "channel": "app",
    "channel_ref": "A-1",
    "card_number": "6222 0212 3456 7894",
    "amount": "987.65",
    "currency": "CNY",
    "time": "2025-02-11T19:47:31+08:00",
    "serial": "778899001122",
    "customer": {
        "customer_no": "CUST-4711-0815",
        "name": "Wilhelmina Zschokke",
        "national_id": "ID-19700101-9876",
        "mobile": "+86 138 0013 8000",
    },
    "transaction": {"merchant_category_code": "5812", "address": "17 Quayside Terrace"},
    "process": {"note": "was never anywhere near the harbour"},
    "attachments": [{"name": "receipt-zschokke.txt", "path": "receipt"}],
}
SLIP = "signed by Wilhelmina on the quay"
SAID = (
    "spoke to her on the telephone",
    "which restaurant was it then",
    "money went back on Monday",
)
SECRETS = (
    *(PAN, QUERY["card_number"], SERIAL, "778899001122", AMOUNT, TIME, QUERY["time"], SLIP),
    *(*QUERY["customer"].values(), QUERY["transaction"]["address"], QUERY["process"]["note"]),
    *(QUERY["attachments"][0]["name"], *SAID),
)


@dataclass(frozen=True)
class Day:
    """A day at the desk: where it was kept, what was printed on stderr, the ticket."""

    folder: Path
    errors: bytes
    token_id: bytes


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
        the_day.append(_spent(folder, tmp_path, capfd))
    return the_day[0]


def _spent(folder: Path, files: Path, capfd: pytest.CaptureFixture[str]) -> Day:
    said: list[str] = []

    def shell(*words: str | Path) -> list[dict[str, Any]]:
        answer = Shell(folder, capfd)(*words)
        said.append(answer.err)
        return answer.rows

    (files / "receipt").write_text(SLIP)
    again = QUERY | {"channel": "hotline", "channel_ref": "T-1", "card_number": PAN}
    rows = [
        *(QUERY, again, again | {"channel_ref": "T-2", "amount": "0"}),
        *(again | {"channel_ref": "T-3", "customer": {PAN: PAN}}, QUERY | {"serial": SLIP}),
    ]
    _kill(folder, "verifier-2")
    opened = shell("open", queries_file(files, *rows))
    (files / "bad.jsonl").write_text('{"card_number": "' + PAN + '", ' + SLIP)
    shell("open", files / "bad.jsonl")
    token_id = str(opened[0]["token_id"])
    shell("take", token_id)
    shell("note", token_id, "--note", SAID[0])
    shell("note", token_id, "--note", SAID[0] + "\x00")
    shell("ask", token_id, "--question", SAID[1])
    shell("attach", token_id, files / "receipt")
    _kill(folder, "ipfs")
    shell("resolve", token_id, "--answer", SAID[2])
    shell("show", token_id)
    shell("open", queries_file(files, again | {"channel_ref": "T-4"}))
    assert run(["up", "--detach", "--state", str(folder)]) == 0
    shell("resolve", token_id, "--answer", SAID[2])
    shell("open", queries_file(files, again | {"channel_ref": "T-4"}))
    shell(
        "find",
        "--card-number",
        PAN,
        *(f"--{n}={QUERY[n]}" for n in ("amount", "currency")),
        "--time",
        SLIP,
        "--serial",
        SERIAL,
    )
    (message, *_) = shell("outbox", "--deliver")
    shell("doctor")
    assert message["answer"] == SAID[2]
    return Day(folder, "\n".join(said).encode(), bytes.fromhex(token_id[2:]))


def _kill(folder: Path, role: str) -> None:
    part = services.read(State(folder)).part(role)
    assert part and part.process
    os.kill(part.process.pid, signal.SIGKILL)
    process.first_to_end([part.process])


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
    """The trail goes on from where it was, and ends in the digest that the token holds."""
    after = trail(registry, token_id)
    ticket = registry.ticket(token_id)
    assert ticket
    assert after[: len(before)] == before
    assert [one.after for one in after[len(before) :]] == ["erasure-requested", "erased"]
    assert (after[-1].digest, after[-1].version) == (ticket.digest, ticket.version)
    versions = [one.version for one in after if one.version]
    assert versions == list(range(1, len(versions) + 1))


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
