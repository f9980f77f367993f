"""Opening a file of queries: what is minted, what is found, and what a second run does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from counterfoil.errors import Unavailable
from counterfoil.ipfs.cid import digest_in
from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.tickets import intake, lifecycle
from counterfoil.tickets.attestation import Refusal, Request, Verdict, Verifier
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import Opened, open_queries
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.registry import Action, Minted, Registry
from tests.support.cases import NOW, PAN, queries_file, row

SAME = {"card_number": "６２２２-0212-3456-7894", "time": "2025-03-04T01:15:00.5Z"}


class Killed(Exception):
    """The process ends here."""


@dataclass(frozen=True)
class Opener:
    """Writes rows to a file and opens it."""

    desk: Desk
    folder: Path

    def __call__(self, *rows: dict[str, Any], desk: Desk | None = None) -> list[Opened]:
        file = queries_file(self.folder, *rows)
        return list(open_queries(desk or self.desk, read_queries(file, now=NOW), now=NOW))

    def blocks(self) -> set[bytes]:
        """The digest of every block in the store."""
        files = (self.folder / "blocks" / "blocks").rglob("bafk*")
        return {digest_in(file.name) for file in files}


@pytest.fixture
def opener(desk: Desk, tmp_path: Path) -> Opener:
    return Opener(desk, tmp_path)


def _outcomes(results: Sequence[Opened]) -> list[str]:
    return [one.outcome for one in results]


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

    assert _outcomes([first, second]) == ["minted", "duplicate"]
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

    assert set(_outcomes(results)) == {"minted"}
    assert len({one.token_id for one in results}) == len(results)


def test_open_answersEveryRowInItsPlace(opener: Opener) -> None:
    results = opener(
        row(amount="0", channel_ref="A-0"),
        row(),
        row(channel="branch", channel_ref="B-1", serial="1"),
        row(channel="branch", channel_ref="B-2"),
        row(channel_ref="A-3", serial="2"),
    )

    assert _outcomes(results) == ["invalid", "minted", "minted", "duplicate", "minted"]
    assert [one.row for one in results] == [1, 2, 3, 4, 5]


def test_open_takesMoreRowsThanOneBatch(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "CHUNK", 4)
    rows = [row(channel_ref=f"A-{number}", serial=str(number % 7)) for number in range(15)]

    assert _outcomes(opener(*rows)) == ["minted"] * 7 + ["duplicate"] * 8


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


class Picky:
    """A verifier that refuses the first ticket that it is shown, always."""

    def __init__(self, honest: Verifier) -> None:
        self.name, self.address = honest.name, honest.address
        self.public_key, self.blocks = honest.public_key, honest.blocks
        self._honest = honest
        self._refused: bytes | None = None

    def attest(self, request: Request) -> Verdict:
        self._refused = self._refused or request.openings[0].token_id
        if any(one.token_id == self._refused for one in request.openings):
            return Verdict(self.address, None, (Refusal(self._refused, "fingerprint"),))
        return self._honest.attest(request)


def test_open_goesOnWithoutWhatVerifiersRefuse(desk: Desk, opener: Opener) -> None:
    rows = [row(), row(channel_ref="A-2", serial="1"), row(channel_ref="A-3")]
    results = opener(*rows, desk=replace(desk, verifiers=tuple(map(Picky, desk.verifiers[:2]))))

    assert _outcomes(results) == ["refused", "minted", "refused"]
    assert "fingerprint" in results[0].problems[0].problem
    assert len(opener.blocks()) == 1  # nothing is left of the one that was refused
    assert _outcomes(opener(*rows)) == ["minted", "minted", "duplicate"]


def test_open_mintsNothingWithoutAQuorum(desk: Desk, opener: Opener) -> None:
    alone = replace(desk, verifiers=desk.verifiers[:1])

    with pytest.raises(Unavailable):
        opener(row(), desk=alone)

    assert desk.registry.opened() == []
    assert _outcomes(opener(row())) == ["minted"]


_STEPS = [
    (EmbeddedStore, "put_all", "before"),
    (EmbeddedStore, "put_all", "after"),
    (Registry, "open_batch", "before"),
    (Registry, "open_batch", "after"),
    (Registry, "seen_again", "before"),
    (Registry, "seen_again", "after"),
]


@pytest.mark.parametrize(("kind", "name", "when"), _STEPS)
def test_openAgain_goesOnAfterAKill(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch, kind: type, name: str, when: str
) -> None:
    (opener.folder / "slip").write_bytes(b"a slip")
    slip = [{"name": "slip", "path": "slip"}]
    rows = [row(attachments=slip), row(channel_ref="A-2", serial="1"), row(channel_ref="A-3")]
    original = getattr(kind, name)

    def killed(*given: Any, **named: Any) -> None:
        if when == "after":
            original(*given, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(kind, name, killed)
        with pytest.raises(Killed):
            opener(*rows)

    results = opener(*rows)

    assert _outcomes(results) == ["minted", "minted", "duplicate"]
    assert len(desk.registry.opened()) == 2
    assert len(opener.blocks()) == 3  # two cases and one slip: no orphan
    assert _outcomes(opener(*rows)) == ["minted", "minted", "duplicate"]


def test_open_isADuplicateIfSomebodyElseWasQuicker(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Registry.open_batch
    quicker: list[Opened] = []

    def overtaken(registry: Registry, *given: Any, **named: Any) -> Minted:
        monkeypatch.undo()
        quicker.extend(opener(row(channel="hotline", channel_ref="T-1")))
        return original(registry, *given, **named)

    monkeypatch.setattr(Registry, "open_batch", overtaken)
    (result,) = opener(row())

    assert (quicker[0].outcome, result.outcome) == ("minted", "duplicate")
    assert (result.token_id, result.cid) == (quicker[0].token_id, quicker[0].cid)
    assert result.token_id
    assert len(desk.registry.events("SeenAgain", result.token_id)) == 1
    assert len(opener.blocks()) == 1


def test_open_isUnavailableIfTheStoreIsAway(desk: Desk, opener: Opener) -> None:
    (opener.folder / "file").write_text("no folder")
    away = replace(desk, store=replace(desk.store, own=EmbeddedStore(opener.folder / "file")))

    with pytest.raises(Unavailable):
        opener(row(), desk=away)

    assert desk.registry.opened() == []
    assert _outcomes(opener(row())) == ["minted"]


def test_journal_holdsNothingOfTheCustomer(opener: Opener) -> None:
    opener(row(customer={"name": "Wei Lin", "mobile": "+86 100 0000 0077"}))

    written = b"".join(file.read_bytes() for file in (opener.folder / "state").glob("*.db*"))
    assert b"A-1" in written
    for secret in (PAN, "7894", "Wei Lin", "0077", "506309123456", "12850"):
        assert secret.encode() not in written


def test_openAgain_keepsTheCaseIfItWasMintedUnnoticed(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer of the chain was lost, and so the same ticket is sent for again."""
    original = Registry.open_batch

    def unnoticed(registry: Registry, *given: Any, **named: Any) -> Minted:
        original(registry, *given, **named)
        return original(registry, *given, **named)

    monkeypatch.setattr(Registry, "open_batch", unnoticed)
    (result,) = opener(row())

    assert result.outcome == "minted"
    assert result.token_id
    assert lifecycle.read(desk, result.token_id).ticket.version == 1
