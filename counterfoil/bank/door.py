"""What the routes have in common: the node behind them, and who asks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextvars import copy_context
from functools import partial
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Depends, Path, Request
from fastapi.responses import StreamingResponse

from counterfoil.bank.gate import Channel
from counterfoil.bank.hub import Hub
from counterfoil.bank.intake import Till
from counterfoil.bank.node import BankNode
from counterfoil.bank.orders import Taken
from counterfoil.bank.problems import not_found
from counterfoil.points.requests import SIGNATURE

P = ParamSpec("P")
T = TypeVar("T")
OrderId = Annotated[str, Path(pattern=r"^0x[0-9a-f]{64}$", examples=["0x" + "5e" * 32])]
LinkToken = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{32}$", examples=["A" * 32])]


def now() -> int:
    """Unix seconds."""
    return int(time.time())


async def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What ``work`` gives, which waits for the chain or the database: in a thread of its own."""
    call = partial(copy_context().run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(None, call)


async def at_chain(node: BankNode, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As :func:`aside`, for what waits for the chain: in threads of its own, so that a chain that
    hangs takes none from pages, posts and looks at orders.

    Raises:
        Unavailable: as many wait already as the node lets wait.
    """
    call = partial(copy_context().run, work, *args, **kwargs)
    with node.crowd.place() as threads:
        return await asyncio.get_running_loop().run_in_executor(threads, call)


async def for_page(node: BankNode, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As :func:`at_chain`, for a customer's page: that waits for a place, and is never refused one
    for being late in a crowd."""
    call = partial(copy_context().run, work, *args, **kwargs)
    async with node.crowd.page() as threads:
        return await asyncio.get_running_loop().run_in_executor(threads, call)


async def node_of(request: Request) -> BankNode:
    """The node behind the routes."""
    node: BankNode = request.app.state.node
    return node


async def hub_of(request: Request) -> Hub:
    """Who hands out what is new."""
    hub: Hub = request.app.state.hub
    return hub


async def terminal(request: Request) -> Till:
    """The terminal that asks."""
    gate = (await node_of(request)).gate
    body = await request.body()
    if gate.asks(request):
        till = await at_chain(await node_of(request), gate.terminal, request, body)
    elif gate.waits(request):
        till = await aside(gate.terminal, request, body)
    else:  # most of the time; another thread would take longer than the signature does
        till = gate.terminal(request, body)
    request.state.caller = till.name
    return till


async def channel(request: Request) -> Channel:
    """The bank's channel that asks."""
    found = await aside((await node_of(request)).gate.channel, request)
    request.state.caller = f"channel:{found.name}"
    return found


async def either(request: Request) -> Till | Channel:
    """A terminal or the bank's channel."""
    return await (terminal(request) if SIGNATURE in request.headers else channel(request))


async def anybody(request: Request) -> None:
    """Nobody in particular."""
    (await node_of(request)).gate.anybody(request)


Node = Annotated[BankNode, Depends(node_of)]
TheHub = Annotated[Hub, Depends(hub_of)]
Terminal = Annotated[Till, Depends(terminal)]
OwnChannel = Annotated[Channel, Depends(channel)]
Either = Annotated[Till | Channel, Depends(either)]
Anybody = Depends(anybody)


async def order_for(node: BankNode, order_id: str, caller: Till | Channel) -> Taken:
    """An order, if it is the caller's to see."""
    found = (await aside(node.orders.find, [order_id])).get(order_id)
    if found is None or (isinstance(caller, Till) and found.terminal != caller.address):
        raise not_found("order")
    return found


async def stream(
    node: BankNode,
    hub: Hub,
    taken: Taken,
    request: Request,
    until: Callable[[], bool] = lambda: False,
) -> StreamingResponse:
    """An order's events as server-sent events (https://html.spec.whatwg.org/#server-sent-events)
    after the one that ``Last-Event-ID`` names; ``until`` says when it is enough."""
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else 0
    hub.make_room(taken.order_id)

    async def lines() -> AsyncIterator[str]:
        yield "retry: 1000\n\n"
        async with contextlib.aclosing(hub.listen(taken.order_id, after)) as rows:
            async for row in rows:
                if until():
                    return
                told = node.answers.event(row, taken.terminal) if row else None
                if row is None:
                    yield ": still here\n\n"
                elif told is not None:
                    data = told.model_dump_json(exclude_none=True)
                    yield f"id: {row.number}\nevent: {told.kind}\ndata: {data}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")
