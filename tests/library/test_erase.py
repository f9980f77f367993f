"""Erasing a case: the trail stays and nothing else, however often it is cut off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.errors import Refused, Tampered, Unavailable
from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.tickets import lifecycle
from counterfoil.tickets.attachments import File
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.doctor import examine
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.registry import Action
from counterfoil.tickets.trail import history, trail
from tests.support.cases import queries_file, row
from tests.support.crash import crashing, overtaken
from tests.support.intake import Opener
from tests.support.shelves import swarm_of
from tests.support.ticket_cases import LATER, digests_in, one_ticket


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    return one_ticket(desk, tmp_path)


def test_erase_leavesTheTrailAndNothingElse(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    kept = {digest: desk.store.get(digest) for digest in digests_in(tmp_path)}
    sheet = lifecycle.erase(desk, token_id, now=LATER, note="asked to be forgotten")

    assert (sheet.ticket.status, sheet.case) == ("erased", None)
    assert digests_in(tmp_path) == set()
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
    assert digests_in(tmp_path) == set()


def _lose(desk: Desk, digest: bytes) -> None:
    desk.store.own.delete(digest)


def _damage(desk: Desk, digest: bytes) -> None:
    _file(desk, digest).write_bytes(b"other bytes")


def _file(desk: Desk, digest: bytes) -> Path:
    assert isinstance(desk.store.own, EmbeddedStore)
    return desk.store.own._block(digest)


@pytest.mark.parametrize("harm", [_lose, _damage])
@pytest.mark.parametrize("cut_off", [False, True], ids=["whole", "in two parts"])
def test_erase_forgetsACaseThatNobodyCanRead(
    desk: Desk,
    token_id: bytes,
    tmp_path: Path,
    harm: Callable[[Desk, bytes], None],
    cut_off: bool,
) -> None:
    files = [File("letter", b"a letter")]
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER, files=files)
    harm(desk, lifecycle.move(desk, token_id, Action.NOTE, now=LATER, note="x").ticket.digest)
    if cut_off:
        with crashing(type(desk.vault), "destroy"):
            lifecycle.erase(desk, token_id, now=LATER)

    sheet = lifecycle.erase(desk, token_id, now=LATER)

    assert (sheet.ticket.status, sheet.case) == ("erased", None)
    assert digests_in(tmp_path) == set()  # the letter's too, which an earlier version names
    assert set(desk.vault.everything().values()) == {None}
    steps = history(desk.registry, token_id)
    assert [one.after for one in steps[-2:]] == ["erasure-requested", "erased"]


@pytest.mark.parametrize("harm", [_lose, _damage])
def test_move_stillNeedsACaseThatCanBeRead(
    desk: Desk, token_id: bytes, harm: Callable[[Desk, bytes], None]
) -> None:
    before = lifecycle.read(desk, token_id).ticket
    harm(desk, before.digest)

    with pytest.raises((Tampered, Unavailable)):
        lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    assert desk.registry.ticket(token_id) == before


def test_erase_waitsForAStoreThatIsAway(
    desk: Desk, token_id: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> bytes:
        raise Unavailable("no IPFS node", code="ipfs-unreachable")

    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedStore, "get", away)
        with pytest.raises(Unavailable):
            lifecycle.erase(desk, token_id, now=LATER)
    sheet = lifecycle.read(desk, token_id)

    assert (sheet.ticket.status, sheet.ticket.version) == ("open", 1)


def test_erase_endsATicketThatWasReopenedAsItsKeyWent(desk: Desk, opener: Opener) -> None:
    token_id = opener(row())[0].token_id or b""

    def reopen() -> None:
        lifecycle.move(desk, token_id, Action.REOPEN, now=LATER)

    with overtaken(type(desk.vault), "destroy", reopen), pytest.raises(Refused):
        lifecycle.erase(desk, token_id, now=LATER)

    assert lifecycle.erase(desk, token_id, now=LATER).ticket.status == "erased"


@pytest.mark.parametrize(
    ("part", "code"), [("vault.destroy", "erasure-began"), ("registry.act", "erased")]
)
def test_reopen_refusesIfFilesOrTheKeyAreGone(
    desk: Desk, token_id: bytes, part: str, code: str
) -> None:
    lifecycle.move(desk, token_id, Action.REQUEST_ERASURE, now=LATER)
    room, name = part.split(".")
    with crashing(type(getattr(desk, room)), name):
        lifecycle.erase(desk, token_id, now=LATER)
    before = desk.registry.ticket(token_id)

    with pytest.raises(Refused) as caught:
        lifecycle.move(desk, token_id, Action.REOPEN, now=LATER)

    assert (caught.value.code, caught.value.fix) == (code, "Finish it: `counterfoil ticket erase`.")
    assert desk.registry.ticket(token_id) == before
    assert lifecycle.erase(desk, token_id, now=LATER).ticket.status == "erased"


def test_reopen_keepsTheFilesOnEveryNodeIfAllAreThere(desk: Desk, tmp_path: Path) -> None:
    swarm = swarm_of(desk, tmp_path)
    token_id = one_ticket(swarm.desk, tmp_path)
    with crashing(EmbeddedStore, "delete"):  # the nodes are to drop the first file by then
        lifecycle.erase(swarm.desk, token_id, now=LATER)

    lifecycle.move(swarm.desk, token_id, Action.REOPEN, now=LATER)

    assert lifecycle.read_all(swarm.desk, token_id).ticket.status == "reopened"
    swarm.desk.share(patience=None)
    assert list(examine(swarm.desk, LATER)) == []


def test_open_saysErasedForAnErasedTicket(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    lifecycle.erase(desk, token_id, now=LATER)
    again = queries_file(tmp_path, row(channel_ref="A-2"))
    (result,) = open_queries(desk, read_queries(again, now=LATER), now=LATER)

    assert (result.outcome, result.status, result.answer) == ("duplicate", "erased", None)
