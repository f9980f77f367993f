"""A file of queries: its lines, keys that are used twice, and how often it is read."""

from __future__ import annotations

import json
import os
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from counterfoil.errors import BadInput, Unavailable
from counterfoil.tickets.fingerprint import Problem
from counterfoil.tickets.queries import BadQuery, Query, QueryFile, read_queries
from counterfoil.tickets.querylines import MAX_LINE
from tests.support.cases import NOW, queries_file, row


def _read(folder: Path, *rows: dict[str, Any]) -> list[Query | BadQuery]:
    return list(read_queries(queries_file(folder, *rows), now=NOW))


def test_readQueries_keepsTheOrderAndPassesOverBlankLines(tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    lines = [json.dumps(row(channel_ref="1")), "", json.dumps(row(channel_ref="2", amount="x"))]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())

    rows = read_queries(file, now=NOW)

    assert [(one.row, one.channel_ref) for one in rows] == [(1, "1"), (3, "2")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"\xff", "UTF-8"),
        (b"{", "JSON"),
        (b"[1]", "object"),
        (b"1", "object"),
        (b'{"a": NaN}', "JSON"),
        (b"[" * 50_000, "JSON"),
        (b"x" * MAX_LINE + b"\xff" + b"x" * MAX_LINE, "UTF-8"),
    ],
)
def test_readQueries_namesTheLineIfTheFileIsMalformed(
    tmp_path: Path, line: bytes, said: str
) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_bytes(json.dumps(row()).encode() + b"\n" + line + b"\n")

    with pytest.raises(BadInput, match=said) as caught:
        read_queries(file, now=NOW)

    assert caught.value.row == 2
    assert str(file) in str(caught.value)


def test_readQueries_goesOnAfterARowThatIsTooLong(tmp_path: Path) -> None:
    long = row(channel_ref="A-2", process={"note": "汉" * 30_000})
    file = tmp_path / "queries.jsonl"
    lines = [json.dumps(one, ensure_ascii=False) for one in (row(), long, row(channel_ref="A-3"))]
    file.write_text("\n".join([*lines, "x" * (MAX_LINE + 1)]), encoding="utf-8")
    first, second, third, last = read_queries(file, now=NOW)

    assert isinstance(first, Query)
    assert second == BadQuery(2, None, None, (Problem("row", "over 65536 bytes"),))
    assert isinstance(third, Query)
    assert last == replace(second, row=4)


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        ('"amount": "1.00"', ["amount"]),
        ('"amount": "128.50"', ["amount"]),
        ('"customer": {"name": "a", "mobile": "b", "name": "c"}', ["name", "customer"]),
        ('"4111111111111111": 1, "4111111111111111": 1', ["?"]),
    ],
)
def test_readQueries_refusesARowThatGivesAFieldTwice(
    tmp_path: Path, more: str, problems: list[str]
) -> None:
    file = tmp_path / "queries.jsonl"
    twice = json.dumps(row())[:-1] + f", {more}}}"
    file.write_text(f"{twice}\n{json.dumps(row(channel_ref='A-2'))}\n")
    bad, good = read_queries(file, now=NOW)

    told = tuple(Problem(field, "given more than once") for field in problems)
    assert bad == BadQuery(1, "app", "A-1", told)
    assert isinstance(good, Query)


def test_readQueries_goesOnAfterANumberThatIsTooLong(tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    amount = json.dumps(row()).replace('"128.50"', "1" * 4301)
    file.write_text(f"{amount}\n{json.dumps(row(channel_ref='A-2'))}\n")
    bad, good = read_queries(file, now=NOW)

    assert bad == BadQuery(1, "app", "A-1", (Problem("amount", "not text"),))
    assert isinstance(good, Query)


@pytest.mark.parametrize(("more", "taken"), [(0, True), (1, False)])
def test_readQueries_takesRowsOfUpTo64KiB(tmp_path: Path, more: int, taken: bool) -> None:
    file = tmp_path / "queries.jsonl"
    line = json.dumps(row()).encode()
    file.write_bytes(line + b" " * (MAX_LINE - len(line) + more) + b"\n" + line)

    assert [isinstance(one, Query) for one in read_queries(file, now=NOW)] == [taken, True]


def test_queryFile_keepsNoneOfARowThatIsTooLong(tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    file.write_bytes(b"x" * 20_000_000)

    tracemalloc.start()
    (bad,) = QueryFile(file, now=NOW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert isinstance(bad, BadQuery)
    assert peak < 2_000_000


def test_readQueries_refusesIfThereIsNoFile(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BadInput, match="can't be read"):
            read_queries(path, now=NOW)


def test_readQueries_takesTheSameRowTwice(tmp_path: Path) -> None:
    same = row(
        card_number="6222-0212-3456-7894", time="2025-03-04T01:15:00Z", serial="506309123456"
    )

    assert all(isinstance(one, Query) for one in _read(tmp_path, row(), same))


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": "128.51"},
        {"customer": {"customer_no": "C-78"}},
        {"process": {"note": "something else"}},
        {"transaction": {"address": "elsewhere"}},
    ],
)
def test_readQueries_refusesOtherContentUnderAUsedKey(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    first, second = _read(tmp_path, row(), row(**changed))

    assert isinstance(first, Query)
    assert isinstance(second, BadQuery)
    assert [one.field for one in second.problems] == ["channel_ref"]


def test_readQueries_letsABadRowUseNothingUp(tmp_path: Path) -> None:
    _, second = _read(tmp_path, row(amount="0"), row())

    assert isinstance(second, Query)


def test_queryFile_isReadAsItsRowsAreAskedFor(tmp_path: Path) -> None:
    file = queries_file(tmp_path, row(), row(channel_ref="A-2"), row(amount="1.00"))
    queries = QueryFile(file, now=NOW)

    assert len(queries) == 3
    assert tuple(queries) == tuple(queries) == read_queries(file, now=NOW)
    rows = iter(queries)
    assert next(rows).channel_ref == "A-1"


def test_queryFile_mayBeAPipe(tmp_path: Path) -> None:
    file = queries_file(tmp_path, row(), row(channel_ref="A-2"))
    pipe, end = os.pipe()
    os.write(end, file.read_bytes())
    os.close(end)

    queries = QueryFile(Path(f"/dev/fd/{pipe}"), now=NOW)
    os.close(pipe)

    assert len(queries) == 2
    assert tuple(queries) == tuple(queries) == read_queries(file, now=NOW)


def test_queryFile_isUnavailableIfTheFileChangesMeanwhile(tmp_path: Path) -> None:
    file = queries_file(tmp_path, row(), row(channel_ref="A-2"))
    queries = QueryFile(file, now=NOW)
    file.write_text("{\n")

    with pytest.raises(Unavailable) as caught:
        list(queries)

    assert caught.value.code == "file-changed"
