"""What every request to a till passes: it asks for the till by a name that is the till's, and a
fault that nobody foresaw gets a page too.

Whoever can open the page works the till, and a browser takes any website's page to where the
website's own name leads (https://en.wikipedia.org/wiki/DNS_rebinding). Such a request comes from
this machine and is of one origin with its page; only the name that it asks for gives it away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterfoil.errors import CounterfoilError, Refused
from counterfoil.web.faults import kind_and_place

_LOG = logging.getLogger("counterfoil.terminal")

ErrorPage = Callable[[CounterfoilError, bool], Response]
"""The page of an error, or its part of a page if htmx asks."""


class Doorway:
    """Around the whole application. ``page``: how errors look; ``names``: hosts by which the till
    is known, beside this machine's own."""

    def __init__(self, app: ASGIApp, page: ErrorPage, names: Collection[str]) -> None:
        self._app = app
        self._page = page
        self._names = {name.strip("[]").lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        part = "hx-request" in headers
        static = scope["path"].startswith("/static/")  # what the page of the refusal is drawn with
        if not static and not self._knows(headers.get("host", "")):
            foreign = Refused("The request is for another host.", code="foreign-host")
            await self._page(foreign, part)(scope, receive, send)
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
                await self._page(error, part)(scope, receive, send)

    def _knows(self, asked: str) -> bool:
        host = host_in(asked)
        return host is not None and (host in self._names or is_loopback(host))


def host_in(authority: str) -> str | None:
    """The host of ``host:port``, in lower case and without brackets; None: there is none."""
    try:
        return urlsplit(f"//{authority}").hostname
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether a host can only be this machine, whatever a name server says."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
