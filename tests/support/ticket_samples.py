"""Queries to mint and people to do it, the same in every run."""

from __future__ import annotations

import hashlib

from eth_utils.crypto import keccak

from counterfoil.keys import Signer
from tests.support.ticket_rules import Opening

ADMIN = "DEFAULT_ADMIN_ROLE"


def role(name: str) -> bytes:
    """The 32 bytes of a role; the admin's are zero."""
    return bytes(32) if name == ADMIN else keccak(text=name)


def person(name: str) -> Signer:
    """The same key for the same name, always."""
    return Signer.from_hex(hashlib.sha256(f"desk/{name}".encode()).hexdigest())


def verifiers(count: int) -> tuple[Signer, ...]:
    """Verifiers in ascending order of address, as the registry wants their signatures."""
    signers = [person(f"verifier {number}") for number in range(count)]
    return tuple(sorted(signers, key=lambda signer: int(signer.address, 16)))


def opening(number: int) -> Opening:
    """The ``number``-th query."""
    token_id = int.from_bytes(hashlib.sha256(f"query/{number}".encode()).digest())
    return Opening(token_id, later_digest(token_id, 1))


def later_digest(token_id: int, version: int) -> bytes:
    """What the case file hashes to in one of its versions."""
    return hashlib.sha256(f"case/{token_id}/{version}".encode()).digest()
