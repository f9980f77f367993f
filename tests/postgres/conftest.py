"""The journals' tests again, on a PostgreSQL. Each has a database of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.integration.conftest import credited, line, office, opened_office, settled, shell
from tests.library.conftest import desk, opener, shared_registry
from tests.support import postgres

__all__ = [
    "credited",
    "desk",
    "line",
    "office",
    "opened_office",
    "opener",
    "settled",
    "shared_registry",
    "shell",
]
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """One server for the whole session."""
    with postgres.server() as running:
        yield running.url


@pytest.fixture(autouse=True)
def postgres_url(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database, which everything under test uses."""
    with postgres.database(postgres_server, f"test-{next(_NUMBERS)}") as url:
        monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", url)
        yield url
