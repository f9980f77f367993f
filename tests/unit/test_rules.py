"""Publishing rules: numbered, never changed, and refused if no order could live under them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.points_bank import CheckedBank
from tests.support.points_values import ALWAYS, LAPSE, MAX_POINTS
from tests.support.refusals import refuses

PAR = {"points": 1, "minor_units": 1, "increment": 1, "minimum": 1}


@pytest.fixture(autouse=True)
def whole(bank: CheckedBank) -> Iterator[None]:
    """After each test every version is what the model says."""
    yield
    bank.check_rulebook()


def test_publishRules_numbersVersions(bank: CheckedBank) -> None:
    bank.publish(minor_units=70)
    bank.publish(minor_units=80)

    assert bank.contract.call("currentRules") == 3


def test_publishRules_endsTheVersionBefore(bank: CheckedBank) -> None:
    bank.publish(sunset_seconds=60)

    (_, until), (_, open_end) = (bank.contract.call("rules", version) for version in (1, 2))
    assert (until, open_end) == (bank.now + 60, ALWAYS)


def test_publishRules_leavesEarlierSunsetsAlone(bank: CheckedBank) -> None:
    bank.publish(sunset_seconds=600)
    first_ends = bank.contract.call("rules", 1)[1]
    bank.later(seconds=5)

    bank.publish(sunset_seconds=0)

    assert bank.contract.call("rules", 1)[1] == first_ends


@pytest.mark.parametrize("version", [0, 2, 2**32 - 1])
def test_rules_refusesIfVersionUnknown(bank: CheckedBank, version: int) -> None:
    with refuses("UnknownRules", version=version):
        bank.contract.call("rules", version)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("points", "points"),
        ("minor_units", "minorUnits"),
        ("minimum", "minimumPoints"),
        ("increment", "increment"),
        ("max_order", "maxOrder"),
        ("max_account_day", "maxAccountDay"),
        ("max_terminal_day", "maxTerminalDay"),
    ],
)
def test_publishRules_refusesIfZero(bank: CheckedBank, name: str, field: str) -> None:
    with refuses("InvalidRules", field=field):
        bank.publish(**{name: 0})


@pytest.mark.parametrize(
    "changes",
    [
        PAR,
        {"sunset_seconds": 0, "refund_days": 0, "grace_days": 0},
        {"sunset_seconds": 2**32 - 1, "refund_days": 2**16 - 1, "grace_days": LAPSE},
        dict.fromkeys(("max_order", "max_account_day", "max_terminal_day"), 2**40 - 1),
        {"points": MAX_POINTS, "minor_units": MAX_POINTS},
        {"minimum": 1},  # 100 points is the smallest order then, and pays
        {"minimum": MAX_POINTS, "increment": 1},
        {"minimum": MAX_POINTS, "increment": MAX_POINTS},
    ],
)
def test_publishRules_takesTheLimits(bank: CheckedBank, changes: dict[str, int]) -> None:
    bank.publish(**changes)


def test_publishRules_takesIfTheLargestBalanceFits40Bits(bank: CheckedBank) -> None:
    bank.publish(**PAR | {"minor_units": 256})


def test_publishRules_refusesIfTheLargestBalanceDoesNot(bank: CheckedBank) -> None:
    with refuses("InvalidRules", field="minorUnits"):
        bank.publish(**PAR | {"minor_units": 257})


@pytest.mark.parametrize("minimum", [149, 150])  # 150 points pay 1
def test_publishRules_takesIfTheSmallestOrderPays(bank: CheckedBank, minimum: int) -> None:
    bank.publish(points=150, minor_units=1, minimum=minimum, increment=50)


@pytest.mark.parametrize("minimum", [1, 100])
def test_publishRules_refusesIfTheSmallestOrderPaysNothing(bank: CheckedBank, minimum: int) -> None:
    with refuses("InvalidRules", field="minimumPoints"):
        bank.publish(points=150, minor_units=1, minimum=minimum, increment=50)


def test_publishRules_refusesIfNoMultipleReachesTheMinimum(bank: CheckedBank) -> None:
    with refuses("InvalidRules", field="increment"):
        bank.publish(minimum=2**31 + 1, increment=2**31)


# -------------------------------------------------------------------------------- catalogues


def test_publishCatalogue_numbersCatalogues(bank: CheckedBank) -> None:
    bank.list_items([1, 2**40 - 1], ["a", "b"])
    bank.list_items([], [])


def test_extendCatalogue_addsItems(bank: CheckedBank) -> None:
    bank.list_items([7, 8], ["tea", "cake"], catalogue=1)

    assert bank.contract.call("itemCaps", 1, 1, 99) == [300, 4500, 0, 7, 8]


@pytest.mark.parametrize("catalogue", [0, 2, 2**32 - 1])
def test_extendCatalogue_refusesIfUnknown(bank: CheckedBank, catalogue: int) -> None:
    with refuses("UnknownCatalogue", catalogue=catalogue):
        bank.list_items([1], ["a"], catalogue=catalogue)


@pytest.mark.parametrize("catalogue", [None, 1])
def test_listItems_refusesIfCapsAndNamesDiffer(bank: CheckedBank, catalogue: int | None) -> None:
    with refuses("CapsAndNamesDiffer", caps=2, names=1):
        bank.list_items([1, 2], ["a"], catalogue=catalogue)


@pytest.mark.parametrize(
    ("first", "count", "caps"),
    [
        (0, 3, []),
        (1, 0, []),
        (1, 1, [300]),
        (2, 2, [4500, 0]),
        (3, 2**256 - 1, [0]),
        (4, 1, []),
        (2**32 - 1, 1, []),
    ],
)
def test_itemCaps_pages(bank: CheckedBank, first: int, count: int, caps: list[int]) -> None:
    assert bank.contract.call("itemCaps", 1, first, count) == caps


def test_itemCaps_areEmptyIfCatalogueUnknown(bank: CheckedBank) -> None:
    assert bank.contract.call("itemCaps", 9, 1, 10) == []
    assert bank.contract.call("itemCount", 9) == 0
