"""Routes for anybody: what stands on chain anyway, and how the node is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from counterfoil.bank.description import errors
from counterfoil.bank.door import Anybody, Node, aside, at_chain
from counterfoil.bank.examples_customers import AWAY, METRICS
from counterfoil.bank.examples_tills import answered
from counterfoil.bank.node import BankNode
from counterfoil.bank.problems import not_found
from counterfoil.bank.readiness import Readiness
from counterfoil.bank.wire import Name, Rules
from counterfoil.bank.wire_customers import Catalogue, CatalogueItem, Listening, Ready
from counterfoil.errors import Refused
from counterfoil.money import format_minor

router = APIRouter()
_ERRORS = errors("not-found", "too-many", "unavailable")
_Version = Annotated[int, Path(ge=1, lt=2**32)]


@router.get("/v1/rules/{version}", dependencies=[Anybody], responses=_ERRORS)
async def rules(version: _Version, node: Node) -> Rules:
    """A version of the bank's rules, whether it is live, and until when."""
    return await at_chain(node, _rules, node, version)


@router.get("/v1/terminals/{terminal}/catalogue", dependencies=[Anybody], responses=_ERRORS)
async def catalogue(terminal: Annotated[Name, Path(examples=["till-1"])], node: Node) -> Catalogue:
    """What a terminal sells, and how much of it points may pay."""
    return await at_chain(node, _catalogue, node, terminal)


@router.get("/healthz")
async def healthz() -> Listening:
    """It listens."""
    return Listening(listening=True)


@router.get(
    "/readyz",
    response_model=Ready,
    responses={
        503: {"model": Ready, "description": "A part that it needs is away.", **answered(AWAY)}
    },
)
async def readyz(node: Node, request: Request) -> Response:
    """Whether it can answer for orders: which of its parts do."""
    readiness: Readiness = request.app.state.readiness
    found = await readiness.now()
    sending = {"sending": node.dispatcher.sending}  # of several nodes one sends: no fault
    return JSONResponse(found | sending, 200 if all(found.values()) else 503)


@router.get(
    "/metrics",
    dependencies=[Anybody],
    response_class=PlainTextResponse,
    responses=METRICS | errors("too-many", "unavailable"),
)
async def metrics(node: Node) -> Response:
    """For Prometheus."""
    return Response(await aside(node.measure), media_type=CONTENT_TYPE_LATEST)


def _rules(node: BankNode, version: int) -> Rules:
    current, _ = node.rulebook.current()
    if version > current:
        raise not_found("version of the rules")
    try:
        found = node.rulebook.version(version)
    except Refused as error:
        raise not_found("version of the rules") from error
    until = None if version == current else node.desk.ledger.live_until(version)
    return node.quoting.told(version, found, until)


def _catalogue(node: BankNode, terminal: str) -> Catalogue:
    record = node.record()
    if terminal not in record.terminals:
        raise not_found("terminal")
    till, found = record.terminals[terminal], record.catalogue_of(terminal)
    return Catalogue(
        terminal=terminal,
        terminal_address=till.address,
        enabled=node.desk.ledger.key_of(till.address) is not None,
        catalogue=till.catalogue,
        currency=record.currency,
        items=[
            CatalogueItem(item=item, number=number, cap=format_minor(cap, record.currency))
            for number, (item, cap) in enumerate(zip(found.items, found.caps, strict=True), 1)
        ],
    )
