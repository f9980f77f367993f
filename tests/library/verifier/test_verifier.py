"""A verifier signs a case that is what it says, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from counterfoil.errors import Refused
from counterfoil.tickets.attestation import (
    Opening,
    Verdict,
)
from counterfoil.tickets.casecrypto import new_key
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import token_id_of
from counterfoil.tickets.quorum import ask
from counterfoil.verifier.verify import MAX_BATCH, MAX_DEADLINE, VerifierNode
from tests.support.cases import CASE
from tests.support.verifying import opening_of, request_for


@pytest.fixture
def verifier(desk: Desk) -> VerifierNode:
    (node, *_) = desk.verifiers
    assert isinstance(node, VerifierNode)
    return node


def _reasons(verdict: Verdict) -> list[str]:
    assert verdict.signature is None
    return [refusal.reason for refusal in verdict.refusals]


def test_attest_signsACaseThatIsTrue(desk: Desk) -> None:
    opening, key = opening_of(desk)
    attested = ask(desk.verifiers, desk.registry, [opening], [key])

    minted = desk.registry.open_batch(
        desk.intake,
        [opening],
        handler=desk.staff.address,
        channel="app",
        deadline=attested.deadline,
        signatures=attested.signatures,
    )

    assert minted.opened == {opening.token_id}


def test_attest_refusesIfTheBlockIsMissing(desk: Desk, verifier: VerifierNode) -> None:
    opening, key = opening_of(desk)
    desk.store.delete(opening.digest)

    assert _reasons(verifier.attest(request_for(desk, (opening, key)))) == ["block-missing"]


@pytest.mark.parametrize("block", [b"not a case", b"a.b.c.d.e"])
def test_attest_refusesIfTheBlockDoesNotDecrypt(
    desk: Desk, verifier: VerifierNode, block: bytes
) -> None:
    request = request_for(desk, opening_of(desk, block=block))

    assert _reasons(verifier.attest(request)) == ["undecryptable"]


def test_attest_refusesIfTheKeyIsAnother(desk: Desk, verifier: VerifierNode) -> None:
    opening, _ = opening_of(desk)

    assert _reasons(verifier.attest(request_for(desk, (opening, new_key())))) == ["undecryptable"]


def test_attest_refusesIfTheCaseIsBoundElsewhere(desk: Desk, verifier: VerifierNode) -> None:
    token_id = token_id_of(CASE.composite(), desk.epoch_key)
    here = desk.registry.binding(token_id)

    for elsewhere in (replace(here, chain_id=1), replace(here, contract="0x" + "00" * 20)):
        request = request_for(desk, opening_of(desk, binding=elsewhere))
        assert _reasons(verifier.attest(request)) == ["undecryptable"]


def test_attest_refusesIfTheFingerprintIsAnother(desk: Desk, verifier: VerifierNode) -> None:
    request = request_for(desk, opening_of(desk, token_id=b"\x07" * 32))

    assert _reasons(verifier.attest(request)) == ["fingerprint"]


def test_attest_refusesIfTheFieldsAreNotNormalised(desk: Desk, verifier: VerifierNode) -> None:
    changed = CASE.transaction.model_copy(update={"serial": "rrn:506309123456"})
    request = request_for(desk, opening_of(desk, CASE.model_copy(update={"transaction": changed})))

    assert _reasons(verifier.attest(request)) == ["schema"]


def test_attest_refusesIfItIsNoFirstVersion(desk: Desk, verifier: VerifierNode) -> None:
    closed = CASE.process.model_copy(update={"status": "closed"})
    later = [{"process": closed}, {"previous": "0x" + "00" * 32}]

    for update in later:
        request = request_for(desk, opening_of(desk, CASE.model_copy(update=update)))
        assert _reasons(verifier.attest(request)) == ["status"]


def test_attest_refusesIfTheTicketExists(desk: Desk, verifier: VerifierNode) -> None:
    test_attest_signsACaseThatIsTrue(desk)

    assert _reasons(verifier.attest(request_for(desk, opening_of(desk)))) == ["already-open"]


def test_attest_namesEveryTicketThatStandsInTheWay(desk: Desk, verifier: VerifierNode) -> None:
    good = opening_of(desk)
    wrong = opening_of(desk, token_id=b"\x07" * 32)
    verdict = verifier.attest(request_for(desk, wrong, good, good))

    assert [(one.token_id, one.reason) for one in verdict.refusals] == [
        (wrong[0].token_id, "fingerprint"),
        (good[0].token_id, "repeated"),
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"chain_id": 1}, "wrong-registry"),
        ({"contract": "0x" + "00" * 20}, "wrong-registry"),
        ({"openings": ()}, "batch-size"),
        ({"openings": (Opening(bytes(32), bytes(32)),) * (MAX_BATCH + 1)}, "batch-size"),
        ({"openings": (Opening(bytes(32), bytes(32)),) * 2}, "unreadable-keys"),
        ({"keys": "nothing"}, "unreadable-keys"),
        ({"deadline": 0}, "deadline"),
    ],
)
def test_attest_refusesRequestsThatWontDo(
    desk: Desk, verifier: VerifierNode, changed: dict[str, Any], code: str
) -> None:
    request = replace(request_for(desk, opening_of(desk)), **changed)

    with pytest.raises(Refused) as caught:
        verifier.attest(request)

    assert caught.value.code == code


def test_attest_signsForAnHourAtMost(desk: Desk, verifier: VerifierNode) -> None:
    request = request_for(desk, opening_of(desk))
    latest = desk.registry.now() + MAX_DEADLINE

    assert verifier.attest(replace(request, deadline=latest)).signature
    with pytest.raises(Refused):
        verifier.attest(replace(request, deadline=latest + 1))


def test_verifier_hidesItsKeys(verifier: VerifierNode) -> None:
    assert verifier.private_key.hex() not in repr(verifier)
