"""A verifier as the desk sees it from afar: who it is, what it answers, and when it doesn't."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from counterfoil.errors import Refused, Unavailable
from counterfoil.keys import Signer
from counterfoil.local import ports
from counterfoil.tickets.attestation import Opening, Request, Verdict
from counterfoil.tickets.casecrypto import new_key, seal
from counterfoil.tickets.casefile import to_bytes
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import token_id_of
from counterfoil.tickets.quorum import ask
from counterfoil.tickets.registry import Registry
from counterfoil.verifier.remote import RemoteVerifier
from counterfoil.verifier.verify import VerifierNode
from counterfoil.verifier.wire import Place
from tests.support.cases import CASE
from tests.support.verifier_service import code_of, served


def test_remote_isUnavailableIfNobodyAnswers(desk: Desk, request_: Request) -> None:
    remote = RemoteVerifier(
        "verifier-1", f"http://127.0.0.1:{ports.free()}", desk.registry, desk.intake
    )

    assert code_of(lambda: remote.attest(request_)) == "verifier-unreachable"
    assert code_of(lambda: remote.address) == "verifier-unreachable"


def test_remote_givesNoCaseKeyToWhoIsNoVerifier(desk: Desk, node: VerifierNode) -> None:
    stranger = replace(node, signer=Signer.generate())
    with served(lambda: stranger) as url:
        remote = RemoteVerifier("verifier-1", url, desk.registry, desk.intake)
        assert code_of(lambda: remote.public_key) == "not-verifier"


def test_remote_believesNoCardThatIsSignedByAnother(
    desk: Desk, remote: RemoteVerifier, node: VerifierNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Place.card

    def forged(place: Place, signer: Signer, public_key: bytes) -> Any:
        mine = honest(place, Signer.generate(), public_key)
        return mine.model_copy(update={"address": signer.address})

    monkeypatch.setattr(Place, "card", forged)
    assert code_of(lambda: remote.address) == "false-card"


def test_remote_refusesAnswersThatAreNone(
    remote: RemoteVerifier, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("counterfoil.verifier.service._attest", lambda node, _: node_card(node))
    assert code_of(lambda: remote.attest(request_)) == "malformed"


@pytest.mark.parametrize(
    ("status", "pause", "code"),
    [
        pytest.param(200, 0.0, "malformed", id="endless"),
        pytest.param(500, 0.0, "malformed", id="endless error"),
        pytest.param(200, 0.05, "verifier-unreachable", id="a letter at a time"),
        pytest.param(307, 0.0, "malformed", id="sends us elsewhere"),
    ],
)
def test_remote_isDoneWithAnAnswerThatNeverEnds(
    desk: Desk, status: int, pause: float, code: str
) -> None:
    with never_done(status, pause) as url:
        remote = RemoteVerifier("verifier-1", url, desk.registry, desk.intake, timeout=1)
        began = time.monotonic()
        assert code_of(lambda: remote.address) == code

    assert time.monotonic() - began < 10


@contextmanager
def never_done(status: int, pause: float) -> Iterator[str]:
    """A service whose answer goes on for ever, with so many seconds between two pieces."""
    gone = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Location", "/card")
            self.end_headers()
            with suppress(OSError):
                while not gone.wait(pause):
                    self.wfile.write(b" " * (1 if pause else 64 * 1024))

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            gone.set()
            server.shutdown()
            serving.join()


def node_card(node: VerifierNode) -> Any:
    """A message of another kind."""
    return Place(node.registry.chain_id, node.registry.address).card(node.signer, node.public_key)


class Liar(VerifierNode):
    """Vouches for another batch than the one it was shown."""

    def attest(self, request: Request) -> Verdict:
        return super().attest(replace(request, deadline=request.deadline + 1))


def test_ask_changesNothingIfOneOfThreeIsDownAndTwoAreTrue(desk: Desk, request_: Request) -> None:
    _, two, three = desk.verifiers
    dead = RemoteVerifier(
        "verifier-1", f"http://127.0.0.1:{ports.free()}", desk.registry, desk.intake
    )

    assert len(_signatures(desk, [dead, two, three])) == 2


def test_ask_changesNothingIfOneOfThreeLies(desk: Desk, node: VerifierNode) -> None:
    fields = {name: getattr(node, name) for name in VerifierNode.__slots__}
    liar = Liar(**fields)
    with served(lambda: liar) as url:
        lying = RemoteVerifier("verifier-1", url, desk.registry, desk.intake)
        signatures = _signatures(desk, [lying, *desk.verifiers[1:]])

    assert len(signatures) == 2


def _signatures(desk: Desk, verifiers: Any) -> tuple[bytes, ...]:
    """What these make of a true ticket; the registry mints it."""
    token_id, key = token_id_of(CASE.composite(), desk.epoch_key), new_key()
    block = seal(to_bytes(CASE), key, desk.registry.binding(token_id), "case/1")
    opening = Opening(token_id, desk.store.put(block))
    attested = ask(verifiers, desk.registry, [opening], [key])
    registry: Registry = desk.registry
    minted = registry.open_batch(
        desk.intake,
        [opening],
        handler=desk.staff.address,
        channel="app",
        deadline=attested.deadline,
        signatures=attested.signatures,
    )
    assert minted.opened == {token_id}
    return attested.signatures


def test_problem_isRefusedOrUnavailable(remote: RemoteVerifier) -> None:
    for status, kind in ((422, Refused), (404, Refused), (503, Unavailable), (500, Unavailable)):
        assert isinstance(remote._problem(status, b"<html>"), kind)


def test_remote_isAskedFourThingsAtATime(desk: Desk) -> None:
    inside, gate = threading.Semaphore(0), threading.Event()

    class Slow(RemoteVerifier):
        def _asked(self, *_: object) -> bytes:
            inside.release()
            assert gate.wait(20)
            return b'{"states": {}}'

    remote = Slow("slow", "http://127.0.0.1:9", desk.registry, desk.intake, timeout=0.1)
    with ThreadPoolExecutor(4) as threads:
        four = [threads.submit(remote.blocks, "look", []) for _ in range(4)]
        for _ in four:
            inside.acquire()
        assert code_of(lambda: remote.blocks("look", [])) == "verifier-busy"
        gate.set()

    assert [one.result() for one in four] == [{}] * 4
    assert remote.blocks("look", []) == {}
