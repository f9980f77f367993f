"""Tickets from the shell, on a real Ganache and a real Kubo."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.cli.main import run
from counterfoil.ipfs.cid import digest_in
from counterfoil.local import services
from counterfoil.state import State
from tests.support.cases import queries_file, row

EXAMPLES = ROOT / "examples"


class Answer:
    """What a command said."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        """Its one JSON line, of a command that did all that it was told."""
        assert self.status == 0, self.err
        (row,) = self.rows
        return row


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder on which everything runs."""
    state = tmp_path_factory.mktemp("tickets") / "state"
    assert run(["up", "--detach", "--state", str(state)]) == 0
    yield state
    assert run(["down", "--state", str(state)]) == 0


class Tickets:
    """``counterfoil ticket …`` on that folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def __call__(self, *words: str | Path, as_json: bool = True) -> Answer:
        self._capsys.readouterr()
        options = ["--state", str(self._folder), *(["--json"] if as_json else [])]
        status = run(["ticket", *map(str, words), *options])
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err
        return Answer(status, said.out, said.err)


@pytest.fixture
def tickets(folder: Path, capsys: pytest.CaptureFixture[str]) -> Tickets:
    return Tickets(folder, capsys)


@pytest.fixture
def token_id(tickets: Tickets, tmp_path: Path) -> str:
    """A ticket of the test's own."""
    one = row(channel_ref=tmp_path.name, serial=tmp_path.name.replace("_", "").replace("-", ""))
    opened = tickets("open", queries_file(tmp_path, one)).row
    assert opened["outcome"] == "minted"
    return str(opened["token_id"])


def test_open_givesWhatTheExamplesExpect(tickets: Tickets) -> None:
    expected = json.loads((EXAMPLES / "queries.expected.json").read_text(encoding="utf-8"))
    answer = tickets("open", EXAMPLES / "queries.jsonl")
    rows = answer.rows
    refs = {row["token_id"]: row["channel_ref"] for row in rows if row["outcome"] == "minted"}

    assert answer.status == 1  # some are invalid
    assert len(rows) == len(expected) == 50
    for found, wanted in zip(rows, expected, strict=True):
        assert (found["row"], found["channel_ref"]) == (wanted["line"], wanted["channel_ref"])
        assert found["outcome"] == wanted["outcome"]
        assert sorted({one["field"] for one in found["problems"]}) == sorted(wanted["problems"])
        assert found["replayed"] is False
        if wanted["outcome"] == "duplicate":
            assert refs[found["token_id"]] == wanted["same_as"]

    again = tickets("open", EXAMPLES / "queries.jsonl")
    assert again.status == 1
    assert again.rows == [one | {"replayed": one["outcome"] != "invalid"} for one in rows]


def test_steps_leadFromOpenToClosed(tickets: Tickets, token_id: str, tmp_path: Path) -> None:
    slip = tmp_path / "slip.png"
    slip.write_bytes(b"a slip")
    tickets("take", token_id)
    tickets("attach", token_id, slip, "--note", "the customer's slip")
    tickets("ask", token_id, "--question", "Which shop was it?")
    tickets("reply", token_id, "--note", "The one at the harbour.")
    resolved = tickets("resolve", token_id, "--answer", "It was refunded.").row
    closed = tickets("close", token_id).row

    assert (resolved["status"], closed["status"]) == ("resolved", "closed")
    shown = tickets("show", token_id).row
    assert shown == closed
    assert (shown["version"], shown["answer"], shown["verified"]) == (7, "It was refunded.", True)
    assert shown["card_number"] == shown["case"]["identity"]["pan"] == "622202******7894"
    assert [one["action"] for one in shown["case"]["process"]["entries"]] == [
        *("open", "take", "note", "ask", "reply", "resolve", "close"),
    ]
    history = tickets("history", token_id).rows
    assert [one["action"] for one in history] == [
        *("open", "take", "note", "ask", "reply", "resolve", "close"),
    ]
    assert [one["version"] for one in history] == list(range(1, 8))
    assert history[-1]["digest"] == "0x" + digest_in(shown["cid"]).hex()
    assert [(one["from"], one["to"]) for one in history][-1] == ("resolved", "closed")


def test_open_givesADuplicateTheAnswer(tickets: Tickets, token_id: str, tmp_path: Path) -> None:
    tickets("take", token_id)
    tickets("resolve", token_id, "--answer", "It was refunded.")
    query = json.loads((tmp_path / "queries.jsonl").read_text(encoding="utf-8"))
    other = query | {"channel": "branch", "card_number": "６２２２０２１２３４５６７８９４"}
    found = tickets("open", queries_file(tmp_path, other)).row

    assert (found["outcome"], found["token_id"]) == ("duplicate", token_id)
    assert (found["status"], found["answer"]) == ("resolved", "It was refunded.")
    asked = tickets("show", token_id).row["channels"]
    assert [one["channel"] for one in asked] == ["app", "branch"]


def test_find_findsATicketByItsFourFields(
    tickets: Tickets, token_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = json.loads((tmp_path / "queries.jsonl").read_text(encoding="utf-8"))
    pipe = tmp_path / "typed"
    pipe.write_text(query["card_number"] + "\n")
    fields = [f"--{name}={query[name]}" for name in ("amount", "currency", "time", "serial")]
    with pipe.open() as typed:
        monkeypatch.setattr("sys.stdin", typed)
        assert tickets("find", "--card-number", "-", *fields).row["token_id"] == token_id

    unknown = tickets("find", "--card-number", "4111111111111111", *fields)
    assert unknown.status == 1
    assert tickets("find", "--card-number", "4111", *fields).status == 2


def test_list_namesEveryTicketOnce(tickets: Tickets, token_id: str) -> None:
    tickets("reject", token_id, "--note", "not our card")
    rows = tickets("list").rows

    assert len({one["token_id"] for one in rows}) == len(rows)
    assert token_id in [one["token_id"] for one in tickets("list", "--status", "rejected").rows]


def test_erase_leavesTheHistoryOnly(tickets: Tickets, token_id: str) -> None:
    erased = tickets("erase", token_id, "--note", "asked to be forgotten").row

    assert (erased["status"], erased["case"], erased["verified"]) == ("erased", None, False)
    assert [one["to"] for one in tickets("history", token_id).rows] == [
        *("open", "erasure-requested", "erased"),
    ]


def test_tables_showWhatTheRowsSay(tickets: Tickets, token_id: str) -> None:
    for words in (("show", token_id), ("history", token_id), ("list",)):
        answer = tickets(*words, as_json=False)
        assert answer.status == 0
        assert "open" in answer.out
    assert "hashed again" in tickets("show", token_id, as_json=False).out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("show", "0x12"), 2, "64 hex digits"),
        (("show", "0x" + "00" * 32), 1, "no ticket"),
        (("history", "0x" + "00" * 32), 1, "no ticket"),
        (("close", "{}"), 1, "can't take the step close"),
        (("note", "{}"), 2, "--note"),
        (("note", "{}", "--note", ""), 2, "note"),
        (("take", "{}", "--as", "nobody"), 2, "nobody"),
        (("assign", "{}", "--to", "nobody"), 2, "--to"),
        (("assign", "{}", "--to", "0x" + "11" * 20), 1, "NotStaff"),
        (("attach", "{}", "/no/such/file"), 2, "/no/such/file"),
        (("open", "/no/such/file"), 2, "/no/such/file"),
    ],
)
def test_commands_sayInOneLineWhatIsWrong(
    tickets: Tickets, token_id: str, words: tuple[str, ...], status: int, said: str
) -> None:
    answer = tickets(*(word.replace("{}", token_id) for word in words))

    assert answer.status == status
    assert said in answer.err
    assert answer.out == ""
    assert tickets("show", token_id).row["version"] == 1


def test_open_doesNothingIfTheFileIsMalformed(tickets: Tickets, tmp_path: Path) -> None:
    file = queries_file(tmp_path, row(channel_ref="malformed", serial="M1"))
    file.write_text(file.read_text() + "{\n")
    before = len(tickets("list").rows)
    answer = tickets("open", file)

    assert (answer.status, answer.out) == (2, "")
    assert f"{file}:2" in answer.err
    assert len(tickets("list").rows) == before


def test_state_holdsNothingOfACustomerInTheClear(
    tickets: Tickets, token_id: str, folder: Path
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


def test_open_isSafeToRunAgainIfIpfsWasAway(tickets: Tickets, folder: Path, tmp_path: Path) -> None:
    part = services.load(State(folder)).ipfs_part
    assert part and part.process
    file = queries_file(tmp_path, row(channel_ref="away", serial="AWAY1"))
    os.kill(part.process.pid, signal.SIGKILL)
    answer = tickets("open", file)

    assert answer.status == 3
    assert "counterfoil up" in answer.err
    assert run(["up", "--detach", "--state", str(folder)]) == 0
    assert tickets("open", file).row["outcome"] == "minted"
