"""Working a ticket: each step a version on chain and in the case, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from counterfoil.chain import Chain
from counterfoil.errors import BadInput, Refused, Tampered
from counterfoil.ipfs.cid import digest_in
from counterfoil.keys import Signer
from counterfoil.tickets import lifecycle
from counterfoil.tickets.attachments import File
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.registry import Action
from counterfoil.tickets.trail import trail
from tests.support.cases import NOW, queries_file, row

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    """The id of a ticket that was just opened, with a file attached."""
    (tmp_path / "slip").write_bytes(b"a slip")
    one = row(attachments=[{"name": "slip", "path": "slip"}])
    queries = read_queries(queries_file(tmp_path, one), now=NOW)
    (opened,) = open_queries(desk, queries, now=NOW)
    assert opened.token_id
    return opened.token_id


def _digests(folder: Path) -> set[bytes]:
    return {digest_in(file.name) for file in (folder / "blocks" / "blocks").rglob("bafk*")}


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


def test_trail_tellsEveryStep(desk: Desk, token_id: bytes) -> None:
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    desk.registry.seen_again(desk.intake, [token_id], "hotline")
    resolved = lifecycle.move(desk, token_id, Action.RESOLVE, now=LATER, note="Done.").ticket
    steps = trail(desk.registry, token_id)

    assert [(one.action, one.before, one.after, one.version) for one in steps] == [
        ("open", None, "open", 1),
        ("take", "open", "in-progress", 2),
        ("seen-again", "in-progress", "in-progress", None),
        ("resolve", "in-progress", "resolved", 3),
    ]
    assert [one.channel for one in steps] == ["app", None, "hotline", None]
    assert [one.actor for one in steps][:2] == [desk.intake.address, desk.staff.address]
    assert (steps[-1].digest, steps[-1].at) == (resolved.digest, resolved.updated_at)
    assert steps[0].digest == desk.registry.first_digest(token_id)


def test_trail_isEmptyIfThereIsNoTicket(desk: Desk) -> None:
    assert trail(desk.registry, bytes(32)) == []


def test_move_refusesIfTheStepDoesNotStartThere(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    before = _digests(tmp_path)

    with pytest.raises(Refused, match="open can't take the step close") as caught:
        lifecycle.move(desk, token_id, Action.CLOSE, now=LATER)

    assert caught.value.code == "ActionNotAllowed"
    assert _digests(tmp_path) == before


def test_move_leavesNothingBehindIfItIsntTheirsToDo(
    desk: Desk, token_id: bytes, chain: Chain, tmp_path: Path
) -> None:
    outsider = Signer.generate()
    chain.fund(outsider.address, 10**18)
    before, standing = _digests(tmp_path), lifecycle.read(desk, token_id)

    with pytest.raises(Refused) as caught:
        lifecycle.move(
            replace(desk, staff=outsider),
            token_id,
            Action.NOTE,
            now=LATER,
            files=[File("more", b"more")],
        )

    assert caught.value.code == "NotHandler"
    assert _digests(tmp_path) == before
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


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 201])
def test_move_refusesNamesThatCantBeKept(desk: Desk, token_id: bytes, name: str) -> None:
    with pytest.raises(BadInput):
        lifecycle.move(desk, token_id, Action.NOTE, now=LATER, files=[File(name, b"x")])


def test_readAll_refusesIfAnAttachmentWasChanged(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    ticket = lifecycle.read_all(desk, token_id).ticket
    for file in (tmp_path / "blocks" / "blocks").rglob("bafk*"):
        if digest_in(file.name) != ticket.digest:
            file.write_bytes(b"other bytes")

    with pytest.raises(Tampered):
        lifecycle.read_all(desk, token_id)


def test_read_refusesIfThereIsNoTicket(desk: Desk) -> None:
    with pytest.raises(Refused) as caught:
        lifecycle.read(desk, bytes(32))

    assert caught.value.code == "no-such-ticket"


def test_read_listsEveryChannelThatAsked(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    again = queries_file(tmp_path, row(channel="hotline", channel_ref="T-1"))
    list(open_queries(desk, read_queries(again, now=LATER), now=LATER))

    asked = lifecycle.read(desk, token_id).asked
    assert [one.key for one in asked] == [("app", "A-1"), ("hotline", "T-1")]


def test_assign_givesTheTicketToStaffOnly(
    desk: Desk, token_id: bytes, chain: Chain, tmp_path: Path
) -> None:
    before = _digests(tmp_path)
    colleague = Signer.generate().address

    with pytest.raises(Refused) as caught:
        lifecycle.assign(desk, token_id, colleague, now=LATER)

    assert caught.value.code == "NotStaff"
    assert _digests(tmp_path) == before

    _grant(desk, chain, tmp_path, colleague)
    sheet = lifecycle.assign(desk, token_id, colleague, now=LATER, note="yours")
    assert sheet.case
    assert sheet.ticket.handler == sheet.case.process.handler == colleague
    assert (sheet.ticket.status, sheet.ticket.version) == ("open", 2)
    assert trail(desk.registry, token_id)[-1].handler == colleague


def _grant(desk: Desk, chain: Chain, folder: Path, account: str) -> None:
    admin = Signer.from_hex((folder / "state" / "keys" / "tickets-admin").read_text())
    contract = chain.contract("TicketRegistry", desk.registry.address)
    contract.send(admin, "grantRole", contract.call("RESOLVER_ROLE"), account)


def test_erase_leavesTheTrailAndNothingElse(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    kept = {digest: desk.store.get(digest) for digest in _digests(tmp_path)}
    sheet = lifecycle.erase(desk, token_id, now=LATER, note="asked to be forgotten")

    assert (sheet.ticket.status, sheet.case) == ("erased", None)
    assert _digests(tmp_path) == set()
    assert [one.after for one in trail(desk.registry, token_id)] == [
        "open",
        "in-progress",
        "erasure-requested",
        "erased",
    ]
    for block in kept.values():  # somebody kept copies: nobody can read them
        desk.store.put(block)
    with pytest.raises(Refused) as caught:
        desk.cases.read(token_id, sheet.ticket.digest)
    assert caught.value.code == "erased"


@pytest.mark.parametrize("part", ["vault.destroy", "store.delete", "registry.act"])
def test_erase_goesOnIfItWasCutOff(
    desk: Desk, token_id: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    lifecycle.move(desk, token_id, Action.REQUEST_ERASURE, now=LATER)
    room, name = part.split(".")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(getattr(desk, room)), name, killed)
        with pytest.raises(KeyboardInterrupt):
            lifecycle.erase(desk, token_id, now=LATER)

    assert lifecycle.erase(desk, token_id, now=LATER).ticket.status == "erased"
    assert _digests(tmp_path) == set()


def test_open_saysErasedForAnErasedTicket(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    lifecycle.erase(desk, token_id, now=LATER)
    again = queries_file(tmp_path, row(channel_ref="A-2"))
    (result,) = open_queries(desk, read_queries(again, now=LATER), now=LATER)

    assert (result.outcome, result.status, result.answer) == ("duplicate", "erased", None)


def test_listTickets_isOldestFirstAndNarrowedByStatus(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    more = [row(channel_ref=f"B-{serial}", serial=serial) for serial in ("1", "2")]
    list(open_queries(desk, read_queries(queries_file(tmp_path, *more), now=NOW), now=NOW))
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)

    assert [one.status for one in lifecycle.list_tickets(desk)] == ["in-progress", "open", "open"]
    (taken,) = lifecycle.list_tickets(desk, status="in-progress")
    assert taken.token_id == token_id
