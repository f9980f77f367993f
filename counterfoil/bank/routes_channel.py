"""Routes for the bank's own channel."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query

from counterfoil.bank.answers import iso
from counterfoil.bank.consents import ALWAYS
from counterfoil.bank.description import errors
from counterfoil.bank.door import (
    Node,
    OwnChannel,
    aside,
    at_chain,
)
from counterfoil.bank.examples import CONSENT, CUSTOMER
from counterfoil.bank.links import token_of
from counterfoil.bank.node import BankNode
from counterfoil.bank.orders import Taken
from counterfoil.bank.wire import Balance, Bytes32
from counterfoil.bank.wire_customers import (
    Alarm,
    Alarms,
    ConfirmationLink,
    ConfirmationLinks,
    ConsentBody,
    Customer,
    CustomerBody,
    Movement,
    Statement,
)
from counterfoil.database import reading
from counterfoil.errors import BadInput
from counterfoil.money import format_minor, parse_minor
from counterfoil.points.statement import statement as movements

router = APIRouter(prefix="/v1", responses=errors("not-authenticated", "too-many", "unavailable"))
_OF_A_CUSTOMER = errors("not-found")
_ACCOUNT = re.compile("0x[0-9a-fA-F]{64}")
_DAY = 86_400
CustomerPath = Annotated[
    str, Path(min_length=1, max_length=255, examples=["0x" + "3c" * 32], alias="id")
]


@router.post("/customers", openapi_extra=CUSTOMER)
async def customer(body: CustomerBody, _: OwnChannel, node: Node) -> Customer:
    """A customer's account, under which the other routes know them."""
    return await aside(_customer, node, node.desk.account(body.customer_id))


@router.get("/customers/{id}/balance", responses=_OF_A_CUSTOMER)
async def balance(id_: CustomerPath, _: OwnChannel, node: Node) -> Balance:
    """What an account holds now."""
    return await at_chain(node, balance_of, node, _account(node, id_))


@router.get("/customers/{id}/statement", responses=_OF_A_CUSTOMER)
async def statement(id_: CustomerPath, _: OwnChannel, node: Node) -> Statement:
    """Every movement of an account, oldest first."""
    return await at_chain(node, _statement, node, _account(node, id_))


@router.put("/customers/{id}/consent", openapi_extra=CONSENT, responses=_OF_A_CUSTOMER)
async def consent(id_: CustomerPath, body: ConsentBody, _: OwnChannel, node: Node) -> Customer:
    """Above which cash this customer is asked before points are spent."""
    account = _account(node, id_)
    above = None
    if body.confirm_above == "always":
        above = ALWAYS
    elif body.confirm_above is not None:
        try:
            above = parse_minor(body.confirm_above, node.desk.ledger.record.currency, zero=True)
        except BadInput as error:
            raise BadInput(error.problem, field="confirm_above") from error
    await aside(node.consents.set, "0x" + account.hex(), above)
    return await aside(_customer, node, account)


@router.get("/confirmations")
async def confirmations(
    _: OwnChannel, node: Node, account: Annotated[Bytes32 | None, Query()] = None
) -> ConfirmationLinks:
    """The links of customers who are asked now, of all or of one account: the channel takes each
    to its customer, and to nobody else."""
    waiting = await aside(node.orders.waiting, (account or "").lower())
    found = [_link(node, one) for one in waiting]
    return ConfirmationLinks(confirmations=found)


@router.get("/alarms")
async def alarms(_: OwnChannel, node: Node) -> Alarms:
    """Terminals that did more in a minute than is usual, newest first."""
    rows = await aside(node.alarms.latest)
    return Alarms(
        alarms=[
            Alarm.model_validate(
                {
                    "terminal": row.terminal,
                    "kind": row.kind,
                    "count": row.count,
                    "limit": row.limit,
                    "at": iso(row.minute * 60),
                }
            )
            for row in rows
        ]
    )


def _account(node: BankNode, id_: str) -> bytes:
    return bytes.fromhex(id_[2:]) if _ACCOUNT.fullmatch(id_) else node.desk.account(id_)


def _customer(node: BankNode, account: bytes) -> Customer:
    name, currency = "0x" + account.hex(), node.desk.ledger.record.currency
    with reading(node.orders.engine) as link:
        above = node.consents.above(link, [name])[name]
    told = None if above is None else format_minor(max(above, 0), currency)
    return Customer(
        account=name, confirm_above="always" if above == ALWAYS else told, currency=currency
    )


def balance_of(node: BankNode, account: bytes) -> Balance:
    """What an account (32 bytes) holds now."""
    held = node.desk.ledger.holding(account)
    return node.quoting.balance("0x" + account.hex(), held, node.rulebook.current()[1])


def _statement(node: BankNode, account: bytes) -> Statement:
    currency = node.desk.ledger.record.currency
    rows = [
        Movement.model_validate(
            asdict(one)
            | {
                "at": iso(one.at),
                "cash": None if one.cash is None else format_minor(one.cash, currency),
                "currency": currency,
            }
        )
        for one in movements(node.desk.ledger, node.desk.journal, account)
    ]
    return Statement(account="0x" + account.hex(), movements=rows)


def _link(node: BankNode, taken: Taken) -> ConfirmationLink:
    currency = node.desk.ledger.record.currency
    token = token_of(node.intake.key, "confirm", taken.order_id)
    pages = node.settings.pages
    return ConfirmationLink(
        token=token,
        link=f"{pages}/c/{token}" if pages else None,
        account=taken.account,
        order_id=taken.order_id,
        terminal=node.answers.terminal(taken.terminal),
        cash=format_minor(taken.cash, currency),
        currency=currency,
        expires_at=iso(taken.confirm_until or 0),
    )
