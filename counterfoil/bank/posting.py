"""A post of orders, from its intake to the answers of all of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from counterfoil.bank.door import aside, at_chain, now
from counterfoil.bank.hub import Hub
from counterfoil.bank.intake import Received, Refusal, Till
from counterfoil.bank.node import BankNode
from counterfoil.bank.orders import Taken
from counterfoil.bank.wire import OrderAnswer, OrdersBody
from counterfoil.index.book import Numbered

LOOK_AGAIN = 1.0
"""Seconds after which who waits for an answer looks for it: what ended before isn't heard of."""


async def posted(node: BankNode, hub: Hub, till: Till, body: OrdersBody) -> list[OrderAnswer]:
    """Take orders. Their answers, once all are final or after as long as the body says; who waits
    for a customer isn't waited for."""
    end = time.monotonic() + body.wait_seconds
    if till.wallet:  # which is asked about each order
        received, answers = await at_chain(node, _received, node, till, body)
    else:
        received, answers = await aside(_received, node, till, body)
    if answers is not None:
        return answers
    if received.ready:
        with hub.waiting(_ids(received), lately=True) as waiter:
            await waiter.all_heard(min(body.wait_seconds, LOOK_AGAIN))
    while True:
        answers = await aside(_answers, node, received)
        due = [one.order_id for one in answers if one.status == "received" and one.order_id]
        left = end - time.monotonic()
        if not due or left <= 0:
            return answers
        with hub.waiting(due) as waiter:
            await waiter.all_heard(min(left, LOOK_AGAIN))


def _received(
    node: BankNode, till: Till, body: OrdersBody
) -> tuple[Received, list[OrderAnswer] | None]:
    """What came of the post; and the answers as they stand, if nobody waits for better ones."""
    received = node.intake.receive(body.orders, till, now())
    node.dispatcher.offer(received.ready)
    _watch(node, till, received)
    if body.wait_seconds:
        return received, None
    if received.known:
        return received, _answers(node, received)
    unheard: dict[str, Sequence[Numbered]] = dict.fromkeys(received.taken, ())
    return received, _worded(node, received, received.taken, unheard)


def _watch(node: BankNode, till: Till, received: Received) -> None:
    for place in received.places:
        if isinstance(place, Refusal):
            node.watch.refusal(till.name, place.entry.order_id if place.entry else place.order_ref)
            node.telemetry.orders.labels("refused").inc()
    for entry, _ in received.fresh.values():
        node.watch.account(till.name, "0x" + entry.order.account.hex())


def _answers(node: BankNode, received: Received) -> list[OrderAnswer]:
    """The answers as they stand."""
    ids = _ids(received)
    return _worded(node, received, node.orders.find(ids), node.book.of_orders(ids))


def _worded(
    node: BankNode,
    received: Received,
    known: Mapping[str, Taken],
    rows: Mapping[str, Sequence[Numbered]],
) -> list[OrderAnswer]:
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


def _ids(received: Received) -> Sequence[str]:
    return list(dict.fromkeys(one for one in received.places if isinstance(one, str)))
