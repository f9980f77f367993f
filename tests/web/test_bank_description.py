"""The node's description of itself: every example in it is what its schema says, and what the node
takes and gives; and who may ask is who is let in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from fastapi.routing import APIRoute
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel, TypeAdapter

from counterfoil.bank import problems, routes_channel, routes_links, routes_open, routes_orders
from counterfoil.bank import wire_customers as customers
from counterfoil.bank.examples_problems import PROBLEMS
from counterfoil.bank.wire import OrderEvent, Problem
from counterfoil.points.requests import NONCE, SIGNATURE, TERMINAL, TIME
from tests.support.bank_node import SECONDS, ChannelClient, Served, TillClient

ROUTES = [
    route
    for module in (routes_orders, routes_channel, routes_links, routes_open)
    for route in module.router.routes
    if isinstance(route, APIRoute)
]
TAKING = [route for route in ROUTES if route.body_field is not None]
MODELS = {
    name: model
    for name, model in vars(customers).items()
    if isinstance(model, type) and issubclass(model, BaseModel)
} | {model.__name__: model for model in (route.response_model for route in ROUTES) if model}
SIGNED = {name: [] for name in (TERMINAL, TIME, NONCE, SIGNATURE)}
KEY: dict[str, list[str]] = {"channel": []}
JSON, PROBLEM = "application/json", "application/problem+json"
EVERYWHERE = {"400", "405", "408", "413", "431", "500"}


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path, as it is described."""

    method: str
    path: str
    told: dict[str, Any]

    @property
    def takes(self) -> bool:
        """Whether anything in it can be wrong."""
        given = [one for one in self.told.get("parameters", ()) if one["in"] != "header"]
        return bool(given or "requestBody" in self.told)

    def request(self) -> tuple[str, bytes]:
        """The path and the body of its example."""
        path = self.path
        for one in self.told.get("parameters", ()):
            value = one["schema"].get("examples", [1])[0]
            path = path.replace("{" + one["name"] + "}", str(value))
        if "requestBody" not in self.told:
            return path, b""
        content = self.told["requestBody"]["content"]["application/json"]
        return path, json.dumps(content["example"]).encode()


@pytest.fixture
def described(bank: Served) -> dict[str, Any]:
    """What the node says of itself."""
    found: dict[str, Any] = requests.get(bank.url + "/openapi.json", timeout=SECONDS).json()
    return found


def operations(described: dict[str, Any]) -> list[Operation]:
    """Every method of every path."""
    found = [
        Operation(method.upper(), path, told)
        for path, methods in described["paths"].items()
        for method, told in methods.items()
    ]
    assert len(found) == len(ROUTES)
    return found


def answers(described: dict[str, Any]) -> Iterator[tuple[str, str, Any, str]]:
    """Every answer: its status, its media type, its example, and the name of its schema."""
    for one in operations(described):
        for status, answer in one.told["responses"].items():
            assert answer["content"], (one, status)
            for kind, content in answer["content"].items():
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                schema = described["components"]["schemas"].get(name, {})
                example = content.get("example", *schema.get("examples", [None])[:1])
                yield status, kind, example, name


@pytest.mark.parametrize("route", TAKING, ids=lambda route: str(route.path))
def test_body_hasAnExampleThatItsRouteTakes(route: APIRoute) -> None:
    assert route.openapi_extra is not None and route.body_field is not None
    example = route.openapi_extra["requestBody"]["content"]["application/json"]["example"]

    TypeAdapter(route.body_field.field_info.annotation).validate_python(example, strict=True)


def test_answers_allHaveExamplesThatAreLikeThem(described: dict[str, Any]) -> None:
    kinds = set()
    for status, kind, example, name in answers(described):
        kinds.add(kind)
        if kind == PROBLEM:
            assert Problem.model_validate(example, strict=True, extra="forbid").status == int(
                status
            )
        elif kind == "text/event-stream":
            assert list(streamed(example)) == ["received", "recorded", "settled"]
        elif kind == "text/plain":
            assert list(text_string_to_metric_families(example))
        else:
            MODELS[name].model_validate(example, strict=True, extra="forbid")
    assert kinds == {PROBLEM, "text/event-stream", "text/plain", JSON}


def streamed(text: str) -> Iterator[str]:
    """The kinds of an example's events, each of which is one."""
    first, *events = text.removesuffix("\n\n").split("\n\n")
    assert first == "retry: 1000"
    for event in events:
        number, kind, data = event.split("\n")
        told = OrderEvent.model_validate_json(data.removeprefix("data: "), extra="forbid")
        assert (number, kind) == (f"id: {told.number}", f"event: {told.kind}")
        yield told.kind


def test_answers_areAsTheirExamplesShow(
    described: dict[str, Any], bank: Served, till: TillClient, channel: ChannelClient
) -> None:
    shown = {name: example for _, kind, example, name in answers(described) if kind == JSON}

    for name, answer in real(bank.url, till, channel):
        assert answer.ok, answer.text
        assert keys(answer.json(), shown[name]) == keys(shown[name], answer.json()), name
        del shown[name]
    assert shown.keys() == {"Alarms"}  # nothing unusual happens here


def real(
    url: str, till: TillClient, channel: ChannelClient
) -> Iterator[tuple[str, requests.Response]]:
    """An answer of each kind, by its model's name."""
    basket = [{"item": "hamper", "quantity": 2, "unit_price": "50.00"}]
    asked = {"customer_id": "C-1", "terminal": "till-1", "basket": basket}
    yield "Quote", till.post("/v1/quotes", asked)
    order = till.order(till.quote(), 1200)
    yield "OrdersAnswer", till.post("/v1/orders", {"orders": [order]})
    path = f"/v1/orders/{order['order_id']}"
    yield "OrderAnswer", till.get(path)
    yield "Receipt", till.get(f"{path}/receipt")
    yield "RefundAnswer", till.post(f"{path}/refunds", {"refund_id": "r-1", "cash": "1.20"})
    customer = channel.ask("POST", "/v1/customers", {"customer_id": "C-1"})
    yield "Customer", customer
    mine = f"/v1/customers/{customer.json()['account']}"
    yield "Balance", channel.ask("GET", f"{mine}/balance")
    yield "Statement", channel.ask("GET", f"{mine}/statement")
    token = till.get(path).json()["status_token"]
    yield "Status", requests.get(f"{url}/v1/status/{token}", timeout=SECONDS)
    channel.ask("PUT", f"{mine}/consent", {"confirm_above": "always"})
    till.pay()
    waiting = channel.ask("GET", "/v1/confirmations")
    yield "ConfirmationLinks", waiting
    token = waiting.json()["confirmations"][0]["token"]
    yield "Confirmation", requests.get(f"{url}/v1/confirmations/{token}", timeout=SECONDS)
    for name, open_to_all in {
        "Rules": "/v1/rules/1",
        "Catalogue": "/v1/terminals/till-1/catalogue",
        "Listening": "/healthz",
        "Ready": "/readyz",
    }.items():
        yield name, requests.get(url + open_to_all, timeout=SECONDS)


def keys(value: Any, other: Any) -> Any:
    """The keys in it, and in what is in it as far as the other one has that too."""
    if isinstance(value, dict) and isinstance(other, dict):
        return {key: keys(value[key], other.get(key)) for key in value}
    if isinstance(value, list) and isinstance(other, list) and value and other:
        return keys(value[0], other[0])
    return None


def test_parameters_haveExamplesThatTheyTake(described: dict[str, Any]) -> None:
    seen = 0
    for one in operations(described):
        for parameter in one.told.get("parameters", ()):
            examples = parameter["schema"].get("examples", ())
            for example in examples if "pattern" in parameter["schema"] else ():
                seen += 1
                assert re.fullmatch(parameter["schema"]["pattern"], example), one
    assert seen > 5


def test_errors_areProblemsOfTheirOwnWhereverTheyCanCome(described: dict[str, Any]) -> None:
    for one in operations(described):
        told = {code: answer for code, answer in one.told["responses"].items() if code >= "400"}
        if one.path == "/readyz":
            del told["503"]  # says which part is away
        assert told.keys() >= EVERYWHERE, one
        assert ("401" in told) == bool(one.told["security"]), one
        assert ("404" in told) == ("{" in one.path), one
        assert ("422" in told) == one.takes, one
        assert ({"429", "503"} <= told.keys()) == (one.path not in ("/healthz", "/readyz")), one
        assert all(list(answer["content"]) == [PROBLEM] for answer in told.values()), one


@pytest.mark.parametrize("code", PROBLEMS)
def test_errors_areWordedAsTheNodeDoes(code: str) -> None:
    shown = PROBLEMS[code]
    words = {key: shown[key] or "" for key in ("field", "fix")}

    told = problems.told(shown["status"], shown["detail"], code, shown["request_id"], **words)

    assert json.loads(bytes(told.body)) == shown
    assert problems.STATUS.get(code, shown["status"]) == shown["status"]


def test_errors_haveExamplesOfAllThatTheNodeHasACodeFor() -> None:
    assert problems.STATUS.keys() <= PROBLEMS.keys()


def test_security_isThatOfEachRoute(
    described: dict[str, Any], bank: Served, till: TillClient, channel: ChannelClient
) -> None:
    key = {"authorization": f"Bearer {channel.key}"}
    for one in operations(described):
        security = one.told["security"]
        path, body = one.request()
        signed = till.headers(one.method, path, body)

        for headers, proves in (({}, {}), (key, KEY), (signed, SIGNED)):
            told = requests.request(
                one.method,
                bank.url + path,
                data=body,
                headers=headers | {"content-type": "application/json"},
                timeout=SECONDS,
            )
            assert (told.status_code != 401) == (not security or proves in security), one
    schemes = described["components"]["securitySchemes"]
    assert schemes.keys() == SIGNED.keys() | KEY.keys()
    assert {schemes[name]["name"] for name in SIGNED} == SIGNED.keys()
