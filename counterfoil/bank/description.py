"""What the node says of itself at ``/openapi.json``."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from counterfoil.bank import door
from counterfoil.bank.examples_problems import PROBLEMS
from counterfoil.bank.wire import Problem
from counterfoil.points.requests import NONCE, SIGNATURE, TERMINAL, TIME

DESCRIPTION = """\
A bank's points for its terminals, its own channel and its customers.

A terminal signs each request with the key that signs its orders (EIP-191 over chain id, ledger,
method, path, body's SHA-256, time and nonce, a line each after `counterfoil/bank/1`), in the
headers `counterfoil-terminal`, `counterfoil-time`, `counterfoil-nonce`, `counterfoil-signature`.
The bank's own channel sends its key as `Authorization: Bearer`. Customers come by links.
Cash is a decimal string; times are ISO 8601 in UTC; errors are problem details (RFC 9457)."""

Responses = dict[int | str, dict[str, Any]]
"""What a route may answer, by status, as the framework takes it."""

_TYPE = "application/problem+json"
_HEADERS = {
    TERMINAL: "The terminal's name.",
    TIME: "Unix seconds; the request counts for a minute before and after.",
    NONCE: "32 hex digits, each once.",
    SIGNATURE: "0x and hex: 65 bytes by the terminal's key, or what its contract stands by.",
}
_SCHEMES: dict[str, dict[str, str]] = {
    name: {"type": "apiKey", "in": "header", "name": name, "description": said}
    for name, said in _HEADERS.items()
}
_SCHEMES["channel"] = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key of the bank's own channel (`counterfoil bank key add`).",
}
_SIGNED: dict[str, list[str]] = {name: [] for name in _HEADERS}
_KEY: dict[str, list[str]] = {"channel": []}
_WHO: dict[object, list[dict[str, list[str]]]] = {
    door.terminal: [_SIGNED],
    door.channel: [_KEY],
    door.either: [_SIGNED, _KEY],
}
"""What proves who asks, by the dependency that wants it."""


def errors(*codes: str) -> Responses:
    """The errors with these codes, no two of one status, as a route's ``responses``."""
    return {PROBLEMS[code]["status"]: _error(code) for code in codes}


def _error(code: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"model": Problem, "content": {_TYPE: {"schema": schema, "example": PROBLEMS[code]}}}


ANYWHERE = errors(
    "bad-request", "method-not-allowed", "too-slow", "too-large", "head-too-large", "internal"
)
"""What any route may answer, whoever asks."""


class Described(FastAPI):
    """An application whose errors are described as what they are, problem documents and nothing
    else; whose examples are whole; and whose routes say who may ask. The framework adds its own
    kind of answer to whatever has a model or takes something, and leaves out what is null."""

    def openapi(self) -> dict[str, Any]:
        """The description."""
        if self.openapi_schema is None:
            found = super().openapi()
            schemas = found["components"]["schemas"]
            found["components"]["securitySchemes"] = _SCHEMES
            for framework in ("HTTPValidationError", "ValidationError"):
                schemas.pop(framework, None)
            for context in iter_route_contexts(self.routes):
                route = context.original_route
                if isinstance(route, APIRoute) and route.include_in_schema:
                    for method in route.methods or ():
                        operation = found["paths"][route.path_format][method.lower()]
                        operation["security"] = _security(route)
                        _mend(operation["responses"], self.router.responses | route.responses)
                    _fill(schemas, route)
        return super().openapi()


def _mend(told: dict[str, Any], own: Responses) -> None:
    """Let answers be as ``own`` has them."""
    if "422" in told:  # the framework knows which routes take something
        own = own | errors("bad-input")
    for status, answer in own.items():
        mended = told[str(status)]
        if _TYPE in answer.get("content", {}):
            mended["content"] = {}
        for kind, content in answer.get("content", {}).items():
            mended["content"][kind] = mended["content"].get(kind, {}) | content


def _fill(schemas: dict[str, Any], route: APIRoute) -> None:
    """Let the examples of what a route answers be as the models have them."""
    for model in (route.response_model, *(one.get("model") for one in route.responses.values())):
        extra = model.model_config.get("json_schema_extra") if model else None
        if isinstance(extra, dict):
            schemas[model.__name__]["examples"] = extra["examples"]


def _security(route: APIRoute) -> list[dict[str, list[str]]]:
    asked = [_WHO[one.call] for one in route.dependant.dependencies if one.call in _WHO]
    return asked[0] if asked else []
