"""A till at a bank on a real chain, without a network between them."""

from __future__ import annotations

import pytest

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
