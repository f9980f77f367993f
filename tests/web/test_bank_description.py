"""The node's description of itself: every example in it is what its schema says, and what the node
takes and gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

from counterfoil.bank import routes_channel, routes_links, routes_open, routes_orders, wire
from counterfoil.bank import wire_customers as customers
from tests.support.bank_node import SECONDS, Served, TillClient

ROUTES = [
    route
    for module in (routes_orders, routes_channel, routes_links, routes_open)
    for route in module.router.routes
    if isinstance(route, APIRoute)
]
TAKING = [route for route in ROUTES if route.body_field is not None]
MODELS = [
    model
    for module in (wire, customers)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel)
]


@pytest.fixture
def described(bank: Served) -> dict[str, Any]:
    """What the node says of itself."""
    found: dict[str, Any] = requests.get(bank.url + "/openapi.json", timeout=SECONDS).json()
    return found


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every method of every path under /v1, by its name."""
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            if path.startswith("/v1"):
                yield f"{method} {path}", one


@pytest.mark.parametrize("route", TAKING, ids=lambda route: str(route.path))
def test_body_hasAnExampleThatItsRouteTakes(route: APIRoute) -> None:
    assert route.openapi_extra is not None and route.body_field is not None
    example = route.openapi_extra["requestBody"]["content"]["application/json"]["example"]

    TypeAdapter(route.body_field.field_info.annotation).validate_python(example, strict=True)


def test_answers_haveExamplesThatAreLikeThem() -> None:
    seen = set()
    for model in MODELS:
        extra = model.model_config.get("json_schema_extra")
        for example in extra["examples"] if isinstance(extra, dict) else ():
            model.model_validate(example, strict=True, extra="forbid")
            seen.add(model)
    assert {wire.Problem, wire.OrderAnswer, wire.OrderEvent, customers.RefundAnswer} <= seen


def test_answer_isAsItsExampleShows(till: TillClient) -> None:
    answer = till.pay()

    assert answer.keys() - {"confirm_until"} == wire.examples.ANSWER.keys()


def test_parameters_haveExamplesThatTheyTake(described: dict[str, Any]) -> None:
    seen = 0
    for name, operation in operations(described):
        for parameter in operation.get("parameters", ()):
            examples = parameter["schema"].get("examples", ())
            for example in examples if "pattern" in parameter["schema"] else ():
                seen += 1
                assert re.fullmatch(parameter["schema"]["pattern"], example), name
    assert seen > 5


def test_errors_areProblemsWhereverTheyAreDescribed(described: dict[str, Any]) -> None:
    for name, operation in operations(described):
        told = {code: answer for code, answer in operation["responses"].items() if code >= "400"}
        assert told.keys() >= {"401", "404", "405", "408", "413", "422", "429", "503"}, name
        for answer in told.values():
            assert list(answer["content"]) == ["application/problem+json"], name
