"""Routes for customers, who come by a link: one payment, and whether they want it."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from counterfoil.bank.answers import iso
from counterfoil.bank.description import errors
from counterfoil.bank.door import (
    Anybody,
    LinkToken,
    Node,
    TheHub,
    aside,
    for_page,
    now,
    stream,
)
from counterfoil.bank.examples import DECISION, LAST_EVENT
from counterfoil.bank.examples_tills import STREAM
from counterfoil.bank.links import digest_of
from counterfoil.bank.node import BankNode
from counterfoil.bank.orders import Taken
from counterfoil.bank.problems import not_found, refused
from counterfoil.bank.routes_channel import balance_of
from counterfoil.bank.wire import Balance
from counterfoil.bank.wire_customers import (
    ChainPlace,
    Confirmation,
    ConfirmationState,
    Decision,
    Status,
)
from counterfoil.errors import Unavailable
from counterfoil.money import format_minor

router = APIRouter(
    prefix="/v1", responses=errors("not-found", "link-ended", "too-many", "unavailable")
)
_DAY = 86_400
_PATIENCE = 3.0  # seconds that a customer's page waits for the balance


@router.get("/confirmations/{token}", dependencies=[Anybody])
async def confirmation(token: LinkToken, node: Node) -> Confirmation:
    """What a customer is asked, or what came of it."""
    return await aside(_asked, node, await behind(node, "confirm_link", token))


@router.post(
    "/confirmations/{token}",
    openapi_extra=DECISION,
    dependencies=[Anybody],
    responses=errors("confirmation-ended"),
)
async def decide(token: LinkToken, body: Decision, node: Node, hub: TheHub) -> Confirmation:
    """The customer's answer. The first one counts; the same again is told the same."""
    taken = await behind(node, "confirm_link", token)
    wanted: Literal["confirmed", "declined"] = (
        "confirmed" if body.decision == "confirm" else "declined"
    )
    if _state(taken) == "waiting":
        decided = await aside(node.orders.decide, taken.order_id, wanted, now())
        if decided and wanted == "declined":
            await aside(node.unpaid, [taken.order_id])
        node.dispatcher.look()
        hub.ended([taken.order_id])
        taken = await behind(node, "confirm_link", token)
    if _state(taken) != wanted:
        raise refused("confirmation-ended", f"The order is {_state(taken)} already.")
    return await aside(_asked, node, taken)


@router.get("/status/{token}", dependencies=[Anybody])
async def status(token: LinkToken, node: Node) -> Status:
    """One payment, for its customer."""
    taken = await behind(node, "status_link", token)
    balance = await _balance(node, taken)
    return await aside(_status, node, taken, balance)


@router.get(
    "/status/{token}/events",
    dependencies=[Anybody],
    response_class=StreamingResponse,
    responses=STREAM,
    openapi_extra=LAST_EVENT,
)
async def status_events(token: LinkToken, node: Node, hub: TheHub, request: Request) -> Response:
    """The same payment's events, as `/v1/orders/{order_id}/events`, until the link ends."""
    taken = await behind(node, "status_link", token)
    ends = _ends(node, taken)
    return await stream(node, hub, taken, request, lambda: now() > ends)


async def behind(
    node: BankNode, column: Literal["status_link", "confirm_link"], token: str
) -> Taken:
    """The order that a link opens.

    Raises:
        Refused: it opens none, or no more.
    """
    taken = await aside(node.orders.linked, column, digest_of(token))
    if taken is None or (column == "confirm_link" and taken.confirm_until is None):
        raise not_found("page")
    if now() > _ends(node, taken):
        raise refused("link-ended", "This link has ended.", "Ask the bank.")
    return taken


def _ends(node: BankNode, taken: Taken) -> int:
    return taken.received_at + node.settings.status_days * _DAY


def _state(taken: Taken) -> ConfirmationState:
    found: dict[str | None, ConfirmationState] = {
        "confirmed": "confirmed",
        "declined": "declined",
        "expired": "expired",
        "withdrawn": "withdrawn",
    }
    if taken.decision is None and (taken.confirm_until or 0) < now():
        return "expired"
    return found.get(taken.decision, "waiting")


def _asked(node: BankNode, taken: Taken) -> Confirmation:
    record = node.desk.ledger.record
    return Confirmation(
        state=_state(taken),
        bank=record.bank,
        terminal=node.answers.terminal(taken.terminal),
        order_id=taken.order_id,
        order_ref=taken.order_ref,
        points=taken.points,
        cash=format_minor(taken.cash, record.currency),
        currency=record.currency,
        lines=node.answers.lines(taken, node.book.of_order(taken.order_id)),
        asked_at=iso(taken.received_at),
        expires_at=iso(taken.confirm_until or 0),
    )


async def _balance(node: BankNode, taken: Taken) -> Balance | None:
    """None: the chain doesn't say in time. The rest of a payment is known without it."""
    account = bytes.fromhex(taken.account[2:])
    try:
        async with asyncio.timeout(_PATIENCE):
            return await for_page(node, balance_of, node, account)
    except (Unavailable, TimeoutError):
        return None


def _status(node: BankNode, taken: Taken, balance: Balance | None) -> Status:
    record, words = node.desk.ledger.record, node.answers
    rows = node.book.of_order(taken.order_id)
    told = [words.event(row, taken.terminal) for row in rows]
    standing = [row.happening for row in rows if row.reverted is None]
    paid = [one for one in standing if one.told.get("status") == "paid"]
    return Status(
        bank=record.bank,
        terminal=words.terminal(taken.terminal),
        order=words.of(taken, rows, replayed=True),
        lines=words.lines(taken, rows),
        events=[one for one in told if one is not None],
        drawn=words.drawn(paid[0]) if paid else [],
        balance=balance,
        confirmation=None if taken.confirm_until is None else _state(taken),
        chain=ChainPlace(
            chain_id=node.desk.ledger.chain.chain_id,
            ledger=record.address,
            order_id=taken.order_id,
            account=taken.account,
            terminal=taken.terminal,
        ),
        expires_at=iso(_ends(node, taken)),
    )
