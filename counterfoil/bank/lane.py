"""The routes that tills take all day, past the framework.

Its routing, dependencies and validation take longer over a quote than the quote does. The functions
behind these routes are the same, and they stand in the framework too, which describes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError
from starlette.types import Scope

from counterfoil.bank import routes_orders
from counterfoil.bank.door import either, hub_of, node_of, terminal
from counterfoil.bank.doorway import Lane
from counterfoil.bank.problems import misread, problem
from counterfoil.bank.wire import OrdersBody, QuoteBody
from counterfoil.errors import CounterfoilError

Body = TypeVar("Body", bound=BaseModel)
_EVENTS = "/v1/orders/{order_id}/events"
_EVENTS_OF = re.compile(r"/v1/orders/(0x[0-9a-f]{64})/events")


async def _quotes(request: Request) -> Response:
    till = await terminal(request)
    body = QuoteBody.model_validate_json(await request.body())
    return await routes_orders.quote(body, till, await node_of(request))


async def _orders(request: Request) -> Response:
    till = await terminal(request)
    body = OrdersBody.model_validate_json(await request.body())
    return await routes_orders.orders(body, till, await node_of(request), await hub_of(request))


async def _events(request: Request) -> Response:
    caller, order_id = await either(request), request.path_params["order_id"]
    node, hub = await node_of(request), await hub_of(request)
    return await routes_orders.events(order_id, caller, node, hub, request)


def _told(work: Lane) -> Lane:
    async def answer(request: Request) -> Response:
        request_id = request.state.request_id
        try:
            return await work(request)
        except CounterfoilError as error:
            return problem(error, request_id)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            return misread(found, request_id)

    return answer


_POSTS: Mapping[str, Lane] = {"/v1/quotes": _told(_quotes), "/v1/orders": _told(_orders)}
_STREAM = _told(_events)


def lane_of(scope: Scope) -> tuple[str, Lane] | None:
    """The route that a request takes, as the framework names it, and how it is answered; None if
    it is for the framework itself."""
    method, path = scope["method"], scope["path"]
    if method == "POST" and path in _POSTS and _is_json(scope):
        return path, _POSTS[path]
    if method == "GET" and (found := _EVENTS_OF.fullmatch(path)):
        scope["path_params"] = {"order_id": found[1]}
        return _EVENTS, _STREAM
    return None


def _is_json(scope: Scope) -> bool:
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return bool(kind.split(b";")[0].strip().lower() == b"application/json")
