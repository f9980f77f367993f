"""Queries as channels send them: a JSON Lines file, read and checked whole.

A file that isn't UTF-8 or JSON is :class:`BadInput` with the line. A bad row is not: it comes out
as :class:`BadQuery` with its problems, in its place among the others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from counterfoil.errors import BadInput, Unavailable
from counterfoil.files import copied
from counterfoil.tickets.casefile import (
    Customer,
    Priority,
)
from counterfoil.tickets.fingerprint import Composite, Problem, Typed, instant, normalise
from counterfoil.tickets.querylines import Line, read_lines, unreadable
from counterfoil.tickets.queryrow import Details, File, problem_at, shaped
from counterfoil.tickets.uploads import Upload, read_upload


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


class QueryFile:
    """A file of queries: read once and checked when this is made, and once more for its rows.

    Between the two nothing of it is kept but the number of its rows, so it may be of any length.

    Args:
        file: JSON Lines, or a pipe of them; attachments are looked up in its folder. Blank lines
            are passed over.
        now: an aware time; see :func:`~counterfoil.tickets.fingerprint.normalise`.

    Raises:
        BadInput: no such file, or one that is not UTF-8 JSON objects, with the line's number.
    """

    def __init__(self, file: Path, *, now: datetime) -> None:
        self._file = file
        self._now = now
        try:
            self._copy = copied(file)
        except OSError as error:
            raise unreadable(file, error) from None
        self._count = sum(1 for _ in read_lines(file, self._copy))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Query | BadQuery]:
        """The rows in the file's order; of a key and what it stood for first, a hash is kept."""
        used: dict[bytes, bytes] = {}
        for line in self._again():
            row = _checked(line, self._file.parent, self._now)
            if isinstance(row, Query):
                key, content = (_hash(part) for part in (repr(row.key).encode(), row.content()))
                if used.setdefault(key, content) != content:
                    row = key_is_used(row)
            yield row

    def _again(self) -> Iterator[Line]:
        try:
            yield from read_lines(self._file, self._copy)
        except BadInput:
            raise Unavailable(
                "the file was changed while its queries were opened",
                fix="Run again with the whole file.",
                code="file-changed",
            ) from None


def read_queries(file: Path, *, now: datetime) -> tuple[Query | BadQuery, ...]:
    """All rows of a file; arguments and errors as those of :class:`QueryFile`."""
    return tuple(QueryFile(file, now=now))


def key_is_used(query: Query) -> BadQuery:
    """The row as refused because its channel_ref stands for another query already."""
    problem = Problem("channel_ref", "already used by this channel for another query")
    return BadQuery(query.row, query.channel, query.channel_ref, (problem,))


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _checked(line: Line, folder: Path, now: datetime) -> Query | BadQuery:
    document = line.document
    channel, channel_ref = (_printable(document.get(one)) for one in ("channel", "channel_ref"))
    if line.problems:
        return BadQuery(line.number, channel, channel_ref, line.problems)
    row, problems = shaped(document)
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
        return BadQuery(line.number, channel, channel_ref, tuple(problems))
    details = row.transaction or Details()
    return Query(
        row=line.number,
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


def _upload(folder: Path, place: int, file: File) -> Upload | Problem:
    try:
        return read_upload(folder, file.name, file.path)
    except BadInput as error:
        return problem_at(("attachments", place, "path"), error.message)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _printable(value: object) -> str | None:
    """What a channel can find its row by, if it gave anything of the kind."""
    text = _text(value).strip()
    return text if 0 < len(text) <= 200 and text.isprintable() else None
