"""What verifiers must have signed before a ticket is minted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.support.attestations import attestation_hash, compact, mirrored, signer_of
from tests.support.ticket_rules import Opening
from tests.support.ticket_samples import opening
from tests.support.tickets import HOUR, Desk, Proof

ONE, TWO, THREE = (opening(number) for number in (1, 2, 3))


def refuses_stranger(desk: Desk, sent: list[Opening], proof: Proof) -> AbstractContextManager[None]:
    """Over what is sent, the first signature is a stranger's."""
    stranger = signer_of(desk.registry, sent, proof[0], proof[1][0])
    return desk.refuses("NotVerifier", signer=stranger)


@pytest.mark.parametrize("openings", [[], [ONE], [ONE, TWO, THREE]])
def test_attestationHash_agreesWithEthAccount(desk: Desk, openings: list[Opening]) -> None:
    rows = [one.row for one in openings]

    found = desk.registry.call("attestationHash", rows, 1_700_000_000)

    assert found == attestation_hash(desk.registry, openings, 1_700_000_000)


def test_eip712Domain_namesRegistry(desk: Desk) -> None:
    found = desk.registry.call("eip712Domain")

    chain_id, address = desk.chain.chain_id, desk.registry.address
    assert list(found) == [b"\x0f", "Counterfoil Tickets", "1", chain_id, address, bytes(32), []]


def test_open_mintsTicketIfSignaturesCompact(desk: Desk) -> None:
    deadline, signatures = desk.proof([ONE])

    desk.open(ONE, (deadline, [compact(signature) for signature in signatures]))


def test_open_mintsTicketIfMoreThanQuorumSigned(desk: Desk) -> None:
    desk.open(ONE, desk.proof([ONE], desk.verifiers))


def test_open_revertsIfOneShortOfQuorum(desk: Desk) -> None:
    with desk.refuses("QuorumNotReached", signatures=1, quorum=2):
        desk.open(ONE, desk.proof([ONE], desk.verifiers[:1]))


def test_open_mintsTicketIfDeadlineNow(desk: Desk) -> None:
    proof = desk.proof([ONE])
    desk.chain.request("evm_setNextBlockTimestamp", proof[0])

    desk.open(ONE, proof)


def test_open_revertsIfDeadlineOneSecondAgo(desk: Desk) -> None:
    proof = desk.proof([ONE])
    desk.chain.request("evm_setNextBlockTimestamp", proof[0] + 1)

    with desk.refuses("AttestationExpired", deadline=proof[0], time=proof[0] + 1):
        desk.open(ONE, proof)


def test_open_revertsIfVerifierSignedTwice(desk: Desk) -> None:
    first = desk.verifiers[0]

    with desk.refuses("SignersNotAscending", previous=first.address, signer=first.address):
        desk.open(ONE, desk.proof([ONE], [first, first]))


@pytest.mark.parametrize("form", [compact, mirrored])
def test_open_revertsIfVerifierSignedTwiceInAnotherForm(
    desk: Desk, form: Callable[[bytes], bytes]
) -> None:
    """Signers must ascend, so that a signature's other forms are of no use."""
    deadline, (signature, _) = desk.proof([ONE])
    first = desk.verifiers[0].address

    with desk.refuses("SignersNotAscending", previous=first, signer=first):
        desk.open(ONE, (deadline, [signature, form(signature)]))


def test_open_revertsIfSignersDescend(desk: Desk) -> None:
    low, high = desk.verifiers[:2]

    with desk.refuses("SignersNotAscending", previous=high.address, signer=low.address):
        desk.open(ONE, desk.proof([ONE], [high, low]))


def test_open_revertsIfVerifierRemoved(desk: Desk) -> None:
    proof = desk.proof([ONE])
    removed = desk.verifiers[1].address
    desk.revoke("VERIFIER_ROLE", removed)

    with desk.refuses("NotVerifier", signer=removed):
        desk.open(ONE, proof)


def test_open_revertsIfSignerNotVerifier(desk: Desk) -> None:
    signers = sorted((desk.verifiers[0], desk.outsider), key=lambda signer: int(signer.address, 16))

    with desk.refuses("NotVerifier", signer=desk.outsider.address):
        desk.open(ONE, desk.proof([ONE], signers))


def test_open_revertsIfSignatureBeyondQuorumBad(desk: Desk) -> None:
    deadline, signatures = desk.proof([ONE])

    with desk.refuses("MalformedSignature", index=2):
        desk.open(ONE, (deadline, [*signatures, bytes(65)]))


@pytest.mark.parametrize("length", [0, 63, 66])
def test_open_revertsIfSignatureOfOtherLength(desk: Desk, length: int) -> None:
    deadline, signatures = desk.proof([ONE])
    cut = (signatures[1] + b"\0")[:length]

    with desk.refuses("MalformedSignature", index=1):
        desk.open(ONE, (deadline, [signatures[0], cut]))


@pytest.mark.parametrize(
    ("signed", "sent"),
    [
        pytest.param(TWO, ONE, id="another query"),
        pytest.param(Opening(ONE.token_id, TWO.digest), ONE, id="another case file"),
    ],
)
def test_open_revertsIfSomethingElseSigned(desk: Desk, signed: Opening, sent: Opening) -> None:
    proof = desk.proof([signed])

    with refuses_stranger(desk, [sent], proof):
        desk.open(sent, proof)


def test_open_revertsIfDeadlineMoved(desk: Desk) -> None:
    deadline, signatures = desk.proof([ONE])
    moved = (deadline + 1, signatures)

    with refuses_stranger(desk, [ONE], moved):
        desk.open(ONE, moved)


def test_open_revertsIfSignedForAnotherRegistry(desk: Desk) -> None:
    proof = Desk.deployed(desk.chain, quorum=2).proof([ONE])

    with refuses_stranger(desk, [ONE], proof):
        desk.open(ONE, proof)


def test_open_revertsIfSignedForAnotherChain(desk: Desk) -> None:
    deadline, _ = desk.proof([ONE])
    elsewhere = desk.chain.chain_id + 1
    digest = attestation_hash(desk.registry, [ONE], deadline, chain_id=elsewhere)
    proof = (deadline, [signer.sign_digest(digest) for signer in desk.verifiers[:2]])

    with refuses_stranger(desk, [ONE], proof):
        desk.open(ONE, proof)


def test_open_mintsTicketIfQuorumZeroAndNoneSigned(desk: Desk) -> None:
    desk.registry.send(desk.admin, "setQuorum", 0)

    desk.open(ONE, (0, []))


def test_open_revertsIfQuorumZeroAndSignatureBad(desk: Desk) -> None:
    desk.registry.send(desk.admin, "setQuorum", 0)

    with desk.refuses("MalformedSignature", index=0):
        desk.open(ONE, (desk.chain.timestamp() + HOUR, [bytes(65)]))


def test_openBatch_revertsIfOneShortOfQuorum(desk: Desk) -> None:
    batch = [ONE, TWO]

    with desk.refuses("QuorumNotReached", signatures=1, quorum=2):
        desk.open_batch(batch, desk.proof(batch, desk.verifiers[:1]))


@pytest.mark.parametrize(
    "signed",
    [
        pytest.param([ONE, TWO], id="fewer"),
        pytest.param([ONE, THREE, TWO], id="another order"),
        pytest.param([ONE, TWO, THREE, THREE], id="more"),
    ],
)
def test_openBatch_revertsIfSomethingElseSigned(desk: Desk, signed: list[Opening]) -> None:
    batch = [ONE, TWO, THREE]
    proof = desk.proof(signed)

    with refuses_stranger(desk, batch, proof):
        desk.open_batch(batch, proof)


def test_openBatch_acceptsWhatWasSignedAlone(desk: Desk) -> None:
    desk.open_batch([ONE], desk.proof([ONE]))


def test_setQuorum_changesQuorum(desk: Desk) -> None:
    mined = desk.registry.send(desk.admin, "setQuorum", 3)

    assert [(event.name, event.arguments) for event in mined.events] == [
        ("QuorumChanged", {"from": 2, "to": 3})
    ]
    assert desk.registry.call("quorum") == 3
    with desk.refuses("QuorumNotReached", signatures=2, quorum=3):
        desk.open(ONE)
    desk.open(ONE, desk.proof([ONE], desk.verifiers))


def test_setQuorum_revertsIfCallerNotAdmin(desk: Desk) -> None:
    with desk.needs("DEFAULT_ADMIN_ROLE", desk.supervisor):
        desk.registry.send(desk.supervisor, "setQuorum", 0)

    assert desk.registry.call("quorum") == 2
