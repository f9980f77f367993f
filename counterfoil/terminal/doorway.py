"""What every request to a till passes: a fault that nobody foresaw gets a page too."""

from __future__ import annotations

import logging
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterfoil.errors import CounterfoilError
from counterfoil.web.faults import kind_and_place

_LOG = logging.getLogger("counterfoil.terminal")

ErrorPage = Callable[[CounterfoilError, bool], Response]
"""The page of an error, or its part of a page if htmx asks."""


class Doorway:
    """Around the whole application. ``page``: how errors look."""

    def __init__(self, app: ASGIApp, page: ErrorPage) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as fault:  # its words may name a customer: only kind and place are told
            _LOG.error("a fault of the till's own: %s", kind_and_place(fault))
            if not begun:  # else the answer stops short, which ends the connection
                error = CounterfoilError("A fault of the till's own.", code="fault")
                page = self._page(error, "hx-request" in Headers(scope=scope))
                await page(scope, receive, send)
