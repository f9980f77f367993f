"""What a ticket may cost."""

from __future__ import annotations

import pytest

from counterfoil.chain import Chain
from tests.support.gas_tickets import measure

LIMITS = {
    "mint_single": 84_000,
    "mint_single_quorum2": 98_000,
    "mint_batch100_quorum2": 51_000,
    "ticket_move": 42_500,
}


@pytest.fixture(scope="module")
def gas(shared_anvil: Chain) -> dict[str, int]:
    """All figures, measured once."""
    return measure(shared_anvil)


@pytest.mark.parametrize("name", LIMITS)
def test_gas_staysWithinLimit(gas: dict[str, int], name: str) -> None:
    assert gas[name] <= LIMITS[name]


def test_gas_isLessThanHalfOfPlainTicket(gas: dict[str, int]) -> None:
    assert gas["mint_single"] * 2 < gas["plain_ticket"]
