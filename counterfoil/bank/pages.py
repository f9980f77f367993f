"""The customer's pages: one payment as it happens, and the question whether it shall.

::

    GET  /s/{token}          one payment; /s/{token}/events its live parts
    GET  /c/{token}          what the customer is asked; /c/{token}/events once it is decided
    POST /c/{token}          the answer -> the payment's page

A token opens one order's page and nothing else, and ends after a while (:mod:`.routes_links`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response

from counterfoil.bank import routes_links
from counterfoil.bank.customer_view import lines_of, view_of
from counterfoil.bank.door import Anybody, Node, TheHub
from counterfoil.bank.links import token_of
from counterfoil.bank.live import Looks, Seen, live
from counterfoil.bank.node import BankNode
from counterfoil.bank.problems import not_found, status_of
from counterfoil.bank.wire_customers import Confirmation, Decision, Status
from counterfoil.errors import CounterfoilError
from counterfoil.money import parse_minor
from counterfoil.web.assets import Assets
from counterfoil.web.forms import read_form
from counterfoil.web.pages import Pages, event_stream, see_other
from counterfoil.web.texts import Texts, english

_PARTS = ("headline", "records", "money", "check")
_TOKEN = re.compile("[A-Za-z0-9_-]{32}")
_ANSWERS: Mapping[str, Literal["confirm", "decline"]] = {
    "confirm": "confirm",
    "decline": "decline",
}


async def _form(request: Request, node: Node) -> Mapping[str, str]:
    return await read_form(request, node.settings.pages)


Form = Annotated[Mapping[str, str], Depends(_form)]


def customers() -> Pages:
    """What customers' pages are made of."""
    texts = english()
    return Pages(texts, Assets.load(), reason=partial(_reason, texts))


def router(pages: Pages) -> APIRouter:
    """The pages' routes, with the files that they need."""
    made = APIRouter(include_in_schema=False)
    made.include_router(pages.assets.router())
    _status_routes(made, pages)
    _confirm_routes(made, pages)
    return made


def is_page(path: str) -> bool:
    """Whether it is a customer who looks at what is answered there."""
    return path.split("/", 2)[1:2] in (["s"], ["c"])


def gone(pages: Pages, error: CounterfoilError) -> Response:
    """A page that says why there is none."""
    status, known = status_of(error), pages.texts.has(f"customer.gone.{error.code}.title")
    code = error.code if known else "unavailable" if status >= 500 else "bad-request"
    return pages.page("customer/gone.html", status, code=code)


def _status_routes(made: APIRouter, pages: Pages) -> None:
    looks = Looks()

    @made.get("/s/{token}", dependencies=[Anybody])
    async def payment(token: str, node: Node) -> Response:
        status = await _status(token, node)
        return pages.page("customer/status.html", token=token, **_values(status))

    @made.get("/s/{token}/events", dependencies=[Anybody])
    async def events(token: str, node: Node, hub: TheHub) -> Response:
        taken = await routes_links.behind(node, "status_link", _checked(token))
        hub.make_room(taken.order_id)
        look = looks.at(taken.order_id, partial(_seen, pages, node, token))
        return event_stream(live(hub, taken.order_id, look))


def _confirm_routes(made: APIRouter, pages: Pages) -> None:
    looks = Looks()

    @made.get("/c/{token}", dependencies=[Anybody])
    async def question(token: str, node: Node) -> Response:
        asked = await routes_links.confirmation(_checked(token), node)
        return _question(pages, token, node, asked)

    @made.get("/c/{token}/events", dependencies=[Anybody])
    async def decided(token: str, node: Node, hub: TheHub) -> Response:
        taken = await routes_links.behind(node, "confirm_link", _checked(token))
        hub.make_room(taken.order_id)
        look = looks.at(taken.order_id, partial(_decided, pages, node, token))
        return event_stream(live(hub, taken.order_id, look, "decided"))

    @made.post("/c/{token}", dependencies=[Anybody])
    async def answer(token: str, form: Form, node: Node, hub: TheHub) -> Response:
        decision = _ANSWERS.get(form.get("decision", ""))
        if decision is None:
            asked = await routes_links.confirmation(_checked(token), node)
            return _question(pages, token, node, asked)
        body = Decision(decision=decision)
        asked = await routes_links.decide(_checked(token), body, node, hub)
        return see_other(_payment_link(node, asked))


def _reason(texts: Texts, code: str, detail: str) -> str:
    """A reason in words for its customer; of one that has none, the node's own."""
    keys = (f"customer.reason.{code}", f"reason.{code}")
    return next((texts(key) for key in keys if texts.has(key)), detail)


async def _status(token: str, node: BankNode) -> Status:
    return await routes_links.status(_checked(token), node)


def _checked(token: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise not_found("page")
    return token


def _values(status: Status) -> dict[str, object]:
    return {"view": view_of(status), "bank": status.bank, "currency": status.order.currency}


def _question(pages: Pages, token: str, node: BankNode, asked: Confirmation) -> Response:
    return pages.page("customer/confirm.html", **_asked(token, node, asked))


def _asked(token: str, node: BankNode, asked: Confirmation) -> dict[str, object]:
    currency = asked.currency
    lines = lines_of(asked.lines, currency)
    return {
        "token": token,
        "asked": asked,
        "bank": asked.bank,
        "currency": currency,
        "cash": parse_minor(asked.cash, currency, zero=True),
        "lines": lines,
        "total": sum(charged for _, _, charged in lines),
        "payment": _payment_link(node, asked),
    }


def _payment_link(node: BankNode, asked: Confirmation) -> str:
    """The page of the payment that was asked about: its customer's too."""
    return f"/s/{token_of(node.answers.key, 'status', asked.order_id)}"


async def _seen(pages: Pages, node: BankNode, token: str) -> Seen:
    """The page's parts now."""
    status = await _status(token, node)
    values = _values(status)
    parts = {part: pages.fragment(f"customer/_{part}.html", **values) for part in _PARTS}
    return Seen(parts, whole=status.balance is not None)


async def _decided(pages: Pages, node: BankNode, token: str) -> Seen:
    """The question without its buttons as soon as nobody waits for the answer; then it is over."""
    asked = await routes_links.confirmation(_checked(token), node)
    if asked.state == "waiting":
        return Seen({})
    question = pages.fragment("customer/_question.html", **_asked(token, node, asked))
    return Seen({"question": question, "decided": asked.state})
