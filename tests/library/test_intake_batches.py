"""Opening a file whose chunks go on in batches: what waits, what fails half-way, who overtakes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from counterfoil.errors import Unavailable
from counterfoil.tickets import chunks, intake
from counterfoil.tickets.chunks import Part
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.registry import Minted, Registry
from tests.support.cases import NOW, row
from tests.support.intake import Opener, outcomes


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 80)  # ten queries in the first one
    monkeypatch.setattr(chunks, "BATCH", 2)


def _five() -> list[dict[str, Any]]:
    return [row(channel_ref=f"A-{number}", serial=str(number)) for number in range(1, 6)]


def test_open_mintsAChannelsQueriesInBatches(desk: Desk, opener: Opener) -> None:
    results = opener(*_five(), row(channel="branch", serial="6"))

    assert outcomes(results) == ["minted"] * 6
    opened = desk.registry.all_events("TicketOpened")
    assert {int(event.arguments["tokenId"]).to_bytes(32) for event in opened} == {
        one.token_id for one in results
    }
    assert sorted(Counter(event.block for event in opened).values()) == [1, 1, 2, 2]


@pytest.mark.parametrize("failing", [1, 2, 3])
@pytest.mark.parametrize("when", ["before", "after"])
def test_openAgain_goesOnIfTheChainWentAwayBetweenTwoBatches(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch, failing: int, when: str
) -> None:
    monkeypatch.setattr(intake, "_SENDERS", 1)
    original = Registry.open_batch
    calls = 0

    def cut_off(registry: Registry, *given: Any, **named: Any) -> Minted:
        nonlocal calls
        calls += 1
        minted = original(registry, *given, **named) if calls < failing or when == "after" else None
        if minted is None or calls >= failing:
            raise Unavailable("gone", fix="Run again.")
        return minted

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "open_batch", cut_off)
        with pytest.raises(Unavailable):
            opener(*_five())
    assert calls >= failing

    results = opener(*_five())

    assert outcomes(results) == ["minted"] * 5
    assert sorted(desk.registry.opened()) == sorted(one.token_id or b"" for one in results)
    assert len(opener.blocks()) == 5
    assert desk.registry.all_events("SeenAgain") == []


def test_open_answersLikeTheRunThatOvertookIt(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same file is opened twice; the second run ends while the first one's batch waits."""
    original = intake._Run.keep
    quicker: list[Opened] = []

    def overtaken(run: intake._Run, part: Part) -> Part:
        monkeypatch.undo()
        quicker.extend(opener(row()))
        return original(run, part)

    monkeypatch.setattr(intake._Run, "keep", overtaken)
    results = opener(row())

    assert outcomes(quicker) == ["minted"]
    assert results == [replace(quicker[0], replayed=True)]
    assert opener(row()) == results
    assert desk.registry.all_events("SeenAgain") == []
    assert len(opener.blocks()) == 1


def test_open_goesOnWithWhatARunKeptThatOvertookItAndWasCutOff(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = intake._Run.keep

    def gone(*_given: Any, **_named: Any) -> Minted:
        raise Unavailable("gone", fix="Run again.")

    def overtaken(run: intake._Run, part: Part) -> Part:
        monkeypatch.undo()
        with monkeypatch.context() as patch:
            patch.setattr(Registry, "open_batch", gone)
            with pytest.raises(Unavailable):
                opener(row())
        return original(run, part)

    monkeypatch.setattr(intake._Run, "keep", overtaken)

    assert outcomes(opener(row())) == ["minted"]
    assert len(opener.blocks()) == 1  # the other run's, and no second one beside it


def test_open_marksARowOnceThatComesAgainInTheNextChunk(
    desk: Desk, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 1)
    opener(row(channel="branch"))
    results = opener(*[row()] * 6)

    assert outcomes(results) == ["duplicate"] * 6
    assert [one.replayed for one in results] == [False, *[True] * 5]
    assert len(desk.registry.all_events("SeenAgain")) == 1


def test_open_forgetsNothingOfOthersWhenThereIsNothingToAsk(desk: Desk) -> None:
    run = intake._Run(desk, NOW)
    run._others = True

    assert run._without_ticket([]) == []
    assert run._others
