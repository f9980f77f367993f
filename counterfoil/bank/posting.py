"""A post of orders, from its intake to the answers of all of them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from counterfoil.bank.door import aside, now
from counterfoil.bank.hub import Hub
from counterfoil.bank.intake import Received, Refusal, Till
from counterfoil.bank.node import BankNode
from counterfoil.bank.wire import OrderAnswer, OrdersBody

LOOK_AGAIN = 1.0
"""Seconds after which who waits for an answer looks for it: what ended before isn't heard of."""


async def posted(node: BankNode, hub: Hub, till: Till, body: OrdersBody) -> list[OrderAnswer]:
    """Take orders. Their answers, once all are final or after as long as the body says; who waits
    for a customer isn't waited for."""
    end = time.monotonic() + body.wait_seconds
    if not body.wait_seconds:
        answers = await aside(_at_once, node, till, body)
        hub.poke()
        return answers
    received = await aside(_received, node, till, body)
    hub.poke()
    ids = _ids(received)
    if received.ready:
        with hub.waiting(ids) as waiter:
            node.dispatcher.offer(received.ready)
            await waiter.all_heard(min(body.wait_seconds, LOOK_AGAIN))
    while True:
        answers = await aside(_answers, node, till, received)
        due = [one.order_id for one in answers if one.status == "received" and one.order_id]
        left = end - time.monotonic()
        if not due or left <= 0:
            return answers
        with hub.waiting(due) as waiter:
            await waiter.all_heard(min(left, LOOK_AGAIN))


def _at_once(node: BankNode, till: Till, body: OrdersBody) -> list[OrderAnswer]:
    received = _received(node, till, body)
    node.dispatcher.offer(received.ready)
    return _answers(node, till, received)


def _received(node: BankNode, till: Till, body: OrdersBody) -> Received:
    received = node.intake.receive(body.orders, till, now())
    for place in received.places:
        if isinstance(place, Refusal):
            node.watch.refusal(till.name, place.entry.order_id if place.entry else place.order_ref)
            node.telemetry.orders.labels("refused").inc()
    for entry, _ in received.fresh.values():
        node.watch.account(till.name, "0x" + entry.order.account.hex())
    return received


def _answers(node: BankNode, till: Till, received: Received) -> list[OrderAnswer]:
    ids = _ids(received)
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
        answer = words.of(known[one], rows[one], replayed=again)
        if answer.final and answer.status != "paid" and one in received.fresh:
            node.watch.refusal(till.name, one)
        answers.append(answer)
        told.add(one)
    return answers


def _ids(received: Received) -> Sequence[str]:
    return list(dict.fromkeys(one for one in received.places if isinstance(one, str)))
