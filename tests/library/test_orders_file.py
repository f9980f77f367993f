"""Orders in CSV: rows that share a reference are one order, or what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.points.orders import MAX_LINES
from counterfoil.points.ordersfile import BadOrder, Wish, WishLine, read_orders
from tests.support.points_office import ORDERS

GOOD = {
    "order_ref": "A",
    "terminal": "till-1",
    "customer_id": "C-1",
    "item": "hamper",
    "quantity": "2",
    "unit_price": "50.00",
    "points": "500",
    "sequence": "",
    "deadline": "",
    "rules_version": "",
}


def line(**changes: str) -> str:
    """The good row with some values changed."""
    return ",".join((GOOD | changes).values())


def read(folder: Path, *rows: str) -> tuple[Wish | BadOrder, ...]:
    file = folder / "orders.csv"
    file.write_text(ORDERS + "\n".join(rows), "utf-8")
    return read_orders(file, "CNY").orders


def wish(folder: Path, **changes: str) -> Wish:
    (found,) = read(folder, line(**changes))
    assert isinstance(found, Wish), found
    return found


def problem(folder: Path, *rows: str) -> str:
    (found,) = read(folder, *rows)
    assert isinstance(found, BadOrder), found
    return found.problem


def test_readOrders_isAWish(tmp_path: Path) -> None:
    expected = Wish("A", "till-1", "C-1", 500, (WishLine("hamper", 2, 5000),))

    assert wish(tmp_path) == expected


def test_readOrders_takesTheOptionalColumns(tmp_path: Path) -> None:
    found = wish(tmp_path, sequence="7", deadline="2026-01-01T08:00:00+08:00", rules_version="3")

    assert (found.sequence, found.deadline, found.rules_version) == (7, 1_767_225_600, 3)


def test_readOrders_needsNoOptionalColumn(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    names = [name for name in GOOD if name not in ("sequence", "deadline", "rules_version")]
    values = [GOOD[name] for name in names]
    file.write_text(f"{','.join(names)},note\n{','.join(values)},x\n", "utf-8")

    found = read_orders(file, "CNY")

    assert isinstance(found.orders[0], Wish)
    assert found.ignored == ("note",)


def test_readOrders_joinsRowsOfOneReferenceWhereTheFirstStands(tmp_path: Path) -> None:
    first, second = read(
        tmp_path, line(), line(order_ref="B"), line(item="espresso", quantity="1", unit_price="3")
    )

    assert isinstance(first, Wish)
    assert [one.item for one in first.lines] == ["hamper", "espresso"]
    assert (first.order_ref, second.order_ref) == ("A", "B")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("terminal", "till-2"),
        ("customer_id", "C-2"),
        ("points", "600"),
        ("sequence", "1"),
        ("deadline", "2026-01-01T00:00Z"),
        ("rules_version", "1"),
    ],
)
def test_readOrders_refusesRowsThatDisagree(tmp_path: Path, column: str, value: str) -> None:
    found = problem(tmp_path, line(), line(**{column: value}))

    assert found == f"line 3: {column} differs from the order's first row"


def test_readOrders_letsLaterRowsLeaveTheOptionalColumnsToTheFirst(tmp_path: Path) -> None:
    said = {"sequence": "7", "deadline": "2026-01-01T00:00Z", "rules_version": "1"}

    (order,) = read(tmp_path, line(**said), line(**dict.fromkeys(said, "")), line(**said))

    assert isinstance(order, Wish)
    assert (order.sequence, order.deadline, order.rules_version) == (7, 1767225600, 1)


def test_readOrders_takesUpToThirtyTwoLines(tmp_path: Path) -> None:
    (most,) = read(tmp_path, *[line()] * MAX_LINES)
    assert isinstance(most, Wish)

    assert "more than 32 lines" in problem(tmp_path, *[line()] * (MAX_LINES + 1))


@pytest.mark.parametrize(
    ("column", "bits"),
    [("points", 32), ("quantity", 16), ("sequence", 64), ("rules_version", 32)],
)
def test_readOrders_judgesWholeNumbersOnBothSides(tmp_path: Path, column: str, bits: int) -> None:
    for value in ("0", str(2**bits - 1)):
        assert wish(tmp_path, **{column: value})
    for value in (str(2**bits), "-1", "1.5", "+1", "１", "x", "0" * 21, "9" * 5000):
        found = problem(tmp_path, line(**{column: value}))
        start = f"line 2: {column} is not a whole number from 0 to {2**bits - 1}"
        assert found in (start, f"{start}: {value!r}")


@pytest.mark.parametrize(
    ("price", "minor"), [("0", 0), ("0.01", 1), ("10995116277.75", 2**40 - 1), ("50.000", 5000)]
)
def test_unitPrice_isInMinorUnits(tmp_path: Path, price: str, minor: int) -> None:
    assert wish(tmp_path, unit_price=price).lines[0].price == minor


@pytest.mark.parametrize("price", ["", "-1", "1.001", '"1,000"', "1e2", "10995116277.76", "１"])
def test_unitPrice_refusesAnythingElse(tmp_path: Path, price: str) -> None:
    assert problem(tmp_path, line(unit_price=price)).startswith("line 2: unit_price is ")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-01-01T00:00:00.999Z", 1_767_225_600),
        ("2026-01-01T00:00-01:00", 1_767_229_200),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
    ],
)
def test_deadline_isInSeconds(tmp_path: Path, text: str, seconds: int) -> None:
    assert wish(tmp_path, deadline=text).deadline == seconds


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-01T00:00:00", "2026-01-01", "1969-12-31T23:59:59Z", "soon", "1767225600"),
        *("2026-02-30T00:00Z", "0001-01-01T00:00+23:59", "2026-01-01T25:00Z"),
    ],
)
def test_deadline_refusesAnythingElse(tmp_path: Path, text: str) -> None:
    assert problem(tmp_path, line(deadline=text)).startswith("line 2: deadline ")


@pytest.mark.parametrize("column", ["order_ref", "terminal", "customer_id", "item"])
def test_text_isOneTo255PrintableCharacters(tmp_path: Path, column: str) -> None:
    for text in ("x", "客户", "x" * 255):
        assert wish(tmp_path, **{column: text})
    for text in ("", "x" * 256, "a\0b", "a\u200fb"):
        assert f"{column} is not 1 to 255" in problem(tmp_path, line(**{column: text}))


def test_readOrders_stopsNothingForABadOrder(tmp_path: Path) -> None:
    answers = read(tmp_path, line(points="x"), "A2,till-1", line(order_ref="B"), line(item=""))

    assert [type(one) for one in answers] == [BadOrder, BadOrder, Wish]
    assert [one.order_ref for one in answers] == ["A", "A2", "B"]


def test_readOrders_answersEachRowThatLacksItsReference(tmp_path: Path) -> None:
    first, good, second = read(tmp_path, line(order_ref=""), line(), line(order_ref=" "))

    assert isinstance(good, Wish)
    assert isinstance(first, BadOrder)
    assert isinstance(second, BadOrder)
    assert first.problem.startswith("line 2: order_ref is not 1 to 255")
    assert second.problem.startswith("line 4: order_ref is not 1 to 255")


def test_readOrders_neverRepeatsACustomersValue(tmp_path: Path) -> None:
    assert "secret" not in problem(tmp_path, line(customer_id="secret\0"))


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("points", "1000.0", "whole number from 0 to 4294967295: '1000.0'"),
        ("quantity", "70000", "whole number from 0 to 65535: '70000'"),
        ("unit_price", "3.001", "an amount of more decimals than CNY has (2): '3.001'"),
        ("deadline", "31.12.2026", "such as 2027-01-31T09:00:00Z: '31.12.2026'"),
    ],
)
def test_readOrders_repeatsAMistypedNumber(
    tmp_path: Path, column: str, value: str, told: str
) -> None:
    assert problem(tmp_path, line(**{column: value})).endswith(told)


@pytest.mark.parametrize("column", ["points", "quantity", "unit_price", "deadline", "sequence"])
@pytest.mark.parametrize("value", ["Lin Wei", "6222021234567894", "C-101", "110101199003070015"])
def test_readOrders_repeatsNoCustomersValueInAnotherColumn(
    tmp_path: Path, column: str, value: str
) -> None:
    assert value not in problem(tmp_path, line(**{column: value}, rules_version="x"))
