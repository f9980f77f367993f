"""What actions cost: as the snapshot says to the last gas."""

from __future__ import annotations

import json

import pytest

from tests.support.gas import SNAPSHOT, measured


@pytest.fixture(scope="module")
def gas() -> dict[str, int]:
    """All figures, measured once."""
    return measured()


def test_gas_isWhatTheSnapshotSays(gas: dict[str, int]) -> None:
    """After a change that means it: ``make gas``, and the new snapshot goes with the change."""
    assert gas == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_gas_isAFractionOfPlainOrders(gas: dict[str, int]) -> None:
    assert gas["three_records_batch100_100terminals"] * 4 < gas["plain_order"]
