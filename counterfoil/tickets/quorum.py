"""Asking the verifiers: as many signatures as the registry takes, or the tickets that stand in
the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from counterfoil.errors import Refused, Unavailable
from counterfoil.tickets.attestation import Opening, Request, Verifier, attestation_digest
from counterfoil.tickets.keywrap import wrap_keys
from counterfoil.tickets.registry import Registry

_VALID_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Attested:
    """Signatures over a batch, ascending by signer; or none, and why by token id."""

    deadline: int
    signatures: tuple[bytes, ...]
    refusals: dict[bytes, str]


def ask(
    verifiers: Sequence[Verifier],
    registry: Registry,
    openings: Sequence[Opening],
    keys: Sequence[bytes],
) -> Attested:
    """The answer of the first verifiers that make a quorum.

    A ticket is refused when so many verifiers refuse it that the others are no quorum.

    Raises:
        Unavailable: too few verifiers answer, or answer truly. Nothing was minted.
    """
    quorum = registry.quorum()
    deadline = registry.now() + _VALID_SECONDS
    said = _Said()
    for verifier in verifiers:
        if len(said.signed) == quorum:
            break
        request = Request(
            chain_id=registry.chain_id,
            contract=registry.address,
            openings=tuple(openings),
            deadline=deadline,
            keys=wrap_keys(keys, verifier.public_key),
        )
        said.hear(verifier, request)
    if len(said.signed) >= quorum:
        return Attested(deadline, said.ascending(), {})
    hopeless = {one for one, count in said.against.items() if len(verifiers) - count < quorum}
    if not hopeless:
        others = "; ".join(said.silent) or "the others refused"
        raise Unavailable(
            f"{len(said.signed)} of {quorum} verifiers signed; {others}",
            fix="Start the verifiers, then run again.",
            code="no-quorum",
        )
    return Attested(deadline, (), {one: said.reasons[one] for one in hopeless})


@dataclass(slots=True)
class _Said:
    """What the verifiers have said so far."""

    signed: dict[str, bytes] = field(default_factory=dict)
    against: Counter[bytes] = field(default_factory=Counter)
    reasons: dict[bytes, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)

    def hear(self, verifier: Verifier, request: Request) -> None:
        """Ask one of them. One that is down, or lies, only doesn't count."""
        try:
            verdict = verifier.attest(request)
        except (Unavailable, Refused) as error:
            self.silent.append(f"{verifier.address}: {error.message}")
            return
        if verdict.signature is None:
            self.reasons |= {one.token_id: one.reason for one in verdict.refusals}
            self.against.update({one.token_id for one in verdict.refusals})
        elif _is_true(verdict.signature, request, verifier.address):
            self.signed[verifier.address] = verdict.signature
        else:
            self.silent.append(f"{verifier.address}: a signature that isn't its own")

    def ascending(self) -> tuple[bytes, ...]:
        """The signatures in the order that the registry wants: by signer."""
        return tuple(self.signed[one] for one in sorted(self.signed, key=lambda one: int(one, 16)))


def _is_true(signature: bytes, request: Request, address: str) -> bool:
    """Whether ``address`` signed this very request."""
    try:
        recoverable = Signature(signature[:64] + bytes((signature[64] - 27,)))
        key = recoverable.recover_public_key_from_msg_hash(attestation_digest(request))
    except (BadSignature, ValidationError, ValueError, IndexError):
        return False
    return key.to_checksum_address() == address
