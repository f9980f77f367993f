"""Queries as channels send them: a JSON Lines file, read and checked whole.

A file that isn't UTF-8 or JSON is :class:`BadInput` with the line. A bad row is not: it comes out
as :class:`BadQuery` with its problems, in its place among the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from counterfoil.errors import BadInput
from counterfoil.tickets.casefile import (
    Category,
    Channel,
    Customer,
    Line,
    Note,
    Part,
    Priority,
)
from counterfoil.tickets.filetypes import checked_name
from counterfoil.tickets.fingerprint import Composite, Problem, Typed, instant, normalise
from counterfoil.tickets.uploads import Upload, read_upload

MAX_LINE = 64 * 1024
"""Bytes of one row."""
MAX_UPLOADS = 20
_NAME = re.compile(r"[a-z_]{1,32}|[0-9]{1,2}")
_SAID = {
    "missing": "missing",
    "extra_forbidden": "no such field",
    "string_type": "not text",
    "string_unicode": "not text",
    "string_too_short": "empty",
    "string_too_long": "too long",
    "string_pattern_mismatch": "not written as it must be",
    "too_long": "too many",
    "list_type": "not a list",
    "literal_error": "not one of those there are",
    "model_type": "not an object",
}


class _File(Part):
    name: Annotated[Line, AfterValidator(checked_name)]
    path: Line


class _Details(Part):
    merchant_category_code: Category | None = None
    address: Line | None = None


class _Process(Part):
    note: Note | None = None
    priority: Priority | None = None


class _Row(Part):
    channel: Channel
    channel_ref: Line
    card_number: str
    amount: str
    currency: str
    time: str
    serial: str
    customer: Customer
    transaction: _Details | None = None
    process: _Process | None = None
    attachments: Annotated[list[_File], Field(max_length=MAX_UPLOADS)] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Query:
    """One checked row. ``row`` is its line, from 1."""

    row: int
    channel: str
    channel_ref: str
    composite: Composite
    local_datetime: str
    customer: Customer
    merchant_category_code: str | None
    address: str | None
    note: str | None
    priority: Priority | None
    uploads: tuple[Upload, ...]

    @property
    def key(self) -> tuple[str, str]:
        """The idempotency key: channel and its own reference."""
        return self.channel, self.channel_ref

    def content(self) -> bytes:
        """The row in one canonical spelling. It is in the clear: compare it, don't keep it."""
        composite = self.composite
        return json.dumps(
            [
                [composite.card_number, composite.amount, composite.time, composite.serial],
                self.customer.model_dump(exclude_none=True),
                [self.merchant_category_code, self.address, self.note, *self._priority()],
                [[upload.name, upload.sha256.hex()] for upload in self.uploads],
            ],
            sort_keys=True,
        ).encode()

    def _priority(self) -> list[str]:
        """Nothing if none is given: the content of such a row is what it always was."""
        return [self.priority] if self.priority else []


@dataclass(frozen=True, slots=True)
class BadQuery:
    """A row that can't be taken, and all that is wrong with it."""

    row: int
    channel: str | None
    channel_ref: str | None
    problems: tuple[Problem, ...]


def read_queries(file: Path, *, now: datetime) -> tuple[Query | BadQuery, ...]:
    """The rows of a file, in its order; blank lines are passed over.

    Args:
        file: JSON Lines; attachments are looked up in its folder.
        now: an aware time; see :func:`~counterfoil.tickets.fingerprint.normalise`.

    Raises:
        BadInput: no such file, or one that is not UTF-8 JSON objects, with the line's number.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror}", file=str(file)) from None
    parsed = list(_objects(data, str(file)))
    used: dict[tuple[str, str], bytes] = {}
    rows: list[Query | BadQuery] = []
    for number, document in parsed:
        row = _checked(number, document, file.parent, now)
        if isinstance(row, Query) and used.setdefault(row.key, row.content()) != row.content():
            row = key_is_used(row)
        rows.append(row)
    return tuple(rows)


def key_is_used(query: Query) -> BadQuery:
    """The row as refused because its channel_ref stands for another query already."""
    problem = Problem("channel_ref", "already used by this channel for another query")
    return BadQuery(query.row, query.channel, query.channel_ref, (problem,))


def _objects(data: bytes, file: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if len(line) > MAX_LINE:
            raise BadInput(f"a row of over {MAX_LINE} bytes", file=file, row=number)
        try:
            text = line.decode()
            document = json.loads(text, parse_constant=_no_number) if text.strip() else {}
        except UnicodeDecodeError:
            raise BadInput("not UTF-8", file=file, row=number) from None
        except (ValueError, RecursionError):
            raise BadInput("not JSON", file=file, row=number) from None
        if not isinstance(document, dict):
            raise BadInput("not a JSON object", file=file, row=number)
        if text.strip():
            yield number, document


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity: Python reads them, JSON has none


def _checked(
    number: int, document: Mapping[str, Any], folder: Path, now: datetime
) -> Query | BadQuery:
    row, problems = _shaped(document)
    typed = Typed(*(_text(document.get(field.name)) for field in fields(Typed)))
    composite = normalise(typed, now=now)
    if not isinstance(composite, Composite):
        told = {problem.field for problem in problems}
        problems += [problem for problem in composite if problem.field not in told]
    uploads = (
        [] if row is None else [_upload(folder, n, f) for n, f in enumerate(row.attachments or ())]
    )
    problems += [upload for upload in uploads if isinstance(upload, Problem)]
    if row is None or problems or not isinstance(composite, Composite):
        channel, channel_ref = (document.get(name) for name in ("channel", "channel_ref"))
        return BadQuery(number, _printable(channel), _printable(channel_ref), tuple(problems))
    details = row.transaction or _Details()
    return Query(
        row=number,
        channel=row.channel,
        channel_ref=row.channel_ref,
        composite=composite,
        local_datetime=instant(typed.time, now=now).isoformat(timespec="seconds"),
        customer=row.customer,
        merchant_category_code=details.merchant_category_code,
        address=details.address,
        note=row.process.note if row.process else None,
        priority=row.process.priority if row.process else None,
        uploads=tuple(upload for upload in uploads if isinstance(upload, Upload)),
    )


def _shaped(document: Mapping[str, Any]) -> tuple[_Row | None, list[Problem]]:
    try:
        return _Row.model_validate(document), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    return None, [_problem(one["loc"], _said(one["type"], one["msg"])) for one in found]


def _problem(location: tuple[int | str, ...], said: str) -> Problem:
    """Under the row's own field. A name that isn't ours may be anything and isn't repeated."""
    field, *inner = (p if _NAME.fullmatch(p := str(part)) else "?" for part in location)
    return Problem(field, f"{'.'.join(inner)}: {said}" if inner else said)


def _said(kind: str, message: str) -> str:
    return _SAID.get(kind, message.removeprefix("Value error, "))


def _upload(folder: Path, place: int, file: _File) -> Upload | Problem:
    try:
        return read_upload(folder, file.name, file.path)
    except BadInput as error:
        return _problem(("attachments", place, "path"), error.message)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _printable(value: object) -> str | None:
    """What a channel can find its row by, if it gave anything of the kind."""
    text = _text(value).strip()
    return text if 0 < len(text) <= 200 and text.isprintable() else None
