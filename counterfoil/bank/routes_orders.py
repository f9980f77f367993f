"""Routes for terminals: quotes, orders, refunds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from counterfoil.bank.door import (
    PROBLEMS,
    Either,
    Node,
    OrderId,
    Terminal,
    TheHub,
    now,
    order_for,
    stream,
)
from counterfoil.bank.examples import ORDERS, QUOTE, REFUND
from counterfoil.bank.hub import Hub, Waiter
from counterfoil.bank.intake import Received, Refusal, Till
from counterfoil.bank.node import BankNode
from counterfoil.bank.problems import refused
from counterfoil.bank.wire import OrderAnswer, OrdersAnswer, OrdersBody, Quote, QuoteBody
from counterfoil.bank.wire_customers import Receipt, RefundAnswer, RefundBody
from counterfoil.errors import BadInput
from counterfoil.index.book import Happening
from counterfoil.money import format_minor, parse_minor
from counterfoil.points.refundjournal import Asked
from counterfoil.points.refunds import proven

router = APIRouter(prefix="/v1", responses=PROBLEMS)
_LOOK_AGAIN = 1.0  # seconds; what ended before we began to wait isn't heard of


@router.post("/quotes", status_code=201, openapi_extra=QUOTE, response_model=Quote)
async def quote(body: QuoteBody, till: Terminal, node: Node) -> Response:
    """What a customer can pay with points at this terminal, now: good for one order."""
    if body.terminal != till.name:
        raise refused("not-allowed", "A terminal asks for quotes of its own only.")
    answer = await run_in_threadpool(node.quoting.quote, body, till, now())
    node.telemetry.quotes.inc()
    await run_in_threadpool(node.watch.account, till.name, answer.account)
    return _json(answer, 201)


@router.post(
    "/orders",
    openapi_extra=ORDERS,
    response_model=OrdersAnswer,
    responses={202: {"model": OrdersAnswer, "description": "Some have no final answer yet."}},
)
async def orders(body: OrdersBody, till: Terminal, node: Node, hub: TheHub) -> Response:
    """Take signed orders; answer once all are final, or after `wait_seconds` with 202.

    An order is known by its id: the same again gives its first answer.
    """
    received = await run_in_threadpool(node.intake.receive, body.orders, till, now())
    node.dispatcher.offer({name: entry for name, (entry, _) in received.fresh.items()})
    if received.fresh:
        hub.poke()
    answers = await _awaited(node, hub, received, body.wait_seconds)
    await run_in_threadpool(_watch, node, till, received, answers)
    final = all(one.final for one in answers)
    return _json(OrdersAnswer(orders=answers), 200 if final else 202)


@router.get("/orders/{order_id}")
async def order(order_id: OrderId, caller: Either, node: Node) -> OrderAnswer:
    """The answer to an order, as it stands."""
    taken = await order_for(node, order_id, caller)
    rows = await run_in_threadpool(node.book.of_order, order_id)
    return node.answers.of(taken, rows, replayed=True)


@router.get(
    "/orders/{order_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "OrderEvents, as SSE."}},
)
async def events(
    order_id: OrderId, caller: Either, node: Node, hub: TheHub, request: Request
) -> Response:
    """What happened to an order and what happens, after the event that `Last-Event-ID` names."""
    taken = await order_for(node, order_id, caller)
    return await stream(node, hub, taken, request)


@router.get("/orders/{order_id}/receipt")
async def receipt(order_id: OrderId, caller: Either, node: Node) -> Receipt:
    """What proves a paid order on chain: with it its terminal can cancel or refund it itself."""
    taken = await order_for(node, order_id, caller)
    found, siblings = await run_in_threadpool(proven, node.desk, order_id)
    rows = await run_in_threadpool(node.book.of_order, order_id)
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
    responses={202: {"model": RefundAnswer, "description": "It isn't done yet: ask again."}},
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
    kept, before = await run_in_threadpool(node.refunds.take, asked)
    kept = await _refunded(node, hub, kept, body.wait_seconds)
    if not kept.final:
        response.status_code = 202
    return _told(kept, currency, before)


def _json(answer: BaseModel, status: int) -> Response:
    """As the framework would, which checks its own answers again: that takes as long as paying."""
    return Response(answer.model_dump_json(), status, media_type="application/json")


async def _refunded(node: BankNode, hub: Hub, kept: Asked, seconds: float) -> Asked:
    end = time.monotonic() + seconds
    if not kept.final:
        node.dispatcher.offer_refund()
    while not kept.final and (left := end - time.monotonic()) > 0:
        waiter = Waiter([kept.order_id])
        await hub.wait([kept.order_id], min(left, _LOOK_AGAIN), waiter)
        found = await run_in_threadpool(node.refunds.journal.find, kept.order_id, kept.refund_id)
        kept = found or kept
    return kept


async def _awaited(
    node: BankNode, hub: Hub, received: Received, seconds: float
) -> list[OrderAnswer]:
    """The answers, final if they are so in time; who waits for a customer isn't waited for."""
    ids = list(dict.fromkeys(one for one in received.places if isinstance(one, str)))
    end = time.monotonic() + seconds
    waiter = Waiter(ids)
    if received.fresh and seconds:
        await hub.wait(ids, min(seconds, _LOOK_AGAIN), waiter)
    while True:
        answers = await run_in_threadpool(_answers, node, received, ids)
        open_ones = [one for one in answers if one.status == "received" and one.order_id]
        left = end - time.monotonic()
        if not open_ones or left <= 0:
            return answers
        names = [one.order_id for one in open_ones if one.order_id]
        await hub.wait(names, min(left, _LOOK_AGAIN), Waiter(names))


def _answers(node: BankNode, received: Received, ids: Sequence[str]) -> list[OrderAnswer]:
    known = node.orders.find(ids)
    rows = node.book.of_orders(ids)
    told: set[str] = set()
    words = node.answers
    answers = []
    for one in received.places:
        if isinstance(one, Refusal):
            answers.append(words.refusal(one))
            continue
        again = one in received.known or one in told
        answers.append(words.of(known[one], rows[one], replayed=again))
        told.add(one)
    return answers


def _watch(node: BankNode, till: Till, received: Received, answers: Sequence[OrderAnswer]) -> None:
    for place, answer in zip(received.places, answers, strict=True):
        if isinstance(place, Refusal):
            node.watch.refusal(till.name, answer.order_id or answer.order_ref)
            node.telemetry.orders.labels("refused").inc()
        elif place in received.fresh:
            account = "0x" + received.fresh[place][0].order.account.hex()
            node.watch.account(till.name, account)
            if answer.final and answer.status != "paid":
                node.watch.refusal(till.name, place)


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
