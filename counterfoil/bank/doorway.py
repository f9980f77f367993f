"""What every request passes: its id, its limits, its line in the log.

The line names the route's template, never the path, which may name a customer or hold a token.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterfoil.bank import problems
from counterfoil.bank.telemetry import REQUEST, Telemetry, log
from counterfoil.errors import CounterfoilError

MAX_BODY = 4 * 1024 * 1024
"""Bytes of one request: 1,000 orders of a few lines with all their types take half of it."""

_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
"""Of every answer that doesn't say otherwise."""

Lane = Callable[[Request], Awaitable[Response]]
LaneOf = Callable[[Scope], tuple[str, Lane] | None]
Word = Callable[[str, CounterfoilError, str], Response]
"""The answer that tells of an error: to whom is known by the path, with the request's id."""


class Doorway:
    """What every request passes: its id, its limits, its line in the log."""

    def __init__(
        self,
        app: ASGIApp,
        telemetry: Telemetry,
        seconds: float,
        lane_of: LaneOf,
        word: Word,
    ) -> None:
        """``seconds``: that a body may take; ``lane_of``: the route that is taken past the
        framework, and its lane, if any is."""
        self._app = app
        self._lane_of = lane_of
        self._telemetry = telemetry
        self._seconds = seconds
        self._word = word

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = problems.new_request_id()
        scope.setdefault("state", {})["request_id"] = request_id
        REQUEST.set(request_id)
        began = time.monotonic()
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = [(b"x-request-id", request_id.encode()), *_HEADERS]
                theirs = list(message.get("headers", ()))
                known = {name.lower() for name, _ in theirs}
                message["headers"] = theirs + [one for one in own if one[0] not in known]
            await send(message)

        try:
            await self._pass(scope, receive, sent, request_id)
        except Exception as error:
            self._telemetry.failed("request", error)
            if status:
                raise  # too late for an answer: the connection ends
            fault = problems.refused("internal", "An internal error.", "See the node's log.")
            await self._word(scope["path"], fault, request_id)(scope, receive, sent)
        finally:
            self._note(scope, status, time.monotonic() - began)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                body = await _body(receive)
        except TimeoutError:
            error = problems.refused("too-slow", f"The body took over {self._seconds:g} s.")
            await self._word(scope["path"], error, request_id)(scope, receive, send)
            return
        except CounterfoilError as error:
            await self._word(scope["path"], error, request_id)(scope, receive, send)
            return
        told = False

        async def again() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        found = self._lane_of(scope)
        if found is None:
            await self._app(scope, again, send)
            return
        scope["state"]["route"], lane = found
        await (await lane(Request(scope, again)))(scope, again, send)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        known = getattr(scope.get("route"), "path", "none")
        route = scope["state"].get("route", known)
        method = scope["method"] if route != "none" else "none"
        self._telemetry.requests.labels(method, route, str(status)).inc()
        self._telemetry.seconds.labels(method, route).observe(seconds)
        who = scope["state"].get("caller", "")
        told = {"method": method, "route": route, "status": status, "caller": who}
        ms = round(seconds * 1000, 1)
        log(logging.INFO, "request", ms=ms, **told)


async def _body(receive: Receive) -> bytes:
    pieces = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""  # it is gone: whatever is answered, nobody hears it
        piece = message.get("body", b"")
        size += len(piece)
        if size > MAX_BODY:
            raise problems.refused("too-large", f"The body is over {MAX_BODY} bytes.", "Split it.")
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)
