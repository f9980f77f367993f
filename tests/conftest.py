"""Fixtures that every room shares."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from counterfoil.chain import Chain
from tests.support.anvil import anvil, undone


def pytest_configure() -> None:
    """Let one process of tests have many journals and servers open, wherever it may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@pytest.fixture(scope="session")
def shared_anvil() -> Iterator[Chain]:
    """One Anvil for the whole session."""
    with anvil() as chain:
        yield chain


@pytest.fixture
def chain(shared_anvil: Chain) -> Iterator[Chain]:
    """The shared Anvil; whatever a test does to it is undone."""
    with undone(shared_anvil):
        yield shared_anvil
