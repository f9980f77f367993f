"""The ticket desk finds its registry, and says so if the chain isn't the one it stands on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil import deployment
from counterfoil.chain import Chain
from counterfoil.deployment import Deployment, RegistryRecord
from counterfoil.errors import Unavailable
from counterfoil.state import State
from counterfoil.ticket_desk import registry_of
from counterfoil.tickets.desk import Desk


@pytest.fixture
def record(desk: Desk, chain: Chain, state: State) -> Deployment:
    """What was written down when the registry of this desk was deployed."""
    number = desk.registry._first
    registry = RegistryRecord(desk.registry.address, number, chain.block_hash(number))
    return Deployment(
        chain_url=chain.url, chain_id=chain.chain_id, deployer="", source_hash="", registry=registry
    )


@pytest.fixture
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    return State(tmp_path_factory.mktemp("state"))


def _saved(state: State, record: Deployment) -> State:
    deployment.save(state, record)
    return state


def test_registryOf_findsTheRegistry(state: State, desk: Desk, record: Deployment) -> None:
    assert registry_of(_saved(state, record)).birth() == desk.registry.birth()


@pytest.mark.parametrize(
    "changed", [{"block": 10**6}, {"block": 0}, {"block_hash": "0x" + "ab" * 32}]
)
def test_registryOf_refusesIfTheChainIsAnother(
    state: State, record: Deployment, changed: dict[str, int | str]
) -> None:
    """One that was started anew has the same id, and another block in that place, or none."""
    assert record.registry
    other = replace(record, registry=replace(record.registry, **changed))

    with pytest.raises(Unavailable, match="doesn't know the ticket registry") as caught:
        registry_of(_saved(state, other))
    assert "counterfoil up" in caught.value.fix


def test_registryOf_refusesIfTheChainHasAnotherId(state: State, record: Deployment) -> None:
    with pytest.raises(Unavailable, match=r"has id [0-9]+, not 5\."):
        registry_of(_saved(state, replace(record, chain_id=5)))
