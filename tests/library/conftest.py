"""Fixtures for the library's own tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.chain import Chain
from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.state import State
from counterfoil.ticket_desk import assemble, epoch_keys
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.opening import VERIFIERS
from counterfoil.tickets.registry import Registry
from counterfoil.verifier.verify import VerifierNode
from tests.support.intake import Opener
from tests.support.ticket_desk import deployed


@pytest.fixture(scope="session")
def shared_registry(
    shared_anvil: Chain, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Registry, Path]:
    """One ticket registry for the whole session, and the keys that have roles in it."""
    state = State(tmp_path_factory.mktemp("registry"))
    return deployed(shared_anvil, state), state.root / "keys"


@pytest.fixture
def desk(shared_registry: tuple[Registry, Path], chain: Chain, tmp_path: Path) -> Iterator[Desk]:
    """A ticket desk of a test's own over that registry, without tickets."""
    registry, keys = shared_registry
    assert registry.chain_id == chain.chain_id
    state = State(tmp_path / "state")
    shutil.copytree(keys, state.root / "keys")
    store, keys_of = EmbeddedStore(tmp_path / "blocks"), epoch_keys(state)
    verifiers = [
        VerifierNode(
            name, state.signer(name), state.secret(f"{name}-box"), store, registry, keys_of
        )
        for name in VERIFIERS
    ]
    with assemble(state, registry, store, verifiers) as made:
        yield made


@pytest.fixture
def opener(desk: Desk, tmp_path: Path) -> Opener:
    """Opens rows at that desk."""
    return Opener(desk, tmp_path)
