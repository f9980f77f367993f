"""Reading queries: the file as a whole, each row, and the files beside it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.errors import BadInput
from counterfoil.tickets.attachments import MAX_ATTACHMENT
from counterfoil.tickets.queries import BadQuery, Query, read_queries
from counterfoil.tickets.queryrow import MAX_UPLOADS, WRITTEN, Row
from tests.support.cases import NOW, queries_file, row


def _read(folder: Path, *rows: dict[str, Any]) -> list[Query | BadQuery]:
    return list(read_queries(queries_file(folder, *rows), now=NOW))


def _fields(result: Query | BadQuery) -> list[str]:
    assert isinstance(result, BadQuery)
    return [problem.field for problem in result.problems]


def test_readQueries_readsWhatAChannelSends(tmp_path: Path) -> None:
    (tmp_path / "slip.png").write_bytes(b"a slip")
    (query,) = _read(
        tmp_path,
        row(
            transaction={"merchant_category_code": "5812", "address": "12 Harbour Road"},
            process={"note": "not mine"},
            attachments=[{"name": "slip.png", "path": "./slip.png"}],
        ),
    )

    assert isinstance(query, Query)
    assert (query.row, query.key) == (1, ("app", "A-1"))
    assert query.composite.amount == "CNY:12850"
    assert query.local_datetime == "2025-03-04T09:15:00+08:00"
    assert (query.merchant_category_code, query.address) == ("5812", "12 Harbour Road")
    assert query.note == "not mine"
    assert query.uploads[0].read() == b"a slip"


def test_readQueries_takesANoteWithTheLineEndsOfAWebForm(tmp_path: Path) -> None:
    form, plain = _read(
        tmp_path, row(process={"note": "one\r\ntwo"}), row(process={"note": "one\ntwo"})
    )

    assert isinstance(form, Query)
    assert form.note == "one\ntwo"
    assert isinstance(plain, Query)  # the same query under the same key


def test_readQueries_takesNullForAFieldThatMayBeMissing(tmp_path: Path) -> None:
    missing = {"transaction": None, "process": None, "attachments": None}

    assert isinstance(_read(tmp_path, row(**missing))[0], Query)


@pytest.mark.parametrize(
    "field",
    ["channel", "channel_ref", "card_number", "amount", "currency", "time", "serial", "customer"],
)
def test_readQueries_namesAMissingFieldOnce(tmp_path: Path, field: str) -> None:
    assert _fields(_read(tmp_path, row(**{field: ...}))[0]) == [field]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": 128.5}, "amount"),
        ({"card_number": 6222021234567894}, "card_number"),
        ({"channel": "the app"}, "channel"),
        ({"channel": "a" * 33}, "channel"),
        ({"channel_ref": " "}, "channel_ref"),
        ({"channel_ref": "a\x00"}, "channel_ref"),
        ({"channel_ref": "\ud800"}, "channel_ref"),
        ({"customer": {}}, "customer"),
        ({"customer": {"name": ""}}, "customer"),
        ({"customer": {"customer_no": "C-1", "shoe_size": "44"}}, "customer"),
        ({"customer": "Lin Wei"}, "customer"),
        ({"transaction": {"merchant_category_code": "58"}}, "transaction"),
        ({"process": {"note": "x" * 4001}}, "process"),
        ({"process": {"note": "one\rtwo"}}, "process"),
        ({"urgency": "high"}, "urgency"),
        ({"attachments": {}}, "attachments"),
        ({"attachments": [{"name": "a", "path": "a"}] * (MAX_UPLOADS + 1)}, "attachments"),
    ],
)
def test_readQueries_namesTheFieldThatCantBeTaken(
    tmp_path: Path, changed: dict[str, Any], field: str
) -> None:
    assert _fields(_read(tmp_path, row(**changed))[0]) == [field]


def test_readQueries_namesEveryProblemOfARow(tmp_path: Path) -> None:
    (bad,) = _read(tmp_path, row(channel="?", amount="0", serial="?", customer={}))

    assert _fields(bad) == ["channel", "customer", "amount", "serial"]


def test_readQueries_repeatsNoValue(tmp_path: Path) -> None:
    secret = "4111111111111112"
    customer = {"name": secret * 20, secret: secret}
    fields = dict.fromkeys(
        ["card_number", "amount", "currency", "time", "serial", "process"], secret
    )
    (bad,) = _read(tmp_path, row(customer=customer, **fields, **{secret: secret}))

    assert isinstance(bad, BadQuery)
    assert len(bad.problems) >= 7
    assert secret not in repr(bad)


def test_readQueries_normalisesTheExamplesAsExpected() -> None:
    expected = json.loads((ROOT / "examples/queries.expected.json").read_text(encoding="utf-8"))
    rows = read_queries(ROOT / "examples/queries.jsonl", now=datetime.now(UTC))

    assert [asdict(one.composite) if isinstance(one, Query) else None for one in rows] == [
        one["normalised"] for one in expected
    ]


def _attached(folder: Path, path: str) -> Query | BadQuery:
    return _read(folder, row(attachments=[{"name": "slip", "path": path}]))[0]


def test_attachment_staysInTheFoldersOfTheFile(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("not for them")
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "ring").symlink_to(inside / "ring")
    (inside / "sub").mkdir()

    absolute = str(tmp_path / "secret")
    for path in ("../secret", "link", absolute, "sub", "missing", "ring", "sub/../../secret", "."):
        assert _fields(_attached(inside, path)) == ["attachments"]


def test_attachment_mayBeALinkWithinTheFolder(tmp_path: Path) -> None:
    (tmp_path / "slip").write_text("a slip")
    (tmp_path / "link").symlink_to(tmp_path / "slip")

    assert isinstance(_attached(tmp_path, "link"), Query)


@pytest.mark.parametrize(("size", "taken"), [(MAX_ATTACHMENT, True), (MAX_ATTACHMENT + 1, False)])
def test_attachment_hasUpTo25Megabytes(tmp_path: Path, size: int, taken: bool) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(size)

    assert isinstance(_attached(tmp_path, "large"), Query) == taken


@pytest.mark.parametrize(
    "name", ["../slip", "a/b", "a\\b", "..", "slip\u202egnp.exe", "a\tb", "a\x00"]
)
def test_attachment_refusesNamesThatLeadElsewhere(tmp_path: Path, name: str) -> None:
    (tmp_path / "slip").write_text("a slip")

    (result,) = _read(tmp_path, row(attachments=[{"name": name, "path": "slip"}]))
    assert _fields(result) == ["attachments"]


def test_attachment_mayBeEmpty(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    query = _attached(tmp_path, "empty")

    assert isinstance(query, Query)
    assert (query.uploads[0].size, query.uploads[0].read()) == (0, b"")


def test_attachment_refusesWhatIsNoPlainFile(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # reading it would never end

    assert _fields(_attached(tmp_path, "pipe")) == ["attachments"]


def test_upload_refusesIfTheFileChangedSince(tmp_path: Path) -> None:
    (tmp_path / "slip").write_text("a slip")
    query = _attached(tmp_path, "slip")
    (tmp_path / "slip").write_text("another")

    assert isinstance(query, Query)
    with pytest.raises(BadInput):
        query.uploads[0].read()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"channel": "the app"}, "not 1 to 32 ASCII letters, digits, '.', '_' or '-'"),
        ({"channel_ref": "x" * 201}, "longer than 200 characters"),
        ({"transaction": {"merchant_category_code": "58"}}, "not the four digits of ISO 18245"),
        ({"process": {"priority": "now"}}, "not one of 'urgent', 'high', 'normal' or 'low'"),
        ({"attachments": [{"name": "a", "path": "a"}] * (MAX_UPLOADS + 1)}, "more than 20"),
    ],
)
def test_readQueries_tellsWhatAFieldMayBe(
    tmp_path: Path, changed: dict[str, Any], told: str
) -> None:
    (bad,) = _read(tmp_path, row(**changed))

    assert isinstance(bad, BadQuery)
    assert told in bad.problems[0].problem


def test_queryRow_saysHowEachFieldWithAPatternIsWritten() -> None:
    schema = Row.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    patterns = {
        name
        for part in parts
        for name, field in part.get("properties", {}).items()
        if "'pattern'" in str(field)
    }

    assert patterns == set(WRITTEN)
