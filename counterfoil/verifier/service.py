"""A verifier as a web service.

::

    GET  /health         200 once it listens
    GET  /card           who it is, and its encryption key, signed
    POST /attestations   look into a batch: a signature, or what is wrong with which ticket
    POST /blocks         keep, drop or look at blocks in its own store

Both POSTs are for the holder of the registry's intake role, who signs them (``wire.py``). An error
is ``{"code", "message", "fix"}``: 4xx if the request won't do, 503 if a part of the node is away.
Nothing that was sent is logged or repeated.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from counterfoil.errors import CounterfoilError, Refused, Unavailable
from counterfoil.verifier.verify import VerifierNode
from counterfoil.verifier.wire import (
    FRESH,
    MAX_BODY,
    SIGNATURE,
    TIME,
    AttestationBody,
    BlocksBody,
    Place,
    StatesBody,
    VerdictBody,
    parsed,
)
from counterfoil.web.faults import kind_and_place
from counterfoil.web.serving import serve_until_asked_to_end

_LOG = logging.getLogger("counterfoil.verifier")
_LAST_WORDS = 3  # seconds for answers that are on their way when the service is ended

FindNode = Callable[[], VerifierNode]


def application(find: FindNode) -> FastAPI:
    """The service. ``find`` gives the node as it stands; it may have moved since the last time."""
    app = FastAPI(title="Counterfoil verifier", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def health() -> dict[str, bool]:
        return {"listening": True}

    @app.get("/card")
    async def card() -> Response:
        return await run_in_threadpool(_answered, lambda: _card(find()))

    @app.post("/attestations")
    async def attestations(request: Request) -> Response:
        return await _post(request, find, _attest)

    @app.post("/blocks")
    async def blocks(request: Request) -> Response:
        return await _post(request, find, _blocks)

    return app


def serve(find: FindNode, host: str, port: int) -> None:
    """Answer at this address until the process is asked to end."""
    serve_until_asked_to_end(application(find), host, port, last_words=_LAST_WORDS)


def _card(node: VerifierNode) -> BaseModel:
    return _place(node).card(node.signer, node.public_key)


def _attest(node: VerifierNode, body: bytes) -> BaseModel:
    return VerdictBody.of(node.attest(parsed(AttestationBody, body).request()))


def _blocks(node: VerifierNode, body: bytes) -> BaseModel:
    asked = parsed(BlocksBody, body)
    return StatesBody.of(node.blocks(asked.order, asked.blocks()))


async def _post(
    request: Request, find: FindNode, act: Callable[[VerifierNode, bytes], BaseModel]
) -> Response:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            return _problem(Refused(f"over {MAX_BODY} bytes", code="too-large"))
    signature, at = (request.headers.get(name, "") for name in (SIGNATURE, TIME))

    def answer() -> BaseModel:
        node = find()
        _check_asker(node, signature, request.url.path, body, at)
        return act(node, body)

    return await run_in_threadpool(_answered, answer)


def _check_asker(node: VerifierNode, signature: str, path: str, body: bytes, at: str) -> None:
    if not at.isascii() or not at.isdigit() or abs(int(at[:12]) - time.time()) > FRESH:
        raise Refused("the request's time is off", code="stale-request")
    asker = _place(node).asks(signature, path, body, int(at))
    if asker is None or not node.registry.holds("INTAKE_ROLE", asker):
        raise Refused("the request isn't signed by an intake desk", code="not-intake")


def _place(node: VerifierNode) -> Place:
    return Place(node.registry.chain_id, node.registry.address)


def _answered(answer: Callable[[], BaseModel]) -> Response:
    """The answer, or the error as its problem; of one that isn't ours only kind and place."""
    try:
        return Response(answer().model_dump_json(), media_type="application/json")
    except CounterfoilError as error:
        return _problem(error)
    except Exception as error:
        _LOG.error("%s", kind_and_place(error))
        return _problem(Unavailable("an internal error", fix="See its log.", code="internal"))


def _problem(error: CounterfoilError) -> Response:
    status = 503 if isinstance(error, Unavailable) else 422
    told = {"code": error.code, "message": error.message, "fix": error.fix}
    return JSONResponse(told, status)
