"""The intake journal on a PostgreSQL, which counts what was written and locks what is freed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from counterfoil.tickets.journal import Journal
from tests.library.test_journal import *  # noqa: F403  every test of the module
from tests.library.test_journal import HERE


@pytest.fixture
def journal(postgres_url: str) -> Iterator[Journal]:
    opened = Journal(postgres_url, HERE)
    yield opened
    opened.close()
