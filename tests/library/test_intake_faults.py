"""Opening a file of queries while something goes wrong: refused, raced, away, killed."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from counterfoil.errors import Unavailable
from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.tickets import casefile, intake, lifecycle
from counterfoil.tickets.cases import Cases
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.mirror import MirroredStore
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.registry import Minted, Registry
from counterfoil.tickets.uploads import Upload
from tests.support.cases import row
from tests.support.crash import crashing
from tests.support.intake import Opener, outcomes, with_picky_verifiers


class Killed(Exception):
    """The process ends here."""


def test_open_goesOnWithoutWhatVerifiersRefuse(desk: Desk, opener: Opener) -> None:
    rows = [row(), row(channel_ref="A-2", serial="1"), row(channel_ref="A-3")]
    results = opener(*rows, desk=with_picky_verifiers(desk))

    assert outcomes(results) == ["refused", "minted", "refused"]
    assert "fingerprint" in results[0].problems[0].problem
    assert len(opener.blocks()) == 1  # nothing is left of the one that was refused
    assert outcomes(opener(*rows)) == ["minted", "minted", "duplicate"]


def test_open_mintsNothingWithoutAQuorum(desk: Desk, opener: Opener) -> None:
    alone = replace(desk, verifiers=desk.verifiers[:1])

    with pytest.raises(Unavailable):
        opener(row(), desk=alone)

    assert desk.registry.opened() == []
    assert outcomes(opener(row())) == ["minted"]


def test_open_goesOnWithoutACaseThatIsTooLarge(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each field and file is within its limits; a smaller block stands for more of them."""
    monkeypatch.setattr(casefile, "SIZES", casefile.SIZES[:3])
    (opener.folder / "slip").write_bytes(b"a slip")
    slip = [{"name": "slip", "path": "slip"}]
    long = {"note": "汉" * 4000}
    rows = [row(process=long, attachments=slip), row(channel_ref="A-2", serial="1")]
    results = opener(*rows)

    assert outcomes(results) == ["refused", "minted"]
    assert [problem.field for problem in results[0].problems] == ["case"]
    assert "one block holds" in results[0].problems[0].problem
    assert len(opener.blocks()) == 1
    assert outcomes(opener(*rows)) == ["refused", "minted"]
    assert outcomes(opener(row(process={"note": "shorter"}))) == ["minted"]


def test_open_mintsTheFirstOfAQuerysRowsThatFits(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casefile, "SIZES", casefile.SIZES[:3])
    long = {"process": {"note": "汉" * 4000}}
    rows = [row(**long), row(channel="branch", **long), row(channel_ref="A-2"), row(channel="chat")]
    results = opener(*rows)

    assert outcomes(results) == ["refused", "refused", "minted", "duplicate"]
    assert len(opener.blocks()) == len(desk.registry.opened()) == 1
    assert outcomes(opener(*rows)) == ["duplicate", "duplicate", "minted", "duplicate"]


def test_open_goesOnWithoutARowWhoseFileChanges(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (opener.folder / name).write_bytes(b"a slip")
    files = [{"name": name, "path": name} for name in ("a", "b")]
    rows = [row(attachments=files), row(channel_ref="A-2", serial="1")]
    original = Upload.read

    def changed(upload: Upload) -> bytes:
        if upload.name == "b":
            upload.path.write_bytes(b"another slip")
        return original(upload)

    with monkeypatch.context() as patch:
        patch.setattr(Upload, "read", changed)
        results = opener(*rows)

    assert outcomes(results) == ["refused", "minted"]
    (problem,) = results[0].problems
    assert (problem.field, problem.problem[:20]) == ("attachments", "1.path: the file cha")
    assert len(opener.blocks()) == 1
    assert outcomes(opener(*rows)) == ["minted", "minted"]
    assert len(opener.blocks()) == 4  # two cases and two files


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

    assert outcomes(results) == ["minted", "minted", "duplicate"]
    assert len(desk.registry.opened()) == 2
    assert len(desk.registry.all_events("SeenAgain")) == 1
    assert len(opener.blocks()) == 3  # two cases and one slip: no orphan
    assert outcomes(opener(*rows)) == ["minted", "minted", "duplicate"]


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
    assert outcomes(opener(row())) == ["minted"]


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


def test_openAgain_pinsWhatWasPutAndNoMore(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kubo puts a block before it pins it, and who asked may be gone by then."""
    original = EmbeddedStore.put_all

    def killed(store: EmbeddedStore, blocks: Any) -> None:
        for digest in original(store, blocks):
            store.unpin(digest)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedStore, "put_all", killed)
        with pytest.raises(Killed):
            opener(row())

    pinned: list[bytes] = []  # by the desk: the verifiers of this test share its store
    pin_all = MirroredStore.pin_all

    def seen(store: MirroredStore, digests: Any) -> None:
        pin_all(store, digests)
        pinned.extend(digests)

    monkeypatch.setattr(MirroredStore, "pin_all", seen)
    assert outcomes(opener(row())) == ["minted"]
    assert set(pinned) == opener.blocks()
    assert [desk.store.look(one) for one in pinned] == ["kept"]


def test_openAgain_marksEachDuplicateOnceHoweverManyWereCutOff(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of one channel and one of another, all of one ticket: the marks of one channel are made,
    those of the other aren't, and no row says so."""
    opener(row())
    other = {"channel": "hotline"}
    rows = [row(channel_ref="A-2"), row(channel_ref="A-3"), row(channel_ref="T-1", **other)]
    original = Registry.seen_again

    def killed(*given: Any) -> None:
        original(*given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "seen_again", killed)
        with pytest.raises(Killed):
            opener(*rows)
    assert len(desk.registry.all_events("SeenAgain")) == 2

    assert outcomes(opener(*rows, row(channel_ref="A-4"))) == ["duplicate"] * 4
    assert len(desk.registry.all_events("SeenAgain")) == 4
    assert outcomes(opener(row(channel_ref="A-4"), row(channel_ref="A-5"))) == ["duplicate"] * 2
    assert len(desk.registry.all_events("SeenAgain")) == 5


def test_openAgain_dropsTheFilesOfAQueryThatHasItsTicketByNow(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was cut off while its files were put; the query came again under another key."""
    (opener.folder / "slip").write_bytes(b"a slip")
    sent = row(attachments=[{"name": "slip", "path": "slip"}])
    with crashing(Cases, "sealed"):
        opener(sent)
    assert len(opener.blocks()) == 1

    assert outcomes(opener(row(channel_ref="A-2"), sent)) == ["minted", "duplicate"]
    assert len(opener.blocks()) == 1


def test_open_takesRowsWhenTheyComeHoweverLongAFileIs(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of a query that was cut off is told from one in hand by when it was taken."""
    monkeypatch.setattr(intake, "CHUNK", 4)
    hours = count(0, 3600)
    monkeypatch.setattr(intake, "monotonic", lambda: float(next(hours)))
    opener(row(), row(channel_ref="A-2", serial="1"))

    first, second = desk.journal.find([("app", "A-1"), ("app", "A-2")])
    assert (first.taken_at, second.taken_at) == ("2025-06-01T13:00:00Z", "2025-06-01T14:00:00Z")


_LONG = [row(channel_ref=f"A-{number}", serial=str(number % 5)) for number in range(11)]
_LONG_OUTCOMES = ["minted"] * 5 + ["duplicate"] * 6


@pytest.mark.parametrize(("kind", "name", "when"), _STEPS)
@pytest.mark.parametrize("nth", [2, 3])
def test_openAgain_goesOnAfterAKillInALaterChunk(
    desk: Desk,
    opener: Opener,
    monkeypatch: pytest.MonkeyPatch,
    kind: type,
    name: str,
    when: str,
    nth: int,
) -> None:
    """While one chunk is killed, others are at other steps."""
    monkeypatch.setattr(intake, "CHUNK", 2)
    original = getattr(kind, name)
    calls = count(1)

    def killed(*given: Any, **named: Any) -> Any:
        last = next(calls) >= nth
        result = None if last and when == "before" else original(*given, **named)
        if last:
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(kind, name, killed)
        with pytest.raises(Killed):
            opener(*_LONG)

    results = opener(*_LONG)

    assert outcomes(results) == _LONG_OUTCOMES
    assert len(desk.registry.opened()) == 5
    assert len(opener.blocks()) == 5
    assert len(desk.registry.all_events("SeenAgain")) == 6
    again = opener(*_LONG)
    assert again == [replace(one, replayed=True) for one in results]


def test_open_triesAgainWhatAnEarlierChunkWasRefused(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "CHUNK", 2)
    rows = [row(), row(channel_ref="A-2", serial="1"), row(channel_ref="A-3"), row()]
    results = opener(*rows, desk=with_picky_verifiers(desk))

    assert outcomes(results) == ["refused", "minted", "refused", "refused"]
    assert len(opener.blocks()) == 1
    assert outcomes(opener(*rows)) == ["minted", "minted", "duplicate", "minted"]
