"""Fixtures of the contracts' tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from counterfoil.chain import Chain
from tests.support.points_bank import CheckedBank
from tests.support.points_offers import Counter
from tests.support.tickets import Desk


@pytest.fixture(scope="session")
def staffed_desk(shared_anvil: Chain) -> Desk:
    """A ticket registry with a quorum of two and nothing in it, deployed once."""
    return Desk.deployed(shared_anvil, quorum=2)


@pytest.fixture
def desk(staffed_desk: Desk, chain: Chain) -> Desk:
    """That desk for one test; ``chain`` undoes what the test does to it."""
    return replace(staffed_desk, chain=chain, tickets={})


@pytest.fixture(scope="session")
def opened_bank(shared_anvil: Chain) -> CheckedBank:
    """A points ledger with rules, a catalogue and a terminal, deployed once."""
    return CheckedBank.opened(shared_anvil)


@pytest.fixture
def bank(opened_bank: CheckedBank, chain: Chain) -> Iterator[CheckedBank]:
    """That ledger for one test, on a clock that stands still unless it is moved."""
    chain.request("anvil_setBlockTimestampInterval", 0)
    yield opened_bank.again()
    chain.request("anvil_removeBlockTimestampInterval")


@pytest.fixture
def counter(bank: CheckedBank) -> Counter:
    """Offers beside the ledger, whose ann has plenty."""
    bank.give("ann", 50_000)
    return Counter(bank, bank.chain.deploy(bank.till, "PointsOffers").contract)
