"""A step that is cut off between IPFS and chain leaves nothing that isn't found and dropped."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from counterfoil.errors import Refused
from counterfoil.tickets import leftovers, lifecycle
from counterfoil.tickets.attachments import File
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.registry import Action, Registry
from tests.support.crash import Crash, crashing
from tests.support.ticket_cases import LATER, digests_in, one_ticket

SLIP = File("a second slip", b"a slip " * 40_000)


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    return one_ticket(desk, tmp_path)


def _note(desk: Desk, token_id: bytes) -> lifecycle.Sheet:
    return lifecycle.move(desk, token_id, Action.NOTE, now=LATER, note="a note", files=[SLIP])


def _cut_off(desk: Desk, token_id: bytes) -> None:
    """The process ends when its blocks are put and the chain hasn't heard of them."""
    with crashing(Registry, "act"):
        _note(desk, token_id)


def test_move_leavesNoDraftBehind(desk: Desk, token_id: bytes) -> None:
    _note(desk, token_id)

    assert desk.drafts.everything() == []


def test_move_leavesNoDraftBehindIfItIsRefused(
    desk: Desk, token_id: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digests_in(tmp_path)

    def quicker(*_: object, **__: object) -> None:
        raise Refused("somebody else was quicker", code="VersionMismatch")

    monkeypatch.setattr(Registry, "act", quicker)
    with pytest.raises(Refused):
        _note(desk, token_id)

    assert (digests_in(tmp_path), desk.drafts.everything()) == (before, [])


def test_moveAgain_dropsWhatWasLeft(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    before = digests_in(tmp_path)
    _cut_off(desk, token_id)
    left = digests_in(tmp_path) - before
    assert {one.digest for one in desk.drafts.everything()} == left
    assert len(left) == 3  # a case and two pieces of the slip

    _note(desk, token_id)

    after = digests_in(tmp_path)
    assert not left & after
    assert len(after - before) == 3
    assert desk.drafts.everything() == []
    assert {desk.mirror.owed(one.name) == {} for one in desk.verifiers} == {True}


def test_moveAgain_keepsWhatTheChainTookUnnoticed(
    desk: Desk, token_id: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Registry.act

    def unnoticed(*given: Any) -> None:
        original(*given)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "act", unnoticed)
        with pytest.raises(Crash):
            _note(desk, token_id)
    assert len(desk.drafts.everything()) == 3
    sheet = lifecycle.move(desk, token_id, Action.TAKE, now=LATER)

    assert sheet.ticket.version == 3
    assert desk.drafts.everything() == []
    assert lifecycle.read_all(desk, token_id) == sheet


def test_erase_dropsWhatWasLeft(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    _cut_off(desk, token_id)
    lifecycle.erase(desk, token_id, now=LATER)

    assert digests_in(tmp_path) == set()
    assert desk.drafts.everything() == []


@pytest.mark.parametrize(("seconds", "over"), [(0, False), (1, True)])
def test_leftOver_waitsForAStepThatMayBeUnderWay(
    desk: Desk, token_id: bytes, seconds: int, over: bool
) -> None:
    _cut_off(desk, token_id)
    now = LATER + timedelta(seconds=leftovers.PATIENCE + seconds)
    drafts = desk.drafts.everything()
    found = leftovers.left_over(desk, drafts, {token_id: 1}, now)

    assert found == ({one.digest: token_id for one in drafts} if over else {})
    assert desk.drafts.everything() == drafts


def test_drafts_areThoseOfOneTicket(desk: Desk, token_id: bytes) -> None:
    _cut_off(desk, token_id)

    assert desk.drafts.of(token_id) == desk.drafts.everything()
    assert desk.drafts.of(bytes(32)) == []
