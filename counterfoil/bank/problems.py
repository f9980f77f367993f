"""Errors as a client of the node sees them: problem details (RFC 9457)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

from counterfoil.bank.wire import Problem
from counterfoil.errors import BadInput, CounterfoilError, Refused, Unavailable

STATUS = {
    "not-authenticated": 401,
    "not-allowed": 403,
    "not-found": 404,
    "link-ended": 410,
    "too-large": 413,
    "head-too-large": 431,
    "method-not-allowed": 405,
    "bad-request": 400,
    "internal": 500,
    "too-slow": 408,
    "too-many": 429,
}
_LONGEST = 100  # characters of a field's name
_TYPES = "urn:counterfoil:problem:"


def refused(code: str, detail: str, fix: str = "") -> Refused:
    """An error of the node's own."""
    return Refused(detail, code=code, fix=fix)


def not_found(what: str) -> Refused:
    """The same answer for what isn't there and for what is another's."""
    return refused("not-found", f"There is no such {what} for you.")


def status_of(error: CounterfoilError) -> int:
    """The HTTP status of an error."""
    if error.code in STATUS:
        return STATUS[error.code]
    if isinstance(error, BadInput):
        return 422
    if isinstance(error, Refused):
        return 409
    return 503 if isinstance(error, Unavailable) else 500


def code_of(status: int) -> str:
    """The code of what isn't an error of ours, by its status."""
    return next((code for code, one in STATUS.items() if one == status), "bad-request")


def problem(error: CounterfoilError, request_id: str) -> JSONResponse:
    """The error as the client gets it."""
    status = status_of(error)
    field = error.field if isinstance(error, BadInput) else ""
    message = error.problem if isinstance(error, BadInput) else error.message
    fix = error.fix
    if isinstance(error, Unavailable):  # which part is no client's business
        message, fix = "A part that this needs doesn't answer.", "Send the same again later."
    headers = {"Retry-After": "1"} if status in (429, 503) else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return told(status, message, error.code, request_id, field=field, fix=fix, headers=headers)


def told(
    status: int,
    detail: str,
    code: str,
    request_id: str,
    *,
    field: str = "",
    fix: str = "",
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document."""
    body = Problem(
        type=_TYPES + code,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        field=field or None,
        fix=fix or None,
        request_id=request_id,
    )
    return JSONResponse(body.model_dump(), status, headers, media_type="application/problem+json")


def misread(errors: Sequence[Any], request_id: str) -> JSONResponse:
    """What pydantic found, without what it found it in."""
    first = errors[0] if errors else {"loc": (), "msg": "can't be read"}
    place = [str(part) for part in first["loc"] if part not in ("body", "path", "query", "header")]
    fix = "See /openapi.json for what this route takes."
    field = ".".join(place)[:_LONGEST]  # a key that shouldn't be there is as long as it likes
    return told(422, str(first["msg"]), "bad-input", request_id, field=field, fix=fix)


def new_request_id() -> str:
    """An id for one request."""
    return secrets.token_hex(8)
