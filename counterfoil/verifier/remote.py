"""A verifier that runs elsewhere, asked over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import requests
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import HTTPError

from counterfoil.errors import Refused, Unavailable
from counterfoil.ipfs.store import BlockState
from counterfoil.keys import Signer
from counterfoil.tickets.attestation import Order, Request, Verdict
from counterfoil.tickets.registry import Registry
from counterfoil.verifier.wire import (
    MAX_BODY,
    AttestationBody,
    BlocksBody,
    CardBody,
    Place,
    StatesBody,
    VerdictBody,
    parsed,
)

TIMEOUT = 30.0
"""Seconds for one answer."""
_AT_ONCE = 4
_PIECE = 64 * 1024


class _Problem(BaseModel):
    code: str
    message: str


class _Straight(requests.Session):
    """Goes where it is sent and no further: of an answer that leads elsewhere, requests would read
    all there is before it said so."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


class RemoteVerifier:
    """The verifier behind ``url``, asked by the holder of ``intake``.

    Its card is read at first use; case keys are only given to whom the registry calls a verifier.
    It is asked four things at a time, so that it looks into one batch while others come from IPFS
    or wait for the chain; whoever asks while it is busy waits in line.

    Args:
        name: what the desk calls it.
        url: ``http://127.0.0.1:43126``.
        registry: the ticket registry, which says who is a verifier.
        intake: signs each request.
        timeout: seconds for one answer, and for the wait before it.
    """

    def __init__(
        self, name: str, url: str, registry: Registry, intake: Signer, *, timeout: float = TIMEOUT
    ) -> None:
        self.name = name
        self._url = url.rstrip("/")
        self._registry = registry
        self._place = Place(registry.chain_id, registry.address)
        self._intake = intake
        self._timeout = timeout
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._card: tuple[str, bytes] | None = None

    @property
    def address(self) -> str:
        """The address that its signatures recover to; errors as :meth:`attest`."""
        return self._known()[0]

    @property
    def public_key(self) -> bytes:
        """The X25519 key that case keys are encrypted to, of one who is a verifier now; errors as
        :meth:`attest`."""
        address, key = self._known()
        if not self._registry.holds("VERIFIER_ROLE", address):
            raise Refused(f"{address} is no verifier", code="not-verifier")
        return key

    def attest(self, request: Request) -> Verdict:
        """What it says to a batch.

        Raises:
            Refused: it won't look into it; the codes of ``VerifierNode.attest``, and
                ``not-verifier``, ``false-card``, ``malformed``.
            Unavailable: it doesn't answer.
        """
        answer = self._post("/attestations", AttestationBody.of(request))
        return parsed(VerdictBody, answer).verdict()

    def blocks(self, order: Order, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        """See ``VerifierNode.blocks``; errors as :meth:`attest`."""
        answer = self._post("/blocks", BlocksBody.of(order, digests))
        return parsed(StatesBody, answer).by_digest()

    def _known(self) -> tuple[str, bytes]:
        if self._card is None:
            card = parsed(CardBody, self._asked("GET", "/card"))
            self._card = card.address, self._place.key_on(card)
        return self._card

    def _post(self, path: str, message: BaseModel) -> bytes:
        body = message.model_dump_json().encode()
        if not self._turn.acquire(timeout=self._timeout):
            raise Unavailable(f"{self.name} is busy with something else", code="verifier-busy")
        try:
            signed = self._place.signed(self._intake, path, body, int(time.time()))
            return self._asked("POST", path, body, signed)
        finally:
            self._turn.release()

    def _asked(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> bytes:
        until = time.monotonic() + self._timeout
        try:
            with (
                _Straight() as line,
                line.request(
                    method,
                    self._url + path,
                    data=body,
                    headers={**(headers or {}), "Accept-Encoding": "identity"},
                    timeout=self._timeout,
                    stream=True,
                ) as answer,
            ):
                content = _content(answer, until)
        except (requests.RequestException, HTTPError, TimeoutError) as error:
            raise Unavailable(
                f"{self.name} doesn't answer at {self._url} ({type(error).__name__})",
                fix="Start it: `counterfoil up`.",
                code="verifier-unreachable",
            ) from None
        if answer.status_code == requests.codes.ok:
            return content
        raise self._problem(answer.status_code, content)

    def _problem(self, status: int, content: bytes) -> Refused | Unavailable:
        try:
            problem = _Problem.model_validate_json(content)
        except ValidationError:
            problem = _Problem(code="malformed", message=f"HTTP status {status}")
        said = f"{self.name}: {problem.message[:200]}"
        if status < requests.codes.server_error:
            return Refused(said, code=problem.code[:64])
        return Unavailable(said, code=problem.code[:64])


def _content(answer: requests.Response, until: float) -> bytes:
    """All that it says, as far as it says it in time.

    Raises:
        Refused: it says more than any answer takes (``malformed``).
        TimeoutError: it isn't done in time, though it goes on.
    """
    found = bytearray()
    while piece := answer.raw.read1(_PIECE):
        found += piece
        if len(found) > MAX_BODY:
            raise Refused("an answer longer than any that is one", code="malformed")
        if time.monotonic() > until:
            raise TimeoutError
    return bytes(found)
