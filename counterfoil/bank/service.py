"""The node as a web service: its routes, its errors, and how it is run."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from counterfoil import __version__
from counterfoil.bank import (
    lane,
    pages,
    problems,
    routes_channel,
    routes_links,
    routes_open,
    routes_orders,
)
from counterfoil.bank.description import ANYWHERE, DESCRIPTION, Described
from counterfoil.bank.doorway import Doorway, Word
from counterfoil.bank.hub import Hub
from counterfoil.bank.node import BankNode
from counterfoil.bank.readiness import Readiness
from counterfoil.bank.telemetry import Telemetry, log, log_to_stderr
from counterfoil.errors import CounterfoilError
from counterfoil.web.pages import Pages
from counterfoil.web.punctual import punctual

_SWITCH = 0.001  # seconds that a thread keeps the others waiting: an order passes six on its way
_THREADS = 32  # that wait for the chain or the database
_LAST_WORDS = 3  # seconds for answers that are on their way when the service is ended


def application(node: BankNode) -> FastAPI:
    """The service of one bank."""

    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        aside = ThreadPoolExecutor(_THREADS, thread_name_prefix="aside")
        asyncio.get_running_loop().set_default_executor(aside)
        last = await asyncio.to_thread(node.book.last_number)
        hub = Hub(node.book, node.telemetry, node.settings.listeners, last)
        app.state.hub = hub
        app.state.readiness = Readiness(node.parts())
        running = asyncio.create_task(hub.run())
        node.start(hub.ended, lambda: hub.awaited)
        try:
            yield
        finally:
            await _ended(running)
            await asyncio.to_thread(node.stop)

    app = Described(
        title=f"Counterfoil bank node: {node.desk.bank}",
        version=__version__,
        description=DESCRIPTION,
        responses=ANYWHERE,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a terminal has signed the path that it sent
    )
    app.state.node = node
    customers = pages.customers()
    app.include_router(pages.router(customers))
    for routes in (routes_orders, routes_channel, routes_links, routes_open):
        app.include_router(routes.router)
    _guard(app, node, partial(_worded, customers))
    return app


def _guard(app: FastAPI, node: BankNode, word: Word) -> None:
    """Let every request pass the doorway, and every error be told in ``word``."""
    app.add_exception_handler(CounterfoilError, partial(_ours, word))
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, partial(_others, word))
    app.add_middleware(
        Doorway,
        telemetry=node.telemetry,
        seconds=node.settings.body_seconds,
        lane_of=lane.lane_of,
        word=word,
    )


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def configured(node: BankNode, host: str, port: int) -> uvicorn.Config:
    """How the service is run at an address."""
    return uvicorn.Config(
        application(node),
        host=host,
        port=port,
        http=punctual(node.settings.head_seconds, partial(_unread, node.telemetry)),
        ws="none",
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
    server = uvicorn.Server(configured(node, host, port))
    gc.collect()
    gc.freeze()  # what was loaded stays: to look through it again stops everything for 50 ms
    server.run()


def _unread(telemetry: Telemetry, status: int, said: str) -> Response:
    """The answer to what is no request, and its line in the log."""
    request_id = problems.new_request_id()
    telemetry.requests.labels("none", "none", str(status)).inc()
    told = {"method": "none", "route": "none", "status": status, "caller": ""}
    log(logging.INFO, "request", request_id=request_id, ms=0.0, **told)
    answer = problems.told(status, said, problems.code_of(status), request_id)
    answer.headers["x-request-id"] = request_id
    return answer


def _worded(customers: Pages, path: str, error: CounterfoilError, request_id: str) -> Response:
    """An error for whoever asked: a page for customers, a problem document for programs."""
    told = problems.problem(error, request_id)
    if not pages.is_page(path):
        return told
    shown = pages.gone(customers, error)
    if "retry-after" in told.headers:
        shown.headers["retry-after"] = told.headers["retry-after"]
    return shown


async def _ours(word: Word, request: Request, error: Exception) -> Response:
    if not isinstance(error, CounterfoilError):
        raise error
    return word(request.url.path, error, request.state.request_id)


async def _misread(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    return problems.misread(found, request.state.request_id)


async def _others(word: Word, request: Request, error: Exception) -> Response:
    """Of the framework itself: no such route, another method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    code = problems.code_of(status)
    detail = str(error.detail) if isinstance(error, HTTPException) else ""
    if pages.is_page(request.url.path):
        return word(request.url.path, problems.refused(code, detail), request.state.request_id)
    told = dict(headers) if headers else None
    return problems.told(status, detail, code, request.state.request_id, headers=told)
