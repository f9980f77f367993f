"""A verifier signs a case that is what it says, and nothing else."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from counterfoil.errors import Refused, Unavailable
from counterfoil.ipfs.store import BlockState
from counterfoil.keys import Signer
from counterfoil.tickets.attestation import (
    Opening,
    Order,
    Refusal,
    Request,
    Verdict,
    Verifier,
    attestation_digest,
)
from counterfoil.tickets.casecrypto import Binding, new_key, seal
from counterfoil.tickets.casefile import CaseFile, to_bytes
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import token_id_of
from counterfoil.tickets.keywrap import wrap_keys
from counterfoil.tickets.quorum import ask
from counterfoil.verifier.verify import MAX_BATCH, MAX_DEADLINE, VerifierNode
from tests.support.cases import CASE


@dataclass(frozen=True)
class Stranger:
    """What every bad verifier has of a good one."""

    public_key: bytes
    address: str = "0x" + "11" * 20
    name: str = "the bad one"

    def blocks(self, order: Order, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        raise Unavailable("nobody answers")


@dataclass(frozen=True)
class Silent(Stranger):
    """Is down."""

    def attest(self, request: Request) -> Verdict:
        raise Unavailable("nobody answers")


@dataclass(frozen=True)
class Broken(Stranger):
    """Fails in a way that nobody thought of."""

    def attest(self, request: Request) -> Verdict:
        raise ZeroDivisionError


@dataclass(frozen=True)
class Forging(Stranger):
    """Answers with bytes that are nobody's signature."""

    def attest(self, request: Request) -> Verdict:
        return Verdict(self.address, secrets.token_bytes(64) + b"\x1b")


@dataclass(frozen=True)
class Elsewhere(Stranger):
    """Signs another batch than the one that it was shown."""

    own: Signer = field(default_factory=Signer.generate)

    def attest(self, request: Request) -> Verdict:
        other = replace(request, deadline=request.deadline + 1)
        return Verdict(self.address, self.own.sign_digest(attestation_digest(other)))


@dataclass(frozen=True)
class Impostor(Stranger):
    """Signs truly, with a key that isn't the one it is known by, and names that."""

    own: Signer = field(default_factory=Signer.generate)

    def attest(self, request: Request) -> Verdict:
        return Verdict(self.own.address, self.own.sign_digest(attestation_digest(request)))


@dataclass(frozen=True)
class Contrary(Stranger):
    """Refuses everything."""

    def attest(self, request: Request) -> Verdict:
        reasons = (Refusal(one.token_id, "fingerprint") for one in request.openings)
        return Verdict(self.address, None, tuple(reasons))


@dataclass(frozen=True)
class Blind(Stranger):
    """Has no way to the blocks."""

    def attest(self, request: Request) -> Verdict:
        reasons = (Refusal(one.token_id, "block-missing") for one in request.openings)
        return Verdict(self.address, None, tuple(reasons))


BAD = [Silent, Broken, Forging, Elsewhere, Impostor, Contrary, Blind]


@pytest.fixture
def verifier(desk: Desk) -> VerifierNode:
    (node, *_) = desk.verifiers
    assert isinstance(node, VerifierNode)
    return node


def _opening(desk: Desk, case: CaseFile = CASE, **said: Any) -> tuple[Opening, bytes]:
    """The case in the store, as the ticket that it is or is said to be, and its key."""
    token_id = said.get("token_id") or token_id_of(CASE.composite(), desk.epoch_key)
    binding: Binding = said.get("binding") or desk.registry.binding(token_id)
    key = new_key()
    block = said.get("block") or seal(to_bytes(case), key, binding, "case/1")
    return Opening(token_id, desk.store.put(block)), key


def _request(desk: Desk, *pairs: tuple[Opening, bytes]) -> Request:
    return Request(
        chain_id=desk.registry.chain_id,
        contract=desk.registry.address,
        openings=tuple(opening for opening, _ in pairs),
        deadline=desk.registry.now() + 60,
        keys=wrap_keys([key for _, key in pairs], desk.verifiers[0].public_key),
    )


def _reasons(verdict: Verdict) -> list[str]:
    assert verdict.signature is None
    return [refusal.reason for refusal in verdict.refusals]


def test_attest_signsACaseThatIsTrue(desk: Desk) -> None:
    opening, key = _opening(desk)
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
    opening, key = _opening(desk)
    desk.store.delete(opening.digest)

    assert _reasons(verifier.attest(_request(desk, (opening, key)))) == ["block-missing"]


@pytest.mark.parametrize("block", [b"not a case", b"a.b.c.d.e"])
def test_attest_refusesIfTheBlockDoesNotDecrypt(
    desk: Desk, verifier: VerifierNode, block: bytes
) -> None:
    request = _request(desk, _opening(desk, block=block))

    assert _reasons(verifier.attest(request)) == ["undecryptable"]


def test_attest_refusesIfTheKeyIsAnother(desk: Desk, verifier: VerifierNode) -> None:
    opening, _ = _opening(desk)

    assert _reasons(verifier.attest(_request(desk, (opening, new_key())))) == ["undecryptable"]


def test_attest_refusesIfTheCaseIsBoundElsewhere(desk: Desk, verifier: VerifierNode) -> None:
    token_id = token_id_of(CASE.composite(), desk.epoch_key)
    here = desk.registry.binding(token_id)

    for elsewhere in (replace(here, chain_id=1), replace(here, contract="0x" + "00" * 20)):
        request = _request(desk, _opening(desk, binding=elsewhere))
        assert _reasons(verifier.attest(request)) == ["undecryptable"]


def test_attest_refusesIfTheFingerprintIsAnother(desk: Desk, verifier: VerifierNode) -> None:
    request = _request(desk, _opening(desk, token_id=b"\x07" * 32))

    assert _reasons(verifier.attest(request)) == ["fingerprint"]


def test_attest_refusesIfTheFieldsAreNotNormalised(desk: Desk, verifier: VerifierNode) -> None:
    changed = CASE.transaction.model_copy(update={"serial": "rrn:506309123456"})
    request = _request(desk, _opening(desk, CASE.model_copy(update={"transaction": changed})))

    assert _reasons(verifier.attest(request)) == ["schema"]


def test_attest_refusesIfItIsNoFirstVersion(desk: Desk, verifier: VerifierNode) -> None:
    closed = CASE.process.model_copy(update={"status": "closed"})
    later = [{"process": closed}, {"previous": "0x" + "00" * 32}]

    for update in later:
        request = _request(desk, _opening(desk, CASE.model_copy(update=update)))
        assert _reasons(verifier.attest(request)) == ["status"]


def test_attest_refusesIfTheTicketExists(desk: Desk, verifier: VerifierNode) -> None:
    test_attest_signsACaseThatIsTrue(desk)

    assert _reasons(verifier.attest(_request(desk, _opening(desk)))) == ["already-open"]


def test_attest_namesEveryTicketThatStandsInTheWay(desk: Desk, verifier: VerifierNode) -> None:
    good = _opening(desk)
    wrong = _opening(desk, token_id=b"\x07" * 32)
    verdict = verifier.attest(_request(desk, wrong, good, good))

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
    request = replace(_request(desk, _opening(desk)), **changed)

    with pytest.raises(Refused) as caught:
        verifier.attest(request)

    assert caught.value.code == code


def test_attest_signsForAnHourAtMost(desk: Desk, verifier: VerifierNode) -> None:
    request = _request(desk, _opening(desk))
    latest = desk.registry.now() + MAX_DEADLINE

    assert verifier.attest(replace(request, deadline=latest)).signature
    with pytest.raises(Refused):
        verifier.attest(replace(request, deadline=latest + 1))


def _ask(desk: Desk, *verifiers: Verifier) -> int:
    opening, key = _opening(desk)
    return len(ask(verifiers, desk.registry, [opening], [key]).signatures)


@pytest.mark.parametrize("kind", BAD)
def test_ask_goesOnWithTheFirstQuorum(desk: Desk, kind: type[Any]) -> None:
    one, two, _ = desk.verifiers
    bad = kind(one.public_key)

    assert _ask(desk, bad, one, two) == 2
    assert _ask(desk, one, two, bad) == 2


def test_ask_doesNotWaitForTheSlow(desk: Desk) -> None:
    one, two, three = desk.verifiers
    released = threading.Event()

    @dataclass(frozen=True)
    class Slow(Stranger):
        def attest(self, request: Request) -> Verdict:
            assert released.wait(20)
            return three.attest(request)

    heard: list[str] = []
    late = threading.Event()

    def signed(name: str) -> None:
        heard.append(name)
        if name == "the bad one":
            late.set()

    opening, key = _opening(desk)
    slow = Slow(three.public_key, three.address)
    attested = ask((slow, one, two), desk.registry, [opening], [key], signed)
    released.set()

    assert len(attested.signatures) == 2
    assert late.wait(20)  # what it signs later still counts for its store
    assert sorted(heard) == ["the bad one", "verifier-1", "verifier-2"]


def test_ask_countsASignatureThatCantBeNoted(desk: Desk) -> None:
    """The disk of the journals is full, say: the error is logged, and no thread dies of it."""
    one, two, _ = desk.verifiers
    logged = threading.Event()

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            assert "couldn't be noted: the database failed" in record.getMessage()
            logged.set()

    def signed(_name: str) -> None:
        raise Unavailable("the database failed")

    opening, key = _opening(desk)
    log, heard = logging.getLogger("counterfoil.tickets"), Heard()
    former = log.level
    log.setLevel(logging.INFO)
    log.addHandler(heard)
    try:
        assert ask((one, two), desk.registry, [opening], [key], signed).refusals == {}
        assert logged.wait(20)
    finally:
        log.removeHandler(heard)
        log.setLevel(former)


@pytest.mark.parametrize("kind", BAD)
def test_ask_isUnavailableIfThereIsNoQuorum(desk: Desk, kind: type[Any]) -> None:
    one, two, _ = desk.verifiers

    with pytest.raises(Unavailable) as caught:
        _ask(desk, one, Silent(two.public_key, name="the silent one"), kind(two.public_key))

    assert caught.value.code == "no-quorum"
    assert "the silent one" in str(caught.value)


def test_ask_refusesIfTooManyRefuse(desk: Desk) -> None:
    one, two, _ = desk.verifiers
    opening, key = _opening(desk)
    against = (Contrary(two.public_key), Contrary(two.public_key, "0x" + "22" * 20))
    attested = ask((one, *against), desk.registry, [opening], [key])

    assert attested.refusals == {opening.token_id: "fingerprint"}
    assert attested.signatures == ()


def test_ask_namesWhatTheVerifiersRefuse(desk: Desk) -> None:
    opening, key = _opening(desk, token_id=b"\x07" * 32)
    attested = ask(desk.verifiers, desk.registry, [opening], [key])

    assert attested.refusals == {opening.token_id: "fingerprint"}
    assert attested.signatures == ()


def test_verifier_hidesItsKeys(verifier: VerifierNode) -> None:
    assert verifier.private_key.hex() not in repr(verifier)
