"""Cells of the files that banks and tills write: text and whole numbers."""

from __future__ import annotations

import re

from counterfoil.errors import BadInput

_MAX_TEXT = 255
_SHOWN = re.compile(r"[0-9.,:+TZ-]{1,12}", re.ASCII)  # too short for a card's number, no name


def text(value: str, field: str, row: int = 0) -> str:
    """1 to 255 printable characters.

    Raises:
        BadInput: names the field, and the row if there is one; never the value.
    """
    if not value or len(value) > _MAX_TEXT or not value.isprintable():
        raise BadInput(f"is not 1 to {_MAX_TEXT} printable characters", row=row, field=field)
    return value


def whole(value: str, field: str, bits: int, *, least: int = 0, row: int = 0) -> int:
    """A whole number from ``least`` to 2^``bits`` - 1, in ASCII digits.

    Raises:
        BadInput: names the field, the row if there is one, and a value that :func:`shown` shows.
    """
    most = 2**bits - 1
    digits = value.isascii() and value.isdigit() and len(value) <= 20
    if not digits or not least <= int(value) <= most:
        problem = f"is not a whole number from {least} to {most}{shown(value)}"
        raise BadInput(problem, row=row, field=field)
    return int(value)


def shown(value: str) -> str:
    """The end of a message about ``value``: the value itself, if it looks like a mistyped number.

    A cell that slipped in from another column may be a customer's, so nothing else is repeated.
    """
    return f": {value!r}" if _SHOWN.fullmatch(value) else ""
