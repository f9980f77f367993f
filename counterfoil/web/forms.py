"""What a browser's form sends, read with limits and without a library for uploads."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

from counterfoil.errors import BadInput, Refused
from counterfoil.web.security import check_same_origin

MAX_BODY = 32 * 1024
MAX_FIELDS = 200


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a posted form, each once; of one that came twice the last.

    Raises:
        BadInput: not a form in UTF-8, or too many fields.
        Refused: too large, or from another site's page.
    """
    check_same_origin(request.headers)
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise Refused(f"The form is over {MAX_BODY} bytes.", code="too-large")
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError as error:
        raise BadInput("not a form in UTF-8", field="the form") from error
    return dict(pairs)
