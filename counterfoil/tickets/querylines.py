"""The lines of a file of queries: one JSON object each, and none of them kept longer than it is
looked at."""

from __future__ import annotations

import json
from codecs import BOM_UTF8, getincrementaldecoder
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from counterfoil.errors import BadInput
from counterfoil.tickets.fingerprint import Problem
from counterfoil.tickets.queryrow import problem_at

MAX_LINE = 64 * 1024
"""Bytes of one row."""
_TOO_LONG = Problem("row", f"over {MAX_LINE} bytes")


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """A line that isn't blank, by its number; with problems, its document can't be relied on."""

    number: int
    document: dict[str, Any]
    problems: tuple[Problem, ...] = ()


def read_lines(file: Path, copy: IO[bytes] | None) -> Iterator[Line]:
    """The file's rows, one after another.

    Args:
        file: for messages; read if there is no ``copy``.
        copy: the same bytes, of a file that can't be read twice.

    Raises:
        BadInput: unreadable, or a line that is not a UTF-8 JSON object, with its number.
    """
    for number, line in _lines(file, copy):
        if line is None:
            yield Line(number, {}, (_TOO_LONG,))
            continue
        try:
            text = line.decode()
            document, problems = _parsed(text) if text.strip() else ({}, ())
        except UnicodeDecodeError:
            raise _not_utf8(file, number) from None
        except (ValueError, RecursionError):
            raise BadInput("not JSON", file=str(file), row=number) from None
        if not isinstance(document, dict):
            raise BadInput("not a JSON object", file=str(file), row=number)
        if text.strip():
            yield Line(number, document, problems)


def unreadable(file: Path, error: OSError) -> BadInput:
    """The file can't be read for this reason."""
    reason = (error.strerror or "unreadable").lower()
    return BadInput(f"can't be read: {reason}", file=str(file))


def _lines(file: Path, copy: IO[bytes] | None) -> Iterator[tuple[int, bytes | None]]:
    """Its lines without their ends, from 1; of one that is too long nothing."""
    number = 0
    try:
        with nullcontext(copy) if copy else file.open("rb") as data:
            data.seek(0)
            mark = len(BOM_UTF8) if data.read(len(BOM_UTF8)) == BOM_UTF8 else 0
            data.seek(mark)  # some editors begin a file with it
            while line := data.readline(MAX_LINE + 2):
                number += 1
                whole = line.removesuffix(b"\n")
                if len(whole) > MAX_LINE:
                    _pass_over(line, data)
                yield number, whole if len(whole) <= MAX_LINE else None
    except UnicodeDecodeError:
        raise _not_utf8(file, number) from None
    except OSError as error:
        raise unreadable(file, error) from None


def _pass_over(start: bytes, data: IO[bytes]) -> None:
    """Read a line that begins so to its end, a piece at a time; it is UTF-8 all the same."""
    decoder = getincrementaldecoder("utf-8")()
    piece = start
    while piece and not piece.endswith(b"\n"):
        decoder.decode(piece)
        piece = data.readline(MAX_LINE)
    decoder.decode(piece, final=True)


def _not_utf8(file: Path, number: int) -> BadInput:
    return BadInput("not UTF-8", file=str(file), row=number)


def _parsed(text: str) -> tuple[object, tuple[Problem, ...]]:
    """The JSON value, and the names that one of its objects gives twice: Python would take the last
    one, others the first."""
    twice: dict[Problem, None] = {}

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            names = [name for name, count in counts.items() if count > 1]
            twice.update((problem_at((name,), "given more than once"), None) for name in names)
        return found

    # No field is a number, and a float is read from however many digits.
    value = json.loads(text, object_pairs_hook=once, parse_int=float, parse_constant=_no_number)
    return value, tuple(twice)


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity: Python reads them, JSON has none
