"""A verifier over HTTP: the same verdicts, for the intake desk only, and nothing repeated."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from counterfoil.errors import CounterfoilError, Refused, Unavailable
from counterfoil.ipfs.cid import digest_of
from counterfoil.keys import Signer
from counterfoil.local import ports
from counterfoil.tickets.attestation import Opening, Request, Verdict
from counterfoil.tickets.casecrypto import new_key, seal
from counterfoil.tickets.casefile import to_bytes
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import token_id_of
from counterfoil.tickets.keywrap import wrap_keys
from counterfoil.tickets.quorum import ask
from counterfoil.tickets.registry import Registry
from counterfoil.verifier.remote import RemoteVerifier
from counterfoil.verifier.verify import VerifierNode
from counterfoil.verifier.wire import FRESH, MAX_BODY, SIGNATURE, TIME, AttestationBody, Place
from tests.support.cases import CASE
from tests.support.verifier_service import served

SECRET = "6222021234567894"


@pytest.fixture
def node(desk: Desk) -> VerifierNode:
    first = desk.verifiers[0]
    assert isinstance(first, VerifierNode)
    return first


@pytest.fixture
def url(node: VerifierNode) -> Iterator[str]:
    with served(lambda: node) as address:
        yield address


@pytest.fixture
def remote(desk: Desk, url: str) -> RemoteVerifier:
    return RemoteVerifier("verifier-1", url, desk.registry, desk.intake)


@pytest.fixture
def request_(desk: Desk, node: VerifierNode) -> Request:
    """One true ticket."""
    token_id, key = token_id_of(CASE.composite(), desk.epoch_key), new_key()
    block = seal(to_bytes(CASE), key, desk.registry.binding(token_id), "case/1")
    return Request(
        chain_id=desk.registry.chain_id,
        contract=desk.registry.address,
        openings=(Opening(token_id, desk.store.put(block)),),
        deadline=desk.registry.now() + 60,
        keys=wrap_keys([key], node.public_key),
    )


def _code(call: Any) -> str:
    with pytest.raises(CounterfoilError) as caught:
        call()
    return caught.value.code


def _post(desk: Desk, url: str, path: str, body: bytes, **changed: Any) -> dict[str, Any]:
    """What the service says to these bytes, signed by the intake desk now unless told."""
    place = Place(desk.registry.chain_id, desk.registry.address)
    signer, at = changed.get("signer", desk.intake), changed.get("at", int(time.time()))
    headers = place.signed(signer, path, changed.get("signed", body), at)
    answer = requests.post(url + path, body, headers=headers | changed.get("headers", {}))
    return {"status": answer.status_code, **answer.json()}


def test_attest_saysOverHttpWhatTheNodeSays(
    remote: RemoteVerifier, node: VerifierNode, request_: Request
) -> None:
    false = replace(request_, openings=(Opening(bytes(32), request_.openings[0].digest),))

    assert remote.attest(request_) == node.attest(request_)
    assert remote.attest(request_).signature
    assert remote.attest(false) == node.attest(false)
    assert (remote.address, remote.public_key) == (node.address, node.public_key)


def test_attest_refusesOverHttpWhatTheNodeRefuses(
    remote: RemoteVerifier, request_: Request
) -> None:
    assert _code(lambda: remote.attest(replace(request_, deadline=0))) == "deadline"
    assert _code(lambda: remote.attest(replace(request_, openings=()))) == "batch-size"
    assert _code(lambda: remote.attest(replace(request_, keys="x"))) == "unreadable-keys"


def test_blocks_areKeptLookedAtAndDropped(remote: RemoteVerifier, desk: Desk) -> None:
    digest, absent = desk.store.put(b"a block"), digest_of(b"nobody has this")

    assert remote.blocks("keep", [digest, absent]) == {digest: "kept", absent: "missing"}
    desk.store.own.unpin(digest)
    assert remote.blocks("look", [digest]) == {digest: "unpinned"}
    assert remote.blocks("drop", [digest, absent]) == {digest: "missing", absent: "missing"}


def test_service_asksWhoAsks(desk: Desk, url: str, request_: Request) -> None:
    body = AttestationBody.of(request_).model_dump_json().encode()
    now = int(time.time())
    for changed, code in (
        ({"signer": Signer.generate()}, "not-intake"),
        ({"signer": desk.staff}, "not-intake"),
        ({"signed": body + b" "}, "not-intake"),
        ({"headers": {SIGNATURE: "0xnothing"}}, "not-intake"),
        ({"headers": {SIGNATURE: ""}}, "not-intake"),
        ({"headers": {TIME: str(now + FRESH // 2)}}, "not-intake"),
        ({"headers": {TIME: ""}}, "stale-request"),
        ({"headers": {TIME: "-1"}}, "stale-request"),
        ({"at": now - FRESH - 60}, "stale-request"),
        ({"at": now + FRESH + 60}, "stale-request"),
    ):
        answer = _post(desk, url, "/attestations", body, **changed)
        assert (answer["status"], answer["code"]) == (422, code)

    signed_elsewhere = _post(desk, url, "/blocks", body, signed=body)
    assert signed_elsewhere["code"] == "malformed"  # signed for that path, but no such message


def test_service_repeatsNothingThatWasSent(desk: Desk, url: str) -> None:
    for body in (SECRET.encode(), json.dumps({"keys": SECRET}).encode(), b"\xff" + SECRET.encode()):
        answer = _post(desk, url, "/attestations", body)
        assert (answer["status"], answer["code"]) == (422, "malformed")
        assert SECRET not in json.dumps(answer)


def test_service_takesSoMuchAndNoMore(desk: Desk, url: str) -> None:
    assert _post(desk, url, "/blocks", b" " * MAX_BODY)["code"] == "malformed"
    assert _post(desk, url, "/blocks", b" " * (MAX_BODY + 1))["code"] == "too-large"


def test_service_isUnavailableIfAPartOfItIs(desk: Desk, request_: Request) -> None:
    def away() -> VerifierNode:
        raise Unavailable("no chain", code="chain")

    with served(away) as url:
        remote = RemoteVerifier("verifier-1", url, desk.registry, desk.intake)
        with pytest.raises(Unavailable, match="verifier-1: no chain"):
            remote.attest(request_)


def test_service_saysOnlyTheKindOfAnUnforeseenError(
    desk: Desk, request_: Request, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> VerifierNode:
        raise RuntimeError(SECRET)

    with served(broken) as url:
        remote = RemoteVerifier("verifier-1", url, desk.registry, desk.intake)
        assert _code(lambda: remote.attest(request_)) == "internal"

    assert "RuntimeError at " in caplog.text
    assert SECRET not in caplog.text


def test_remote_isUnavailableIfNobodyAnswers(desk: Desk, request_: Request) -> None:
    remote = RemoteVerifier(
        "verifier-1", f"http://127.0.0.1:{ports.free()}", desk.registry, desk.intake
    )

    assert _code(lambda: remote.attest(request_)) == "verifier-unreachable"
    assert _code(lambda: remote.address) == "verifier-unreachable"


def test_remote_givesNoCaseKeyToWhoIsNoVerifier(desk: Desk, node: VerifierNode) -> None:
    stranger = replace(node, signer=Signer.generate())
    with served(lambda: stranger) as url:
        remote = RemoteVerifier("verifier-1", url, desk.registry, desk.intake)
        assert _code(lambda: remote.public_key) == "not-verifier"


def test_remote_believesNoCardThatIsSignedByAnother(
    desk: Desk, remote: RemoteVerifier, node: VerifierNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Place.card

    def forged(place: Place, signer: Signer, public_key: bytes) -> Any:
        mine = honest(place, Signer.generate(), public_key)
        return mine.model_copy(update={"address": signer.address})

    monkeypatch.setattr(Place, "card", forged)
    assert _code(lambda: remote.address) == "false-card"


def test_remote_refusesAnswersThatAreNone(
    remote: RemoteVerifier, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("counterfoil.verifier.service._attest", lambda node, _: node_card(node))
    assert _code(lambda: remote.attest(request_)) == "malformed"


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
    made = requests.Response()
    for status, kind in ((422, Refused), (404, Refused), (503, Unavailable), (500, Unavailable)):
        made.status_code, made._content = status, b"<html>"
        assert isinstance(remote._problem(made), kind)
