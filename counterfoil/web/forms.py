"""What a browser's form sends, read with limits and without a library for uploads."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

from counterfoil.errors import BadInput, Refused
from counterfoil.web.security import check_same_origin

MAX_BODY = 32 * 1024
MAX_FIELDS = 200
SHORT_FIELD = 64
"""Bytes of a field with a short name and a number."""


async def form_of(request: Request) -> Mapping[str, str]:
    """As :func:`read_form`, where nobody else's address leads here."""
    return await read_form(request)


async def read_form(request: Request, address: str = "", more: int = 0) -> Mapping[str, str]:
    """The fields of a posted form, each once; of one that came twice the last.

    Args:
        address: where our pages are for browsers, if a proxy may tell us another.
        more: short fields that it may have beside the usual number.

    Raises:
        BadInput: not a form in UTF-8, or too many fields.
        Refused: too large, or from another site's page.
    """
    check_same_origin(request.headers, address)
    most = MAX_BODY + more * SHORT_FIELD
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise Refused(f"The form is over {most} bytes.", code="too-large")
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS + more
        )
    except ValueError as error:
        raise BadInput("not a form in UTF-8", field="the form") from error
    return dict(pairs)
