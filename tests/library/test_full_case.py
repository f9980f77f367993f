"""A case that has grown to its limit: it takes no more notes, and can be brought to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.tickets import lifecycle
from counterfoil.tickets.attachments import File
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.registry import Action
from counterfoil.tickets.versions import Change
from tests.support.ticket_cases import LATER, digests_in, grant, one_ticket

LONGEST = "\U0001f4b3" * 4000  # the most bytes that a text may have


def fill(desk: Desk, token_id: bytes) -> None:
    """Note one thing after another until not one letter more is taken."""
    for size in (4000, 400, 40, 1):
        refused = False
        while not refused:
            try:
                lifecycle.move(desk, token_id, Action.NOTE, now=LATER, note=LONGEST[:size])
            except Refused as error:
                refused = error.code == "case-too-large"


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    return one_ticket(desk, tmp_path)


@pytest.fixture
def full(desk: Desk, token_id: bytes) -> bytes:
    """A ticket that was taken, and whose case is full of notes."""
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    fill(desk, token_id)
    return token_id


def test_move_bringsAFullCaseToItsEnd(desk: Desk, full: bytes, tmp_path: Path) -> None:
    resolved = lifecycle.move(desk, full, Action.RESOLVE, now=LATER, note=LONGEST)
    assert resolved.case
    assert resolved.case.answer == LONGEST

    for action in (Action.CLOSE, Action.REOPEN, Action.TAKE):
        lifecycle.move(desk, full, action, now=LATER)
    lifecycle.move(desk, full, Action.RESOLVE, now=LATER, note="in a word")

    assert lifecycle.erase(desk, full, now=LATER).ticket.status == "erased"
    assert digests_in(tmp_path) == set()


def test_move_refusesMoreNotesAndFilesInAFullCase(desk: Desk, full: bytes, tmp_path: Path) -> None:
    before = digests_in(tmp_path)
    more: list[tuple[Action, str | None, list[File]]] = [
        (Action.NOTE, "and then", []),
        (Action.ASK, "which shop?", []),
        (Action.NOTE, None, [File("slip", b"a slip")]),
    ]
    for action, note, files in more:
        with pytest.raises(Refused, match="may fill it up to 174080") as caught:
            lifecycle.move(desk, full, action, now=LATER, note=note, files=files)
        assert caught.value.code == "case-too-large"
        assert caught.value.fix.endswith("A full case can still be resolved, ended and erased.")
    assert digests_in(tmp_path) == before


def test_assign_givesAFullCaseToAnotherWithoutAWord(
    desk: Desk, full: bytes, tmp_path: Path
) -> None:
    colleague = Signer.generate().address
    grant(desk, tmp_path, "RESOLVER_ROLE", colleague)

    with pytest.raises(Refused) as caught:
        lifecycle.assign(desk, full, colleague, now=LATER, note="yours")
    assert caught.value.code == "case-too-large"
    lifecycle.assign(desk, full, colleague, now=LATER)


def test_requestErasure_goesWithoutItsNoteIfThatDoesNotFit(desk: Desk, full: bytes) -> None:
    lifecycle.move(desk, full, Action.RESOLVE, now=LATER, note=LONGEST)
    with pytest.raises(Refused):
        lifecycle.move(desk, full, Action.REOPEN, now=LATER, note=LONGEST)
    sheet = lifecycle.move(desk, full, Action.REQUEST_ERASURE, now=LATER, note=LONGEST)

    assert sheet.case
    assert (sheet.ticket.status, sheet.case.process.status) == ("erasure-requested",) * 2
    assert sheet.case.process.entries[-1].note is None


def test_erase_needsNoRoomInTheCase(
    desk: Desk, full: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case of an earlier release, which left no room."""
    with monkeypatch.context() as patch:
        patch.setattr(Change, "spare", 0)
        fill(desk, full)
    with pytest.raises(Refused):
        lifecycle.move(desk, full, Action.RESOLVE, now=LATER, note="x")

    assert lifecycle.erase(desk, full, now=LATER).ticket.status == "erased"
    assert digests_in(tmp_path) == set()
