"""Verifiers' services that don't do what a verifier is for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from counterfoil.tickets.attestation import Refusal, Request, Verdict
from counterfoil.verifier.place import Standing
from counterfoil.verifier.verify import VerifierNode
from tests.support.ticket_stack import Stack
from tests.support.verifier_service import served


class Liar(VerifierNode):
    """Signs something else than it is asked to."""

    def attest(self, request: Request) -> Verdict:
        return VerifierNode.attest(self, replace(request, deadline=request.deadline - 1))


class Nodder(VerifierNode):
    """Says that all is well and doesn't sign."""

    def attest(self, request: Request) -> Verdict:
        return Verdict(self.address, None)


class Naysayer(VerifierNode):
    """Refuses whatever comes."""

    def attest(self, request: Request) -> Verdict:
        refusals = tuple(Refusal(one.token_id, "fingerprint") for one in request.openings)
        return Verdict(self.address, None, refusals)


class Digresser(VerifierNode):
    """Refuses a ticket that nobody asked about."""

    def attest(self, request: Request) -> Verdict:
        return Verdict(self.address, None, (Refusal(b"\x01" * 32, "fingerprint"),))


@contextmanager
def lying(stack: Stack, kind: type[VerifierNode], *names: str) -> Iterator[None]:
    """These verifiers' services are of this kind, with the verifiers' own keys and nodes."""
    if not names:
        yield
        return
    name, *others = names
    standing = Standing(stack.state, name)

    def find() -> VerifierNode:
        node = standing()
        return kind(**{field: getattr(node, field) for field in VerifierNode.__slots__})

    with (
        served(find) as url,
        stack.instead_of(name, url),
        lying(stack, kind, *others),
    ):
        yield
