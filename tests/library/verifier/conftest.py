"""A verifier behind its web service, and a request for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from counterfoil.tickets.attestation import Opening, Request
from counterfoil.tickets.casecrypto import new_key, seal
from counterfoil.tickets.casefile import to_bytes
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import token_id_of
from counterfoil.tickets.keywrap import wrap_keys
from counterfoil.verifier.remote import RemoteVerifier
from counterfoil.verifier.verify import VerifierNode
from tests.support.cases import CASE
from tests.support.verifier_service import served


@pytest.fixture
def node(desk: Desk) -> VerifierNode:
    """The first verifier of the desk."""
    first = desk.verifiers[0]
    assert isinstance(first, VerifierNode)
    return first


@pytest.fixture
def url(node: VerifierNode) -> Iterator[str]:
    """Where it answers."""
    with served(lambda: node) as address:
        yield address


@pytest.fixture
def remote(desk: Desk, url: str) -> RemoteVerifier:
    """It as the desk sees it."""
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
