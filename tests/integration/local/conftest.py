"""Fixtures of the tests of a local installation, on the real programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.local import services
from counterfoil.local.services import IPFS, Service, Services
from counterfoil.state import State
from tests.support.processes import nothing_left


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test ends what it starts, and finds Kubo where set-up puts it."""
    monkeypatch.delenv("IPFS_API", raising=False)
    with nothing_left():
        yield


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A new state folder."""
    return State(tmp_path / "state")


@pytest.fixture
def embedded(state: State) -> State:
    """A state folder that keeps its blocks in files, so that only the chain is started."""
    services.write(state, Services({IPFS: Service("embedded", "embedded:blocks")}))
    return state
