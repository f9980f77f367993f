"""Opening a file of queries again after it was killed, at each step and in each chunk."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.tickets import chunks, lifecycle
from counterfoil.tickets.cases import Cases
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.mirror import MirroredStore
from counterfoil.tickets.registry import Minted, Registry
from tests.support.cases import row
from tests.support.crash import crashing
from tests.support.intake import Opener, outcomes


class Killed(Exception):
    """The process ends here."""


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
    monkeypatch.setattr(chunks, "CHUNK", 2)
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
