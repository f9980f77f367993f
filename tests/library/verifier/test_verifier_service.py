"""A verifier over HTTP: the same verdicts, for the intake desk only, and nothing repeated."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
import requests

from counterfoil.errors import Unavailable
from counterfoil.ipfs.cid import digest_of
from counterfoil.keys import Signer
from counterfoil.tickets.attestation import Opening, Request
from counterfoil.tickets.desk import Desk
from counterfoil.verifier.remote import RemoteVerifier
from counterfoil.verifier.verify import VerifierNode
from counterfoil.verifier.wire import FRESH, MAX_BODY, SIGNATURE, TIME, AttestationBody, Place
from tests.support.verifier_service import code_of, served

SECRET = "6222021234567894"


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
    assert code_of(lambda: remote.attest(replace(request_, deadline=0))) == "deadline"
    assert code_of(lambda: remote.attest(replace(request_, openings=()))) == "batch-size"
    assert code_of(lambda: remote.attest(replace(request_, keys="x"))) == "unreadable-keys"


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
        assert code_of(lambda: remote.attest(request_)) == "internal"

    assert "RuntimeError at " in caplog.text
    assert SECRET not in caplog.text
