"""What actions cost: as the snapshot says to the last gas, and within their limits."""

from __future__ import annotations

import json

import pytest

from tests.support.gas import SNAPSHOT, measured

LIMITS = {
    "settle_single": 85_000,
    "settle_batch100": 19_500,
    "three_records_batch100": 21_500,
    "three_records_batch100_100terminals": 29_000,
    "refund_batch100": 82_000,
    "refund_again_batch100": 64_000,
}


@pytest.fixture(scope="module")
def gas() -> dict[str, int]:
    """All figures, measured once."""
    return measured()


def test_gas_isWhatTheSnapshotSays(gas: dict[str, int]) -> None:
    """After a change that means it: ``make gas``, and the new snapshot goes with the change."""
    assert gas == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LIMITS)
def test_gas_staysWithinLimit(gas: dict[str, int], name: str) -> None:
    assert gas[name] <= LIMITS[name]


def test_gas_isAFractionOfPlainOrders(gas: dict[str, int]) -> None:
    assert gas["three_records_batch100"] * 8 < gas["plain_order"]
    assert gas["three_records_batch100_100terminals"] * 6 < gas["plain_order"]
