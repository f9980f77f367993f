"""The till as a web service: its pages, and what they post.

::

    GET  /                         look a customer up
    POST /visits                   ... -> /visits/TOKEN
    GET  /visits/{token}           the basket
    POST /visits/{token}/offer     what points can pay of it (a part of the page)
    POST /visits/{token}/pay       sign, write down -> /sales/ID
    GET  /sales                    today's; ?day= and ?number= find others
    GET  /sales/{id}               the three records, live
    POST /sales/{id}/complete      handed over
    POST /sales/{id}/cancel        called off
    POST /sales/{id}/refunds       give a part back
    GET  /sales/{id}/receipt       to print; /sales/{id}/qr.svg for the customer's phone
    GET  /events                   live parts (server-sent events)
    GET  /healthz

It listens on loopback: whoever can open the page works the till. So it answers only to names that
are its own (:mod:`.doorway`), and to no other site's page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from counterfoil.errors import CounterfoilError, Refused
from counterfoil.money import exponent
from counterfoil.terminal.doorway import Doorway
from counterfoil.terminal.live import Live
from counterfoil.terminal.presenting import problem_of, reason_text
from counterfoil.terminal.pulse import Pulse
from counterfoil.terminal.routes import PART, Desk, add_acts, add_sales, add_visits
from counterfoil.terminal.till import Till
from counterfoil.web.assets import Assets
from counterfoil.web.pages import Pages
from counterfoil.web.serving import serve_until_asked_to_end
from counterfoil.web.texts import english

_LAST_WORDS = 1  # seconds for answers that are on their way when the service is ended


def application(till: Till, pulse: Pulse, names: Collection[str] = ()) -> FastAPI:
    """The service; its worker runs as long as the service does. ``names``: hosts by which browsers
    may ask for it, beside those of loopback."""

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        pulse.start()
        till.worker.start()
        yield
        till.worker.stop()
        pulse.stop()
        till.close()

    app = FastAPI(
        title="Counterfoil terminal",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=running,
    )
    assets = Assets.load()
    pages = _pages(till, pulse, assets)
    desk = Desk(till, pages, Live(till, pages))
    app.include_router(assets.router())
    add_visits(app, desk)
    add_sales(app, desk)
    add_acts(app, desk)
    _errors(app, pages, names)

    @app.get("/healthz")
    async def health() -> dict[str, bool]:
        return {"listening": True}

    return app


def _pages(till: Till, pulse: Pulse, assets: Assets) -> Pages:
    texts = english()
    return Pages(
        texts,
        assets,
        terminal=till.counter.terminal,
        bank=till.counter.record.bank,
        currency=till.currency,
        decimals=exponent(till.currency),
        lines=pulse.lines,
        reason=lambda code, detail: reason_text(texts, code, detail),
        here="",
        problem=None,
        offered=None,
        part=False,
    )


def serve(till: Till, pulse: Pulse, host: str, port: int, names: Collection[str]) -> None:
    """Answer at this address until the process is asked to end. ``names``: other hosts by which
    browsers may ask for it."""
    app = application(till, pulse, (host, *names))
    serve_until_asked_to_end(app, host, port, last_words=_LAST_WORDS)


def _errors(app: FastAPI, pages: Pages, names: Collection[str]) -> None:
    def page(error: CounterfoilError, part: bool) -> Response:
        problem = problem_of(error, pages.texts)
        if part:  # htmx puts it where the answer would have been
            return pages.page(PART, part=True, token="", problem=problem)
        return pages.page("till/problem.html", problem.status, problem=problem)

    @app.exception_handler(CounterfoilError)
    async def ours(request: Request, error: CounterfoilError) -> Response:
        return page(error, "hx-request" in request.headers)

    @app.exception_handler(HTTPException)  # of the framework itself: no such route, another method
    @app.exception_handler(RequestValidationError)
    async def missing(_request: Request, _error: Exception) -> Response:
        return page(Refused("no such page", code="no-page"), False)

    app.add_middleware(Doorway, page=page, names=names)
