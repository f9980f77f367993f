"""What a verifier node checks before it signs, and that it signs nothing else.

It fetches each block from its own store, re-hashes it, opens it with the case key that came for
it alone, holds it to the schema, works out the fingerprint again from the four fields, and asks
the chain whether the ticket exists. It keeps no plaintext.
"""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.errors import Refused, Tampered, Unavailable
from counterfoil.ipfs.store import BlockStore
from counterfoil.keys import Signer
from counterfoil.tickets.attestation import (
    OPEN_ALREADY,
    Opening,
    Refusal,
    Request,
    Verdict,
    attestation_digest,
)
from counterfoil.tickets.casecrypto import unseal
from counterfoil.tickets.casefile import SCHEMA, from_bytes
from counterfoil.tickets.fingerprint import EpochKey, token_id_of
from counterfoil.tickets.keywrap import public_key_of, unwrap_keys
from counterfoil.tickets.registry import Registry

MAX_BATCH = 256
MAX_DEADLINE = 3600
"""Seconds that a signature may count, from the latest block."""


@dataclass(frozen=True, slots=True, repr=False)
class VerifierNode:
    """A verifier: its own signing key, its own X25519 key, its own store and view of the chain."""

    signer: Signer
    private_key: bytes
    store: BlockStore
    registry: Registry
    epoch_key: EpochKey

    @property
    def address(self) -> str:
        """The address that its signatures recover to."""
        return self.signer.address

    @property
    def public_key(self) -> bytes:
        """The X25519 key that case keys are encrypted to."""
        return public_key_of(self.private_key)

    def attest(self, request: Request) -> Verdict:
        """A signature over the whole batch, or what is wrong with which ticket.

        Reasons: ``already-open``, ``repeated``, ``block-missing``, ``block-corrupt``,
        ``undecryptable``, ``schema``, ``fingerprint``, ``status``.

        Raises:
            Refused: the request itself won't do: ``wrong-registry``, ``batch-size``,
                ``deadline``, ``unreadable-keys``.
            Unavailable: its store or chain can't be reached.
        """
        keys = self._readable(request)
        standing = self.registry.tickets([opening.token_id for opening in request.openings])
        refusals: list[Refusal] = []
        met: set[bytes] = set()
        for opening, key, ticket in zip(request.openings, keys, standing, strict=True):
            if ticket is not None:
                reason = OPEN_ALREADY
            elif opening.token_id in met:
                reason = "repeated"
            else:
                reason = self._objection(opening, key)
            met.add(opening.token_id)
            if reason:
                refusals.append(Refusal(opening.token_id, reason))
        if refusals:
            return Verdict(self.address, None, tuple(refusals))
        return Verdict(self.address, self.signer.sign_digest(attestation_digest(request)))

    def _readable(self, request: Request) -> list[bytes]:
        """The case keys of a request that is meant for this node and its registry."""
        if (request.chain_id, request.contract) != (self.registry.chain_id, self.registry.address):
            raise Refused("the request is for another registry", code="wrong-registry")
        if not 0 < len(request.openings) <= MAX_BATCH:
            raise Refused(f"a batch has 1 to {MAX_BATCH} tickets", code="batch-size")
        now = self.registry.now()
        if not now <= request.deadline <= now + MAX_DEADLINE:
            raise Refused("the deadline is past or over an hour off", code="deadline")
        keys = unwrap_keys(request.keys, self.private_key)
        if len(keys) != len(request.openings):
            raise Refused("not one case key for each ticket", code="unreadable-keys")
        return keys

    def _objection(self, opening: Opening, key: bytes) -> str:
        """Why this ticket's case file won't do; empty if it will."""
        try:
            block = self.store.get(opening.digest)
            binding = self.registry.binding(opening.token_id)
            case = from_bytes(unseal(block, key, binding, SCHEMA))
            token_id = token_id_of(case.composite(), self.epoch_key)
        except Tampered as error:
            return error.code
        except Unavailable as error:
            if error.code != "block-missing":
                raise
            return error.code
        if token_id != opening.token_id:
            return "fingerprint"
        if case.process.status != "open" or case.previous is not None:
            return "status"
        return ""
