"""Tickets from the shell, on a real Ganache and a real Kubo."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.ipfs.cid import digest_in
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets.listing import list_tickets
from counterfoil.tickets.standing import status_of
from tests.support.cases import queries_file
from tests.support.ticket_shell import Shell

EXAMPLES = ROOT / "examples"


def test_open_givesWhatTheExamplesExpect(tickets: Shell) -> None:
    expected = json.loads((EXAMPLES / "queries.expected.json").read_text(encoding="utf-8"))
    answer = tickets("open", EXAMPLES / "queries.jsonl")
    rows = answer.rows
    refs = {row["token_id"]: row["channel_ref"] for row in rows if row["outcome"] == "minted"}

    assert answer.status == 1  # some are invalid
    ended = Counter(row["outcome"] for row in expected)
    assert answer.err == "; ".join(f"{ended[one]} {one}" for one in sorted(ended)) + ".\n"
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


def test_steps_leadFromOpenToClosed(tickets: Shell, token_id: str, tmp_path: Path) -> None:
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


def test_fetch_writesAnAttachedFileForTheOwnerOnly(
    tickets: Shell, token_id: str, tmp_path: Path
) -> None:
    slip, copy = tmp_path / "slip.png", tmp_path / "copy.png"
    slip.write_bytes((EXAMPLES / "slip.png").read_bytes() + bytes(300_000))  # two blocks
    tickets("attach", token_id, slip)
    fetched = tickets("fetch", token_id, "slip.png", "--to", copy).row

    assert copy.read_bytes() == slip.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert (fetched["file"], fetched["type"]) == (str(copy), "image/png")
    assert fetched["size"] == slip.stat().st_size
    by_id = tickets("fetch", token_id, fetched["id"], "--to", tmp_path / "again", as_json=False)
    assert by_id.out == f"{fetched['size']} bytes are in {tmp_path / 'again'}.\n"

    for name, to, status, said in (
        ("slip.png", copy, 2, "is there already"),
        ("slip.png", tmp_path / "no" / "folder", 2, "can't be written"),
        ("slop.png", tmp_path / "slop", 1, "no file of that name"),
    ):
        answer = tickets("fetch", token_id, name, "--to", to)
        assert (answer.status, answer.out) == (status, "")
        assert said in answer.err
    assert not (tmp_path / "slop").exists()


def test_open_givesADuplicateTheAnswer(tickets: Shell, token_id: str, tmp_path: Path) -> None:
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
    tickets: Shell, token_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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


def test_list_namesEveryTicketOnce(tickets: Shell, folder: Path, token_id: str) -> None:
    tickets("reject", token_id, "--note", "not our card")
    rows = tickets("list").rows

    assert len({one["token_id"] for one in rows}) == len(rows)
    assert token_id in [one["token_id"] for one in tickets("list", "--status", "rejected").rows]
    mine, foreign = ("--handler", "staff-1", "--channel", "app"), ("--channel", "nobody")
    assert token_id in [one["token_id"] for one in tickets("list", *mine).rows]
    for others in (("--handler", "0x" + "0" * 39 + "1"), foreign, ("--overdue", *foreign)):
        assert tickets("list", *others).rows == []
    assert "--handler" in tickets("list", "--handler", "staff-9").err
    with open_desk(State(folder)) as desk:  # each as the contract itself has it on this chain
        told = desk.registry._contract.call("tickets", [int(one["token_id"], 16) for one in rows])
        listed = list(list_tickets(desk))
    assert [(*one[:1], *one[2:]) for one in told] == [
        (one.handler, one.version, one.opened_at, one.updated_at, one.digest) for one in listed
    ]
    assert [status_of(one.status) for one in told] == [one["status"] for one in rows]


def test_erase_leavesTheHistoryOnly(tickets: Shell, token_id: str) -> None:
    erased = tickets("erase", token_id, "--note", "asked to be forgotten").row

    assert (erased["status"], erased["case"], erased["verified"]) == ("erased", None, False)
    assert [one["to"] for one in tickets("history", token_id).rows] == [
        *("open", "erasure-requested", "erased"),
    ]


def test_outbox_tellsEachChannelOnce(tickets: Shell, token_id: str) -> None:
    tickets("outbox", "--deliver")
    tickets("take", token_id)
    tickets("resolve", token_id, "--answer", "It was refunded.")
    message = tickets("outbox").row

    assert (message["token_id"], message["status"]) == (token_id, "resolved")
    assert (message["channel"], message["answer"]) == ("app", "It was refunded.")
    assert message["card_number"] == "622202******7894"
    assert tickets("outbox", "--channel", "branch").rows == []
    assert "It was refunded." in tickets("outbox", as_json=False).out
    assert tickets("outbox", "--deliver").row == message
    assert tickets("outbox").rows == []


def test_list_namesWhatIsOverdue(tickets: Shell, folder: Path, token_id: str) -> None:
    urgent = tickets("priority", token_id, "urgent", "--note", "the bank asks").row
    assert (urgent["priority"], urgent["case"]["process"]["priority"]) == ("urgent", "urgent")
    assert tickets("list", "--overdue").rows == []

    (folder / "sla.toml").write_text("[hours]\nurgent = 0.0003\n")  # a second
    try:
        while not (rows := tickets("list", "--overdue").rows):
            pass
        assert [(one["token_id"], one["priority"]) for one in rows] == [(token_id, "urgent")]
        assert rows[0]["overdue_seconds"] > 0
        assert "urgent" in tickets("list", "--overdue", as_json=False).out
        assert tickets("list", "--overdue", "--status", "closed").rows == []
    finally:
        (folder / "sla.toml").unlink()
