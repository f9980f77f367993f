"""The shape of one row as channels send it, and what is wrong with one of another shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

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
    "string_too_long": "too long",
    "string_pattern_mismatch": "not written as it must be",
    "too_long": "too many",
    "list_type": "not a list",
    "literal_error": "not one of those there are",
    "model_type": "not an object",
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
        found = error.errors(include_url=False, include_context=False, include_input=False)
    return None, [problem_at(one["loc"], _said(one["type"], one["msg"])) for one in found]


def problem_at(location: tuple[int | str, ...], said: str) -> Problem:
    """Under the row's own field. A name that isn't ours may be anything and isn't repeated."""
    field, *inner = (p if _NAME.fullmatch(p := str(part)) else "?" for part in location)
    return Problem(field, f"{'.'.join(inner)}: {said}" if inner else said)


def _said(kind: str, message: str) -> str:
    return _SAID.get(kind, message.removeprefix("Value error, "))
