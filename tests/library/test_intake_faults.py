"""Opening a file of queries while something goes wrong: refused, raced, away."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from counterfoil.errors import Unavailable
from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.tickets import casefile, chunks, intake
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.registry import Minted, Registry
from counterfoil.tickets.uploads import Upload
from tests.support.cases import row
from tests.support.intake import Opener, outcomes, with_picky_verifiers


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
    monkeypatch.setattr(casefile, "SIZES", casefile.SIZES[:5])
    (opener.folder / "slip").write_bytes(b"a slip")
    slip = [{"name": "slip", "path": "slip"}]
    long = {"note": "汉" * 4000}
    rows = [row(process=long, attachments=slip), row(channel_ref="A-2", serial="1")]
    results = opener(*rows)

    assert outcomes(results) == ["refused", "minted"]
    assert [problem.field for problem in results[0].problems] == ["case"]
    assert "shorten its texts, or attach less" in results[0].problems[0].problem
    assert len(opener.blocks()) == 1
    assert outcomes(opener(*rows)) == ["refused", "minted"]
    assert outcomes(opener(row(process={"note": "shorter"}))) == ["minted"]


def test_open_mintsTheFirstOfAQuerysRowsThatFits(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casefile, "SIZES", casefile.SIZES[:5])
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


def test_open_takesRowsWhenTheyComeHoweverLongAFileIs(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of a query that was cut off is told from one in hand by when it was taken."""
    monkeypatch.setattr(chunks, "CHUNK", 4)
    hours = count(0, 3600)
    monkeypatch.setattr(intake, "monotonic", lambda: float(next(hours)))
    opener(row(), row(channel_ref="A-2", serial="1"))

    first, second = desk.journal.find([("app", "A-1"), ("app", "A-2")])
    assert (first.taken_at, second.taken_at) == ("2025-06-01T13:00:00Z", "2025-06-01T14:00:00Z")


def test_open_triesAgainWhatAnEarlierChunkWasRefused(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    rows = [row(), row(channel_ref="A-2", serial="1"), row(channel_ref="A-3"), row()]
    results = opener(*rows, desk=with_picky_verifiers(desk))

    assert outcomes(results) == ["refused", "minted", "refused", "refused"]
    assert len(opener.blocks()) == 1
    assert outcomes(opener(*rows)) == ["minted", "minted", "duplicate", "minted"]
