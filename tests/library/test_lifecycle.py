"""Working a ticket: each step a version on chain and in the case, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.chain import Chain
from counterfoil.errors import BadInput, Refused
from counterfoil.keys import Signer
from counterfoil.tickets import lifecycle
from counterfoil.tickets.attachments import File
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.registry import Action
from counterfoil.tickets.trail import trail
from tests.support.ticket_cases import LATER, digests_in, grant, one_ticket


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    return one_ticket(desk, tmp_path)


def test_move_appendsAVersionThatNamesTheOneBefore(desk: Desk, token_id: bytes) -> None:
    before = lifecycle.read(desk, token_id)
    after = lifecycle.move(desk, token_id, Action.TAKE, now=LATER, note="mine")

    assert before.case and after.case
    assert (after.ticket.status, after.ticket.version) == ("in-progress", 2)
    assert after.case.process.status == "in-progress"
    assert after.case.previous == "0x" + before.ticket.digest.hex()
    assert after.case.process.entries[:-1] == before.case.process.entries
    entry = after.case.process.entries[-1]
    assert (entry.at, entry.actor, entry.action, entry.note) == (
        "2025-06-01T12:05:00Z",
        desk.staff.address,
        "take",
        "mine",
    )
    assert desk.cases.read(token_id, before.ticket.digest) == before.case


def test_move_goesTheWholeWay(desk: Desk, token_id: bytes) -> None:
    way = [
        (Action.TAKE, "in-progress"),
        (Action.NOTE, "in-progress"),
        (Action.ASK, "pending-customer"),
        (Action.REPLY, "in-progress"),
        (Action.RESOLVE, "resolved"),
        (Action.CLOSE, "closed"),
        (Action.REOPEN, "reopened"),
        (Action.REJECT, "rejected"),
        (Action.REOPEN, "reopened"),
        (Action.WITHDRAW, "withdrawn"),
    ]
    for action, status in way:
        sheet = lifecycle.move(desk, token_id, action, now=LATER, note=f"said with {action.word}")
        assert sheet.case
        assert sheet.ticket.status == sheet.case.process.status == status
        answered = status in ("resolved", "closed")
        assert sheet.case.answer == ("said with resolve" if answered else None)


def test_move_refusesIfTheStepDoesNotStartThere(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    before = digests_in(tmp_path)

    with pytest.raises(Refused, match="open can't take the step close") as caught:
        lifecycle.move(desk, token_id, Action.CLOSE, now=LATER)

    assert caught.value.code == "ActionNotAllowed"
    assert caught.value.fix == "What it can take: take, note, reject, withdraw, erase."
    assert digests_in(tmp_path) == before


def test_move_leavesNothingBehindIfItIsntTheirsToDo(
    desk: Desk, token_id: bytes, chain: Chain, tmp_path: Path
) -> None:
    outsider = Signer.generate()
    chain.fund(outsider.address, 10**18)
    before, standing = digests_in(tmp_path), lifecycle.read(desk, token_id)

    with pytest.raises(Refused) as caught:
        lifecycle.move(
            replace(desk, staff=outsider),
            token_id,
            Action.NOTE,
            now=LATER,
            files=[File("more", b"more")],
        )

    assert caught.value.code == "NotHandler"
    assert digests_in(tmp_path) == before
    assert lifecycle.read(desk, token_id) == standing


def test_move_refusesIfSomebodyElseWasQuicker(
    desk: Desk, token_id: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = desk.registry.ticket(token_id)
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    current = lifecycle.move(desk, token_id, Action.NOTE, now=LATER, note="first")
    assert stale
    monkeypatch.setattr(
        lifecycle, "_standing", lambda *_: replace(current.ticket, version=stale.version)
    )

    with pytest.raises(Refused) as caught:
        lifecycle.move(desk, token_id, Action.NOTE, now=LATER, note="second")

    assert caught.value.code == "VersionMismatch"


@pytest.mark.parametrize("note", ["", "\x00", "x" * 4001])
def test_move_refusesNotesThatCantBeKept(desk: Desk, token_id: bytes, note: str) -> None:
    with pytest.raises(BadInput) as caught:
        lifecycle.move(desk, token_id, Action.TAKE, now=LATER, note=note)

    assert caught.value.field == "note"


def test_move_attachesFiles(desk: Desk, token_id: bytes) -> None:
    data = b"a long letter " * 40_000
    sheet = lifecycle.move(desk, token_id, Action.NOTE, now=LATER, files=[File("letter.txt", data)])

    assert sheet.case
    slip, letter = sheet.case.attachments
    assert desk.cases.read_file(token_id, slip) == b"a slip"
    assert desk.cases.read_file(token_id, letter) == data


def test_assign_givesTheTicketToStaffOnly(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    before = digests_in(tmp_path)
    colleague = Signer.generate().address

    with pytest.raises(Refused) as caught:
        lifecycle.assign(desk, token_id, colleague, now=LATER)

    assert caught.value.code == "NotStaff"
    assert digests_in(tmp_path) == before

    grant(desk, tmp_path, "RESOLVER_ROLE", colleague)
    sheet = lifecycle.assign(desk, token_id, colleague, now=LATER, note="yours")
    assert sheet.case
    assert sheet.ticket.handler == sheet.case.process.handler == colleague
    assert (sheet.ticket.status, sheet.ticket.version) == ("open", 2)
    assert trail(desk.registry, token_id)[-1].handler == colleague
