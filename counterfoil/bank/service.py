"""The node as a web service: the routes, and what all of them share.

Every request gets an id, a limit on its body's size and time, one line in the log, and its place
in the metrics. The line names the route's template, never the path, which may name a customer or
hold a token.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterfoil import __version__
from counterfoil.bank import (
    pages,
    problems,
    routes_channel,
    routes_links,
    routes_open,
    routes_orders,
)
from counterfoil.bank.hub import Hub
from counterfoil.bank.node import BankNode
from counterfoil.bank.telemetry import Telemetry, log, log_to_stderr
from counterfoil.errors import CounterfoilError, Unavailable
from counterfoil.web.punctual import punctual

MAX_BODY = 4 * 1024 * 1024
"""Bytes of one request: 1,000 orders of a few lines with all their types take half of it."""
_SWITCH = 0.001  # seconds that a thread keeps the others waiting: an order passes six on its way
_THREADS = 32  # that wait for the chain or the database
_LAST_WORDS = 3  # seconds for answers that are on their way when the service is ended


def application(node: BankNode) -> FastAPI:
    """The service of one bank."""

    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        aside = ThreadPoolExecutor(_THREADS, thread_name_prefix="aside")
        asyncio.get_running_loop().set_default_executor(aside)
        hub = Hub(node.book, node.telemetry, node.settings.listeners)
        app.state.hub = hub
        running = asyncio.create_task(hub.run())
        node.start(hub.ended)
        try:
            yield
        finally:
            await asyncio.to_thread(node.stop)
            running.cancel()

    app = FastAPI(
        title=f"Counterfoil bank node: {node.desk.bank}",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
    )
    app.state.node = node
    app.include_router(pages.router())
    for routes in (routes_orders, routes_channel, routes_links, routes_open):
        app.include_router(routes.router)
    app.add_exception_handler(CounterfoilError, _ours)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _others)
    app.add_middleware(Doorway, telemetry=node.telemetry, seconds=node.settings.body_seconds)
    return app


def configured(node: BankNode, host: str, port: int) -> uvicorn.Config:
    """How the service is run at an address."""
    return uvicorn.Config(
        application(node),
        host=host,
        port=port,
        http=punctual(node.settings.head_seconds),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_LAST_WORDS,
        backlog=4096,
        server_header=False,
    )


def serve(node: BankNode, host: str, port: int) -> None:
    """Answer at this address until the process is asked to end."""
    log_to_stderr()
    sys.setswitchinterval(_SWITCH)
    uvicorn.Server(configured(node, host, port)).run()


class Doorway:
    """What every request passes: its id, its limits, its line in the log."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, seconds: float) -> None:
        self._app = app
        self._telemetry = telemetry
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = problems.new_request_id()
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.monotonic()
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                    (b"cache-control", b"no-store"),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        try:
            await self._pass(scope, receive, sent, request_id)
        except Exception as error:
            self._telemetry.failed("request", error)
            if status:
                raise  # too late for an answer: the connection ends
            fault = Unavailable("an internal error", code="internal", fix="See the node's log.")
            status = 500
            answer = problems.told(500, "An internal error.", fault.code, request_id, fix=fault.fix)
            await answer(scope, receive, sent)
        finally:
            self._note(scope, status, time.monotonic() - began, request_id)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                body = await _body(receive)
        except TimeoutError:
            error = problems.refused("too-slow", f"The body took over {self._seconds:g} s.")
            await problems.problem(error, request_id)(scope, receive, send)
            return
        except CounterfoilError as error:
            await problems.problem(error, request_id)(scope, receive, send)
            return
        told = False

        async def again() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if route != "none" else "none"
        self._telemetry.requests.labels(method, route, str(status)).inc()
        self._telemetry.seconds.labels(method, route).observe(seconds)
        who = scope["state"].get("caller", "")
        told = {"method": method, "route": route, "status": status, "caller": who}
        ms = round(seconds * 1000, 1)
        log(logging.INFO, "request", request_id=request_id, ms=ms, **told)


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


async def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, CounterfoilError):
        raise error
    return problems.problem(error, request.state.request_id)


async def _misread(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    return problems.misread(found, request.state.request_id)


async def _others(request: Request, error: Exception) -> Response:
    """Of the framework itself: no such route, another method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    code = {404: "not-found", 405: "method-not-allowed"}.get(status, "bad-request")
    detail = str(error.detail) if isinstance(error, HTTPException) else ""
    told = dict(headers) if headers else None
    return problems.told(status, detail, code, request.state.request_id, headers=told)


_DESCRIPTION = """\
A bank's points for its terminals, its own channel and its customers.

A terminal signs each request with the key that signs its orders (EIP-191 over chain id, ledger,
method, path, body's SHA-256, time and nonce, a line each after `counterfoil/bank/1`), in the
headers `counterfoil-terminal`, `counterfoil-time`, `counterfoil-nonce`, `counterfoil-signature`.
The bank's own channel sends its key as `Authorization: Bearer`. Customers come by links.
Cash is a decimal string; times are ISO 8601 in UTC; errors are problem details (RFC 9457)."""
