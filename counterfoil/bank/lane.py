"""The routes that tills take all day, past the framework.

Its routing, dependencies and validation take longer over a quote than the quote does. The functions
behind these routes are the same, and they stand in the framework too, which describes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from counterfoil.bank import routes_orders
from counterfoil.bank.door import hub_of, node_of, terminal
from counterfoil.bank.doorway import Lane
from counterfoil.bank.problems import misread, problem
from counterfoil.bank.wire import OrdersBody, QuoteBody
from counterfoil.errors import CounterfoilError

Body = TypeVar("Body", bound=BaseModel)


async def _quotes(request: Request) -> Response:
    till = await terminal(request)
    body = QuoteBody.model_validate_json(await request.body())
    return await routes_orders.quote(body, till, await node_of(request))


async def _orders(request: Request) -> Response:
    till = await terminal(request)
    body = OrdersBody.model_validate_json(await request.body())
    return await routes_orders.orders(body, till, await node_of(request), await hub_of(request))


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


LANES: Mapping[str, Lane] = {
    "POST /v1/quotes": _told(_quotes),
    "POST /v1/orders": _told(_orders),
}
