"""Opening a file of queries: what is minted, what is found, and what a second run says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from counterfoil.ipfs.cid import digest_in
from counterfoil.tickets import chunks, lifecycle
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.journal import Journal
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.registry import Action, Registry
from tests.support.cases import NOW, PAN, row
from tests.support.intake import SAME, Opener, outcomes


def test_open_mintsATicketWithItsCase(desk: Desk, opener: Opener) -> None:
    (minted,) = opener(row(process={"note": "not mine"}))

    assert minted.token_id
    ticket = desk.registry.ticket(minted.token_id)
    assert ticket
    assert (ticket.status, ticket.version) == ("open", 1)
    assert ticket.handler == desk.staff.address
    assert minted == Opened(
        row=1,
        channel="app",
        channel_ref="A-1",
        outcome="minted",
        token_id=minted.token_id,
        cid=minted.cid,
        status="open",
        card_number="622202******7894",
    )
    case = desk.cases.read(minted.token_id, digest_in(minted.cid or ""))
    assert case.identity.pan == PAN
    assert case.process.entries[0].note == "not mine"
    assert [asked.channel_ref for asked in case.channels] == ["A-1"]


def test_open_findsADuplicateInTheSameFile(desk: Desk, opener: Opener) -> None:
    first, second = opener(row(), row(channel="hotline", channel_ref="T-1", **SAME))

    assert outcomes([first, second]) == ["minted", "duplicate"]
    assert (second.token_id, second.cid, second.status) == (first.token_id, first.cid, "open")
    assert not second.replayed
    assert first.token_id
    (mark,) = desk.registry.events("SeenAgain", first.token_id)
    assert mark.arguments["channel"].rstrip(b"\0") == b"hotline"


def test_open_findsADuplicateOfAnEarlierFile(desk: Desk, opener: Opener) -> None:
    (first,) = opener(row())
    (second,) = opener(row(channel_ref="A-2", **SAME))

    assert (second.outcome, second.token_id, second.cid) == (
        "duplicate",
        first.token_id,
        first.cid,
    )


def test_open_givesADuplicateTheAnswerOnceResolved(desk: Desk, opener: Opener) -> None:
    (first,) = opener(row())
    assert first.token_id
    for action, note in ((Action.TAKE, None), (Action.RESOLVE, "It was refunded.")):
        lifecycle.move(desk, first.token_id, action, now=NOW, note=note)
    (second,) = opener(row(channel_ref="A-2"))

    assert (second.status, second.answer) == ("resolved", "It was refunded.")


def test_open_tellsQueriesApartByOneField(opener: Opener) -> None:
    changes = [
        {"card_number": "4111111111111111"},
        {"amount": "128.51"},
        {"currency": "USD"},
        {"time": "2025-03-04T09:15:01+08:00"},
        {"serial": "0506309123456"},
        {"serial": "STAN:506309123456"},
    ]
    results = opener(
        row(), *(row(channel_ref=f"B-{place}", **one) for place, one in enumerate(changes))
    )

    assert set(outcomes(results)) == {"minted"}
    assert len({one.token_id for one in results}) == len(results)


def test_open_answersEveryRowInItsPlace(opener: Opener) -> None:
    results = opener(
        row(amount="0", channel_ref="A-0"),
        row(),
        row(channel="branch", channel_ref="B-1", serial="1"),
        row(channel="branch", channel_ref="B-2"),
        row(channel_ref="A-3", serial="2"),
    )

    assert outcomes(results) == ["invalid", "minted", "minted", "duplicate", "minted"]
    assert [one.row for one in results] == [1, 2, 3, 4, 5]


def test_open_takesMoreRowsThanOneBatch(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 4)
    rows = [row(channel_ref=f"A-{number}", serial=str(number % 7)) for number in range(15)]

    assert outcomes(opener(*rows)) == ["minted"] * 7 + ["duplicate"] * 8


def test_openAgain_answersAsTheFirstTime(desk: Desk, opener: Opener) -> None:
    rows = [row(), row(channel_ref="A-2"), row(channel_ref="A-3", amount="0")]
    first = opener(*rows)
    block = desk.registry._contract.chain.block_number()
    again = opener(*rows)

    assert again == [replace(one, replayed=one.outcome != "invalid") for one in first]
    assert desk.registry._contract.chain.block_number() == block


def test_openAgain_answersAsTheFirstTimeIfWorkedOnSince(desk: Desk, opener: Opener) -> None:
    rows = [row(), row(channel_ref="A-2")]
    first = opener(*rows)
    assert first[0].token_id
    lifecycle.move(desk, first[0].token_id, Action.TAKE, now=NOW)

    assert opener(*rows) == [replace(one, replayed=True) for one in first]


def test_open_takesTheSameRowTwiceInAFile(opener: Opener) -> None:
    first, second = opener(row(), row(**SAME))

    assert (first.outcome, first.replayed) == ("minted", False)
    assert second == replace(first, row=2, replayed=True)


def test_open_takesTheSameRowAgainInALaterChunk(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    others = [row(channel_ref=f"B-{number}", serial=str(number)) for number in range(3)]
    first, *_, other, second = opener(row(), *others, row(channel_ref="A-2"), row(**SAME))

    assert (first.outcome, first.replayed) == ("minted", False)
    assert (other.outcome, other.token_id, other.replayed) == ("duplicate", first.token_id, False)
    assert second == replace(first, row=6, replayed=True)


def test_open_refusesOtherContentUnderAKeyOfAnEarlierFile(desk: Desk, opener: Opener) -> None:
    opener(row())
    (result,) = opener(row(amount="1.00"))

    assert result.outcome == "invalid"
    assert [problem.field for problem in result.problems] == ["channel_ref"]
    assert len(desk.registry.opened()) == 1


def test_open_keepsAttachmentsEncrypted(desk: Desk, opener: Opener) -> None:
    slip = b"a slip " * 60_000  # three blocks
    (opener.folder / "slip").write_bytes(slip)
    (minted,) = opener(row(attachments=[{"name": "slip.txt", "path": "slip"}]))

    assert minted.token_id
    case = desk.cases.read(minted.token_id, digest_in(minted.cid or ""))
    (attachment,) = case.attachments
    assert (attachment.name, attachment.size, len(attachment.blocks)) == ("slip.txt", len(slip), 3)
    assert desk.cases.read_file(minted.token_id, attachment) == slip
    assert len(opener.blocks()) == 4
    assert all(b"a slip" not in desk.store.get(digest) for digest in opener.blocks())


def test_open_saysIfACaseCantBeReadBack(desk: Desk, opener: Opener) -> None:
    (first,) = opener(row())
    (file,) = (opener.folder / "blocks" / "blocks").rglob("bafk*")
    file.write_bytes(b"other bytes")
    damaged, other = opener(row(channel_ref="A-2"), row(channel_ref="A-3", serial="1"))

    assert (damaged.outcome, damaged.token_id) == ("duplicate", first.token_id)
    assert [problem.field for problem in damaged.problems] == ["case"]
    assert other.outcome == "minted"


def test_open_saysIfACasesBlockIsOnNoNode(desk: Desk, opener: Opener) -> None:
    (first,) = opener(row())
    desk.store.own.delete(digest_in(first.cid or ""))
    rows = [row(channel_ref="A-2"), row(channel_ref="A-3", serial="1")]
    lost, other = opener(*rows)

    assert (lost.outcome, lost.token_id, lost.status) == ("duplicate", first.token_id, None)
    assert [problem.field for problem in lost.problems] == ["case"]
    assert other.outcome == "minted"
    assert opener(*rows) == [replace(one, replayed=True) for one in (lost, other)]


def test_journal_holdsNothingOfTheCustomer(opener: Opener) -> None:
    opener(row(customer={"name": "Wei Lin", "mobile": "+86 100 0000 0077"}))

    written = b"".join(file.read_bytes() for file in (opener.folder / "state").glob("*.db*"))
    assert b"A-1" in written
    for secret in (PAN, "7894", "Wei Lin", "0077", "506309123456", "12850"):
        assert secret.encode() not in written


def test_open_asksTheChainForWhatTheJournalKnowsAndFindsWhatOthersMinted(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another desk, with a journal of its own, has minted the third row's ticket."""
    monkeypatch.setattr(chunks, "CHUNK", 2)
    journal = Journal(f"sqlite:///{opener.folder / 'other.db'}", desk.registry.birth())
    (theirs,) = opener(row(channel="hotline", serial="3"), desk=replace(desk, journal=journal))
    journal.close()
    asked: list[bytes] = []

    class Listening(Registry):
        def standing(self, token_ids: Sequence[bytes]) -> set[bytes]:
            asked.extend(token_ids)
            return super().standing(token_ids)

    ours = replace(desk, registry=Listening(desk.registry._contract, desk.registry._first))
    rows = [row(channel_ref=f"A-{n}", serial=str(n)) for n in (1, 2, 3, 4, 5)]
    results = opener(*rows, row(channel_ref="A-6", serial="1"), desk=ours)

    assert outcomes(results) == ["minted", "minted", "duplicate", "minted", "minted", "duplicate"]
    assert results[2].token_id == theirs.token_id
    assert len(opener.blocks()) == 5
    ids = [one.token_id for one in results]
    assert ids[0] in asked  # at first the desk asks for all that comes
    assert theirs.token_id not in asked  # then not for what is new to it: its verifiers do
    assert len(desk.registry.all_events("SeenAgain")) == 2
