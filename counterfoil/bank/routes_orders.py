"""Routes for terminals: quotes, orders, refunds."""

from __future__ import annotations

import time
from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from counterfoil.bank.description import errors
from counterfoil.bank.door import (
    Either,
    Node,
    OrderId,
    Terminal,
    TheHub,
    aside,
    at_chain,
    now,
    order_for,
    stream,
)
from counterfoil.bank.examples import LAST_EVENT, ORDERS, QUOTE, REFUND
from counterfoil.bank.examples_tills import ORDERS_WAIT, REFUND_WAITS, STREAM, WITHDRAWN
from counterfoil.bank.hub import Hub
from counterfoil.bank.intake import Till
from counterfoil.bank.node import BankNode
from counterfoil.bank.posting import LOOK_AGAIN, posted
from counterfoil.bank.problems import refused
from counterfoil.bank.wire import OrderAnswer, OrdersAnswer, OrdersBody, Quote, QuoteBody
from counterfoil.bank.wire_customers import Receipt, RefundAnswer, RefundBody
from counterfoil.errors import BadInput
from counterfoil.index.book import Happening
from counterfoil.money import format_minor, parse_minor
from counterfoil.points.refundjournal import Asked
from counterfoil.points.refunds import proven

router = APIRouter(prefix="/v1", responses=errors("not-authenticated", "too-many", "unavailable"))
_OF_AN_ORDER = errors("not-found")


@router.post(
    "/quotes",
    status_code=201,
    openapi_extra=QUOTE,
    response_model=Quote,
    responses=errors("not-allowed", "paused"),
)
async def quote(body: QuoteBody, till: Terminal, node: Node) -> Response:
    """What a customer can pay with points at this terminal, now: good for one order."""
    if body.terminal != till.name:
        raise refused("not-allowed", "A terminal asks for quotes of its own only.")
    return _json(await at_chain(node, _quoted, body, till, node), 201)


@router.post(
    "/orders",
    openapi_extra=ORDERS,
    response_model=OrdersAnswer,
    responses={
        202: {
            "model": OrdersAnswer,
            "description": "Some have no final answer yet.",
            **ORDERS_WAIT,
        }
    },
)
async def orders(body: OrdersBody, till: Terminal, node: Node, hub: TheHub) -> Response:
    """Take signed orders; answer once all are final, or after `wait_seconds` with 202.

    An order is known by its id: the same again gives its first answer.
    """
    node.gate.orders(till, len(body.orders))
    answers = await posted(node, hub, till, body)
    final = all(one.final for one in answers)
    return _json(OrdersAnswer(orders=answers), 200 if final else 202)


@router.get("/orders/{order_id}", responses=_OF_AN_ORDER)
async def order(order_id: OrderId, caller: Either, node: Node) -> OrderAnswer:
    """The answer to an order, as it stands."""
    taken = await order_for(node, order_id, caller)
    rows = await aside(node.book.of_order, order_id)
    return node.answers.of(taken, rows, replayed=True)


@router.post("/orders/{order_id}/withdrawal", responses=WITHDRAWN | _OF_AN_ORDER)
async def withdraw(order_id: OrderId, till: Terminal, node: Node, hub: TheHub) -> OrderAnswer:
    """Call an order off that waits for its customer: it ends as `withdrawn`, and is never settled.

    Once the customer has answered it is too late, and the answer says where the order stands. The
    same again is told the same.
    """
    taken = await order_for(node, order_id, till)
    if taken.state == "waiting" and await aside(node.orders.decide, order_id, "withdrawn", now()):
        node.telemetry.orders.labels("withdrawn").inc()
        hub.ended([order_id])
    return await order(order_id, till, node)


@router.get(
    "/orders/{order_id}/events",
    response_class=StreamingResponse,
    responses=STREAM | _OF_AN_ORDER,
    openapi_extra=LAST_EVENT,
)
async def events(
    order_id: OrderId, caller: Either, node: Node, hub: TheHub, request: Request
) -> Response:
    """What happened to an order and what happens, after the event that `Last-Event-ID` names."""
    taken = await order_for(node, order_id, caller)
    return await stream(node, hub, taken, request)


@router.get("/orders/{order_id}/receipt", responses=errors("not-found", "not-paid"))
async def receipt(order_id: OrderId, caller: Either, node: Node) -> Receipt:
    """What proves a paid order on chain: with it its terminal can cancel or refund it itself."""
    taken = await order_for(node, order_id, caller)
    found, siblings = await at_chain(node, proven, node.desk, order_id)
    rows = await aside(node.book.of_order, order_id)
    settled = next((r.happening for r in rows if _is_settled(r.happening) and not r.reverted), None)
    return Receipt(
        order_id=order_id,
        account=taken.account,
        terminal=found.terminal,
        sequence=found.sequence,
        rules=found.rules,
        points=found.points,
        cash=found.cash,
        drawn=hex(found.drawn),
        first_period=found.first_period,
        proof=["0x" + one.hex() for one in siblings],
        lots=node.answers.drawn(settled) if settled else [],
    )


@router.post(
    "/orders/{order_id}/refunds",
    openapi_extra=REFUND,
    responses={
        202: {
            "model": RefundAnswer,
            "description": "It isn't done yet: ask again.",
            **REFUND_WAITS,
        },
        **errors("not-found", "refund-id-used"),
    },
)
async def refund(
    order_id: OrderId, body: RefundBody, caller: Either, node: Node, hub: TheHub, response: Response
) -> RefundAnswer:
    """Give cash of a paid order back, as points into the lots that they came from, or call it off.

    The same `refund_id` again gives the first answer.
    """
    await order_for(node, order_id, caller)
    currency = node.desk.ledger.record.currency
    try:
        cash = None if body.cash is None else parse_minor(body.cash, currency)
    except BadInput as error:
        raise BadInput(error.problem, field="cash") from error
    if body.kind == "cancel" and cash is not None:
        raise BadInput("doesn't go with a cancellation, which gives all back", field="cash")
    asked = Asked.new(order_id, body.refund_id, body.kind, cash)
    kept, before = await aside(node.refunds.take, asked)
    if kept.state == "done":
        kept = await at_chain(node, node.refunds.standing, kept)
        before = before and kept.final
    kept = await _refunded(node, hub, kept, body.wait_seconds)
    if not kept.final:
        response.status_code = 202
    return _told(kept, currency, before)


def _json(answer: BaseModel, status: int) -> Response:
    """As the framework would, which checks its own answers again: that takes as long as paying."""
    return Response(answer.model_dump_json(), status, media_type="application/json")


def _quoted(body: QuoteBody, till: Till, node: BankNode) -> Quote:
    answer = node.quoting.quote(body, till, now())
    node.telemetry.quotes.inc()
    node.watch.account(till.name, answer.account)
    return answer


async def _refunded(node: BankNode, hub: Hub, kept: Asked, seconds: float) -> Asked:
    end = time.monotonic() + seconds
    while not kept.final and (left := end - time.monotonic()) > 0:
        with hub.waiting([kept.order_id]) as waiter:
            node.dispatcher.offer_refund()
            await waiter.all_heard(min(left, LOOK_AGAIN))
        found = await aside(node.refunds.journal.find, kept.order_id, kept.refund_id)
        kept = found or kept
    return kept


def _told(kept: Asked, currency: str, before: bool) -> RefundAnswer:
    states = {"done": "refunded", "refused": "refused"}
    status = states.get(kept.state, "received")
    detail = kept.detail or ("Given back." if kept.state == "done" else "The bank has the refund.")
    values = {key: value for key, value in asdict(kept).items() if key in _KEPT}
    amounts = {
        name: None if value is None else format_minor(value, currency)
        for name, value in (("cash", kept.cash), ("left", kept.left))
    }
    return RefundAnswer.model_validate(
        {
            **values,
            **amounts,
            "status": status,
            "detail": detail,
            "currency": currency,
            "replayed": before and kept.final,
        }
    )


_KEPT = ("order_id", "refund_id", "kind", "reason", "points", "transaction", "block")


def _is_settled(one: Happening) -> bool:
    return one.kind == "settled"
