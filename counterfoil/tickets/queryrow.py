"""The shape of one row as channels send it, and what is wrong with one of another shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails

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
from counterfoil.tickets.fingerprint import Problem

MAX_UPLOADS = 20
_NAME = re.compile(r"[a-z_]{1,32}|[0-9]{1,2}")
_SAID = {
    "missing": "missing",
    "extra_forbidden": "no such field",
    "string_type": "not text",
    "string_unicode": "not text",
    "string_too_short": "empty",
    "string_too_long": "longer than {max_length} characters",
    "too_long": "more than {max_length}",
    "list_type": "not a list",
    "literal_error": "not one of {expected}",
    "model_type": "not an object",
}
WRITTEN = {
    "channel": "not 1 to 32 ASCII letters, digits, '.', '_' or '-', a letter or digit first",
    "merchant_category_code": "not the four digits of ISO 18245",
}


class File(Part):
    """A file to attach, under the name that the case gives it."""

    name: Annotated[Line, AfterValidator(checked_name)]
    path: Line


class Details(Part):
    """``transaction``: what else is known of it."""

    merchant_category_code: Category | None = None
    address: Line | None = None


class Process(Part):
    """``process``."""

    note: Note | None = None
    priority: Priority | None = None


class Row(Part):
    """The whole row. The four fields are text here, whatever it says."""

    channel: Channel
    channel_ref: Line
    card_number: str
    amount: str
    currency: str
    time: str
    serial: str
    customer: Customer
    transaction: Details | None = None
    process: Process | None = None
    attachments: Annotated[list[File], Field(max_length=MAX_UPLOADS)] | None = None


def shaped(document: Mapping[str, Any]) -> tuple[Row | None, list[Problem]]:
    """A row of this shape; or none, and all that is wrong with the shape."""
    try:
        return Row.model_validate(document), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    return None, [problem_at(one["loc"], _said(one)) for one in found]


def problem_at(location: tuple[int | str, ...], said: str) -> Problem:
    """Under the row's own field. A name that isn't ours may be anything and isn't repeated."""
    field, *inner = (p if _NAME.fullmatch(p := str(part)) else "?" for part in location)
    return Problem(field, f"{'.'.join(inner)}: {said}" if inner else said)


def _said(error: ErrorDetails) -> str:
    """In our words, with our own limits; a context's other values may hold what was put in."""
    kind = error["type"]
    if kind == "string_pattern_mismatch":
        return WRITTEN[str(error["loc"][-1])]
    if kind not in _SAID:
        return error["msg"].removeprefix("Value error, ")
    context = error.get("ctx", {})
    return _SAID[kind].format_map({name: context.get(name) for name in ("max_length", "expected")})
