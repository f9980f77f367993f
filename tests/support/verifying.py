"""Cases put before verifiers, and verifiers that are bad each in its own way."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from counterfoil.errors import Unavailable
from counterfoil.ipfs.store import BlockState
from counterfoil.keys import Signer
from counterfoil.tickets.attestation import (
    Opening,
    Order,
    Refusal,
    Request,
    Verdict,
    attestation_digest,
)
from counterfoil.tickets.casecrypto import Binding, new_key, seal
from counterfoil.tickets.casefile import CaseFile, to_bytes
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import token_id_of
from counterfoil.tickets.keywrap import wrap_keys
from tests.support.cases import CASE


def opening_of(desk: Desk, case: CaseFile = CASE, **said: Any) -> tuple[Opening, bytes]:
    """The case in the store, as the ticket that it is or is said to be, and its key."""
    token_id = said.get("token_id") or token_id_of(CASE.composite(), desk.epoch_key)
    binding: Binding = said.get("binding") or desk.registry.binding(token_id)
    key = new_key()
    block = said.get("block") or seal(to_bytes(case), key, binding, "case/1")
    return Opening(token_id, desk.store.put(block)), key


def request_for(desk: Desk, *pairs: tuple[Opening, bytes]) -> Request:
    """What the desk asks the first verifier about these."""
    return Request(
        chain_id=desk.registry.chain_id,
        contract=desk.registry.address,
        openings=tuple(opening for opening, _ in pairs),
        deadline=desk.registry.now() + 60,
        keys=wrap_keys([key for _, key in pairs], desk.verifiers[0].public_key),
    )


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
class Digressing(Stranger):
    """Refuses a ticket that nobody asked about."""

    def attest(self, request: Request) -> Verdict:
        return Verdict(self.address, None, (Refusal(b"\x01" * 32, "fingerprint"),))


@dataclass(frozen=True)
class Blind(Stranger):
    """Has no way to the blocks."""

    def attest(self, request: Request) -> Verdict:
        reasons = (Refusal(one.token_id, "block-missing") for one in request.openings)
        return Verdict(self.address, None, tuple(reasons))


BAD = [Silent, Broken, Forging, Elsewhere, Impostor, Contrary, Digressing, Blind]
