"""The ticket doctor finds what is amiss on each node, and puts right what can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from counterfoil.errors import Unavailable
from counterfoil.ipfs.cid import cid_of, digest_in
from counterfoil.tickets import lifecycle
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.doctor import Finding, examine
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.journal import Journal
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.registry import Action, Registry
from counterfoil.verifier.verify import VerifierNode
from tests.support.cases import NOW, queries_file, row
from tests.support.crash import crashing, overtaken
from tests.support.shelves import Swarm, swarm_of
from tests.support.ticket_cases import digests_in


@pytest.fixture
def swarm(desk: Desk, tmp_path: Path) -> Swarm:
    return swarm_of(desk, tmp_path)


@pytest.fixture
def ticket(swarm: Swarm, tmp_path: Path) -> lifecycle.Sheet:
    """A ticket with two versions and an attachment, on every node."""
    (tmp_path / "slip").write_bytes(b"a slip")
    one = row(attachments=[{"name": "slip", "path": "slip"}])
    queries = read_queries(queries_file(tmp_path, one), now=NOW)
    (opened,) = open_queries(swarm.desk, queries, now=NOW)
    assert opened.token_id
    sheet = lifecycle.move(swarm.desk, opened.token_id, Action.TAKE, now=NOW)
    assert list(examine(swarm.desk, NOW)) == []
    return sheet


def _first(swarm: Swarm, ticket: lifecycle.Sheet) -> bytes:
    found = swarm.desk.registry.first_digest(ticket.ticket.token_id)
    assert found
    return found


def _slip(ticket: lifecycle.Sheet) -> bytes:
    assert ticket.case
    return bytes.fromhex(ticket.case.attachments[0].blocks[0][2:])


def _damage(swarm: Swarm, node: str, digest: bytes) -> None:
    swarm.file(node, digest).write_bytes(b"other bytes")


def _lose(swarm: Swarm, node: str, digest: bytes) -> None:
    swarm.file(node, digest).unlink()


def _unpin(swarm: Swarm, node: str, digest: bytes) -> None:
    swarm.shelves[node].unpin(digest)


@pytest.mark.parametrize("node", ["desk", "verifier-2"])
@pytest.mark.parametrize("which", [_first, lambda _, ticket: ticket.ticket.digest, "slip"])
@pytest.mark.parametrize(
    ("harm", "state"), [(_damage, "corrupt"), (_lose, "missing"), (_unpin, "unpinned")]
)
def test_examine_findsAndRepairs(
    swarm: Swarm,
    ticket: lifecycle.Sheet,
    node: str,
    which: Callable[..., bytes] | str,
    harm: Callable[[Swarm, str, bytes], None],
    state: str,
) -> None:
    digest = which(swarm, ticket) if callable(which) else _slip(ticket)
    harm(swarm, node, digest)
    amiss = Finding(node, state, ticket.ticket.token_id, digest)

    assert list(examine(swarm.desk, NOW)) == [amiss]
    assert list(examine(swarm.desk, NOW, repair=True)) == [replace(amiss, repaired=True)]
    assert list(examine(swarm.desk, NOW)) == []
    assert lifecycle.read_all(swarm.desk, ticket.ticket.token_id) == ticket


def test_examine_saysWhatNobodyCanRepair(swarm: Swarm, ticket: lifecycle.Sheet) -> None:
    for node in swarm.shelves:
        _lose(swarm, node, ticket.ticket.digest)
    findings = list(examine(swarm.desk, NOW, repair=True))

    assert [(one.node, one.state, one.repaired) for one in findings] == [
        (node, "missing", False) for node in swarm.shelves
    ]


def test_examine_findsWhatShouldBeErased(swarm: Swarm, ticket: lifecycle.Sheet) -> None:
    token_id, digest = ticket.ticket.token_id, ticket.ticket.digest
    block = swarm.desk.store.get(digest)
    lifecycle.erase(swarm.desk, token_id, now=NOW)
    assert list(examine(swarm.desk, NOW)) == []

    swarm.shelves["verifier-1"].put(block)
    amiss = Finding("verifier-1", "not-erased", token_id, digest)

    assert list(examine(swarm.desk, NOW)) == [amiss]
    assert list(examine(swarm.desk, NOW, repair=True)) == [replace(amiss, repaired=True)]
    assert not swarm.shelves["verifier-1"].has(digest)


def test_examine_findsWhatAStepLeftThatWasCutOff(swarm: Swarm, ticket: lifecycle.Sheet) -> None:
    desk, token_id = swarm.desk, ticket.ticket.token_id
    with crashing(Registry, "act"):
        lifecycle.move(desk, token_id, Action.NOTE, now=NOW, note="a note")
    desk.share()
    (draft,) = desk.drafts.everything()
    assert list(examine(desk, NOW)) == []  # it may be under way
    later = NOW + timedelta(hours=2)
    amiss = [Finding(node, "left-over", token_id, draft.digest) for node in swarm.shelves]

    assert list(examine(desk, later)) == amiss
    assert list(examine(desk, later, repair=True)) == [replace(one, repaired=True) for one in amiss]
    assert list(examine(desk, later)) == desk.drafts.everything() == []
    assert {shelf.look(draft.digest) for shelf in swarm.shelves.values()} == {"missing"}
    assert lifecycle.read_all(desk, token_id) == ticket


def _open(swarm: Swarm, folder: Path, *rows: dict[str, Any], now: datetime = NOW) -> list[Opened]:
    (folder / "slip").write_bytes(b"a slip")
    return list(
        open_queries(swarm.desk, read_queries(queries_file(folder, *rows), now=now), now=now)
    )


SENT = row(attachments=[{"name": "slip", "path": "slip"}])
CORRECTED = row(amount="1.00")
SOON, LATE = NOW + timedelta(minutes=59), NOW + timedelta(minutes=61)


def test_examine_findsWhatWasKeptForAQueryThatWasCutOff(swarm: Swarm, tmp_path: Path) -> None:
    desk = swarm.desk
    with crashing(Registry, "open_batch"):
        _open(swarm, tmp_path, SENT)
    desk.share()
    (taken,) = desk.journal.find([("app", "A-1")])
    left = [*taken.blocks, taken.digest]
    assert len(left) == 2
    assert list(examine(desk, SOON)) == []  # it may be under way
    assert [one.outcome for one in _open(swarm, tmp_path, CORRECTED)] == ["invalid"]
    token_id = taken.token_id
    amiss = [Finding(node, "left-over", token_id, one) for node in swarm.shelves for one in left]

    assert list(examine(desk, LATE)) == amiss
    assert list(examine(desk, LATE, repair=True)) == [replace(one, repaired=True) for one in amiss]
    assert list(examine(desk, LATE)) == []
    assert digests_in(tmp_path) == set()
    assert [one.outcome for one in _open(swarm, tmp_path, CORRECTED)] == ["minted"]


def test_examine_findsWhatWasCutOffIfTheQueryHasItsTicketUnderAnotherKey(
    swarm: Swarm, tmp_path: Path
) -> None:
    with crashing(Registry, "open_batch"):
        _open(swarm, tmp_path, SENT)
    (minted,) = _open(swarm, tmp_path, SENT | {"channel_ref": "A-2"})
    assert list(examine(swarm.desk, LATE)) != []
    assert all(one.repaired for one in examine(swarm.desk, LATE, repair=True))

    assert len(digests_in(tmp_path)) == 2
    assert list(examine(swarm.desk, LATE)) == []
    (again,) = _open(swarm, tmp_path, SENT, now=LATE)
    assert (again.outcome, again.token_id) == ("duplicate", minted.token_id)


@pytest.mark.parametrize("meanwhile", [False, True])
def test_examine_leavesAQueryThatIsTakenUpAgain(
    swarm: Swarm, tmp_path: Path, meanwhile: bool
) -> None:
    """Once before the doctor reads the journal, once between that and clearing."""
    desk = swarm.desk
    with crashing(Registry, "open_batch"):
        _open(swarm, tmp_path, SENT)
    if meanwhile:
        with overtaken(Journal, "set_aside", lambda: _open(swarm, tmp_path, SENT, now=LATE)):
            list(examine(desk, LATE, repair=True))
    else:
        with crashing(Registry, "open_batch"):
            _open(swarm, tmp_path, SENT, now=LATE)
        assert list(examine(desk, LATE + timedelta(minutes=59), repair=True)) == []

    assert [one.outcome for one in _open(swarm, tmp_path, SENT, now=LATE)] == ["minted"]
    assert list(examine(desk, LATE)) == []


def test_examine_goesOnWithoutAVerifier(
    swarm: Swarm, ticket: lifecycle.Sheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(VerifierNode):
        def blocks(self, *_: object) -> dict[bytes, str]:
            raise Unavailable("away")

    one, two, three = swarm.desk.verifiers
    fields = {name: getattr(two, name) for name in VerifierNode.__slots__}
    desk = replace(swarm.desk, verifiers=(one, Away(**fields), three))

    assert list(examine(desk, NOW)) == [Finding("verifier-2", "unreachable")]


def test_share_bringsAVerifierUpToDateThatWasAway(swarm: Swarm, tmp_path: Path) -> None:
    desk, away = swarm.desk, swarm.desk.verifiers[2]
    rest = replace(desk, verifiers=desk.verifiers[:2])
    (tmp_path / "slip").write_bytes(b"a slip")
    one = row(attachments=[{"name": "slip", "path": "slip"}])
    (opened,) = open_queries(rest, read_queries(queries_file(tmp_path, one), now=NOW), now=NOW)
    assert opened.token_id and opened.cid
    moved = lifecycle.move(rest, opened.token_id, Action.TAKE, now=NOW)

    assert desk.mirror.owed("verifier-1") == desk.mirror.owed("verifier-2") == {}
    assert set(desk.mirror.owed(away.name).values()) == {"keep"}
    desk.share()

    assert desk.mirror.owed(away.name) == {}
    for digest in (digest_in(opened.cid), moved.ticket.digest, _slip(moved)):
        assert swarm.shelves[away.name].look(digest) == "kept", cid_of(digest)


def test_share_forgetsWhatWasNeverPut(swarm: Swarm, ticket: lifecycle.Sheet) -> None:
    """The desk's own node failed after it was noted; asking for it again would take for ever."""
    desk, name = swarm.desk, swarm.desk.verifiers[0].name
    _lose(swarm, name, ticket.ticket.digest)
    desk.mirror.owe([bytes(32), ticket.ticket.digest], "keep")
    desk.share(patience=None)

    assert [desk.mirror.owed(one.name) for one in desk.verifiers] == [{}, {}, {}]
    assert swarm.shelves[name].look(ticket.ticket.digest) == "kept"


def test_share_dropsWhatWasErasedWhileAVerifierWasAway(
    swarm: Swarm, ticket: lifecycle.Sheet
) -> None:
    desk = swarm.desk
    rest = replace(desk, verifiers=desk.verifiers[:2])
    lifecycle.erase(rest, ticket.ticket.token_id, now=NOW)
    left = [ticket.ticket.digest, _slip(ticket)]

    assert [swarm.shelves["verifier-3"].look(one) for one in left] == ["kept", "kept"]
    desk.share()
    assert [swarm.shelves["verifier-3"].look(one) for one in left] == ["missing", "missing"]
    assert list(examine(desk, NOW)) == []


def test_get_putsADamagedBlockRightAndSaysSo(
    swarm: Swarm, ticket: lifecycle.Sheet, caplog: pytest.LogCaptureFixture
) -> None:
    _damage(swarm, "desk", ticket.ticket.digest)

    assert lifecycle.read_all(swarm.desk, ticket.ticket.token_id) == ticket
    assert cid_of(ticket.ticket.digest) in caplog.text
    assert list(examine(swarm.desk, NOW)) == []


def test_get_takesAMissingBlockFromAnotherNode(swarm: Swarm, ticket: lifecycle.Sheet) -> None:
    _lose(swarm, "desk", ticket.ticket.digest)

    assert lifecycle.read_all(swarm.desk, ticket.ticket.token_id) == ticket
