"""Users' files, read whole and checked before use; ours, put in place whole."""

from __future__ import annotations

import csv
import errno
import json
import os
import sys
import tomllib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile, mkstemp
from typing import IO, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from counterfoil.errors import BadInput

STDIN = Path("/dev/stdin")
Model = TypeVar("Model", bound=BaseModel)

_SAID = {
    "extra_forbidden": "no such field",
    "string_type": "is not text in quotes",
    "int_type": "is not a whole number",
    "model_type": "is not a table",
    "dict_type": "is not a table",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is more than {le}",
    "less_than": "is not less than {lt}",
    "string_pattern_mismatch": "is not of the form {pattern}",
}


def read_text(file: Path) -> str:
    """A UTF-8 file without its byte order mark.

    Raises:
        BadInput: missing, unreadable, or not UTF-8 (with the line).
    """
    try:
        with _source(file) as stream:
            raw = stream.read()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise BadInput(f"can't be read: {reason}", file=str(file)) from error
    raw = raw.removeprefix(BOM_UTF8)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadInput("not UTF-8", file=str(file), row=line, fix="Save it as UTF-8.") from error


def mark(file: Path) -> tuple[int, int, int] | None:
    """What tells a file as it is now from what it was before or becomes: when it was written, its
    size, its inode. None if it isn't there."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def put(file: Path, content: bytes, mode: int = 0o600) -> None:
    """Put a file in place, whole or not at all; of two writers at once the last one's stays.

    The folder is made if it isn't there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = mkstemp(dir=file.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            os.fchmod(stream.fileno(), mode)
        Path(draft).replace(file)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def read_toml(file: Path, model: type[Model]) -> Model:
    """A TOML file as a checked model.

    Raises:
        BadInput: not TOML, or a field that is missing, unknown or out of range.
    """
    try:
        values = tomllib.loads(read_text(file))
    except (ValueError, RecursionError) as error:  # numbers too long, too deep
        raise BadInput(f"not TOML: {error}", file=str(file)) from error
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(_in_words(first), file=str(file), field=field) from None


def _in_words(error: ErrorDetails) -> str:
    """What is wrong with a value of a user's file, and the value unless it is missing."""
    kind, got = error["type"], f" (got {error['input']!r:.60})"
    if kind == "missing":
        return "is missing"
    if kind not in _SAID:
        return str(error["msg"]).removeprefix("Value error, ") + got
    limits = {name: str(value).strip("^$") for name, value in error.get("ctx", {}).items()}
    return _SAID[kind].format_map(limits) + got


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a CSV file and the line on which it ends. ``whole``: it has every column."""

    line: int
    values: dict[str, str]
    whole: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file; ``ignored`` are columns that nobody asked for."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...]


def read_csv(file: Path, required: Sequence[str], optional: Iterable[str] = ()) -> Table:
    """A CSV file with a header. Values come trimmed; empty lines don't count.

    Raises:
        BadInput: no header, a required column is missing or doubled, or not CSV (with the line).
    """
    reader = csv.reader(StringIO(read_text(file), newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        known = (*required, *optional)
        for name in known:
            if header.count(name) > 1 or (name in required and name not in header):
                problem = "is missing" if name not in header else "stands twice"
                fix = f"The first line names the columns: {','.join(required)}."
                raise BadInput(f"column {problem}", file=str(file), row=1, field=name, fix=fix)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                values = {
                    name: cell.strip()
                    for name, cell in zip(header, cells, strict=False)
                    if name in known
                }
                rows.append(Row(reader.line_num, values, len(cells) == len(header)))
    except csv.Error as error:
        raise BadInput(f"not CSV: {error}", file=str(file), row=reader.line_num) from error
    return Table(tuple(rows), tuple(name for name in header if name not in known))


def read_jsonl(file: Path) -> list[tuple[int, object]]:
    """The values of a JSON Lines file with their line numbers; empty lines don't count.

    Raises:
        BadInput: unreadable, or a line isn't UTF-8 or JSON (with its number).
    """
    return list(stream_jsonl(file))


def stream_jsonl(file: Path) -> Iterator[tuple[int, object]]:
    """As :func:`read_jsonl`, one value at a time. All lines are checked before the first is given:
    the file is read twice, and what can't be, such as a pipe, is copied first.

    Raises:
        BadInput: unreadable, or a line isn't UTF-8 or JSON (with its number).
    """
    try:
        stream = copied(file) or file.open("rb")
        for _ in _json_lines(stream, file):
            pass
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise BadInput(f"can't be read: {reason}", file=str(file)) from error
    return _again(stream, file)


def copied(file: Path) -> IO[bytes] | None:
    """A copy, without a name, of what can be read only once, such as a pipe; None of other files.

    Raises:
        OSError: it can't be read.
    """
    with _source(file) as stream:
        if file != STDIN and stream.seekable():
            return None
        copy = TemporaryFile()  # noqa: SIM115  whoever reads it closes it
        copyfileobj(stream, copy)
    copy.seek(0)
    return copy


def _source(file: Path) -> AbstractContextManager[IO[bytes]]:
    """Standard input as it was given to us: not everyone who holds it may open it anew, and a part
    of it may have been read before."""
    if file != STDIN:
        return file.open("rb")
    if sys.stdin is None:  # closed
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return nullcontext(sys.stdin.buffer)


def _again(stream: IO[bytes], file: Path) -> Iterator[tuple[int, object]]:
    with stream:
        stream.seek(0)
        yield from _json_lines(stream, file)


def _json_lines(stream: IO[bytes], file: Path) -> Iterator[tuple[int, object]]:
    for number, raw in enumerate(stream, start=1):
        line = raw.removeprefix(BOM_UTF8) if number == 1 else raw
        if not line.strip():
            continue
        try:
            yield number, json.loads(line.decode())
        except UnicodeDecodeError as error:
            fix = "Save it as UTF-8."
            raise BadInput("not UTF-8", file=str(file), row=number, fix=fix) from error
        except (ValueError, RecursionError) as error:
            raise BadInput("not JSON", file=str(file), row=number) from error
