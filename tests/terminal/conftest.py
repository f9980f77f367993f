"""A till at a bank on a real chain, without a network between them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from counterfoil.terminal.pulse import Pulse
from counterfoil.terminal.service import application
from tests.integration.conftest import credited, line, office, opened_office
from tests.support.points_office import Office
from tests.support.till import Counterpart
from tests.support.till_bank import StandInBank

__all__ = ["credited", "line", "office", "opened_office"]


@pytest.fixture
def bank(office: Office) -> StandInBank:
    """The bank behind the till."""
    return StandInBank(office)


@pytest.fixture
def till(office: Office, bank: StandInBank, credited: None) -> Counterpart:
    """till-1, with a customer C-1 who holds 5,000 points."""
    return Counterpart(office, bank)


@pytest.fixture
def pages(till: Counterpart, bank: StandInBank) -> Iterator[TestClient]:
    """The service, its worker at work."""
    opened = till.open()
    pulse = Pulse(lambda: {"bank": not bank.away}, opened.changes)
    app = application(opened, pulse, ["Till.test", "0.0.0.0", "fd00::7"])
    with TestClient(app, base_url="http://till.test") as client:
        yield client
