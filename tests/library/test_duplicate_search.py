"""Duplicates written in other ways, among near misses: all of them are found, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.cli.ticket_rows import opened_row
from counterfoil.tickets import chunks
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.queries import read_queries
from tests.support.cases import NOW
from tests.support.generated import DUPLICATES, generate, judged, write

COUNT = 400


def test_open_findsEveryHiddenDuplicateAndNoOther(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 40)
    queries = list(generate(COUNT, seed=11))
    file = write(tmp_path / "queries.jsonl", queries)
    rows = [opened_row(one) for one in open_queries(desk, read_queries(file, now=NOW), now=NOW)]

    search = judged(queries, rows)

    assert {row["outcome"] for row in rows} == {"minted", "duplicate"}
    assert search.hidden > COUNT * DUPLICATES / 2
    assert (search.precision, search.recall) == (1.0, 1.0)
    assert len(desk.registry.opened()) == COUNT - search.hidden


def test_judged_countsWhatWasMissedAndWhatWasMadeUp() -> None:
    queries = list(generate(COUNT, seed=12))
    truth = [
        {"outcome": "duplicate" if one.repeats else "minted", "token_id": one.repeats or place}
        for place, one in enumerate(queries, 1)
    ]
    missed = next(place for place, one in enumerate(queries) if one.repeats)
    made_up = next(place for place, one in enumerate(queries) if place and not one.repeats)
    wrong = list(truth)
    wrong[missed] = {"outcome": "minted", "token_id": "another"}
    wrong[made_up] = {"outcome": "duplicate", "token_id": 1}

    assert (judged(queries, truth).precision, judged(queries, truth).recall) == (1.0, 1.0)
    assert judged(queries, wrong).precision < 1
    assert judged(queries, wrong).recall < 1


def test_generate_isTheSameForASeed() -> None:
    assert list(generate(50, seed=1)) == list(generate(50, seed=1))
    assert list(generate(50, seed=1)) != list(generate(50, seed=2))
    keys = [(one.row["channel"], one.row["channel_ref"]) for one in generate(COUNT, seed=3)]
    assert len(set(keys)) == COUNT
