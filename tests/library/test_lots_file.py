"""Credits in CSV: each row a credit, or what is wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from counterfoil.errors import BadInput
from counterfoil.points.lotsfile import BadCredit, Credit, day_of, read_lots
from tests.support.points_office import LOTS

DAY = (date(2026, 1, 15) - date(1970, 1, 1)).days


def row(folder: Path, text: str) -> Credit | BadCredit:
    file = folder / "lots.csv"
    file.write_text(LOTS + text + "\n", "utf-8")
    (found,) = read_lots(file).rows
    return found


def problem(folder: Path, text: str) -> str:
    found = row(folder, text)
    assert isinstance(found, BadCredit)
    return found.problem


def test_readLots_isACreditForEachRow(tmp_path: Path) -> None:
    found = row(tmp_path, " C-1 ,1200,2026-01-15,R-1")

    assert found == Credit(line=2, customer_id="C-1", points=1200, earned_on=DAY, reference="R-1")


@pytest.mark.parametrize("points", ["1", "4294967295", "0001"])
def test_points_takesWholeNumbers(tmp_path: Path, points: str) -> None:
    found = row(tmp_path, f"C-1,{points},2026-01-15,R-1")

    assert isinstance(found, Credit)
    assert found.points == int(points)


@pytest.mark.parametrize(
    "points",
    ["", "0", "-1", "+1", "1.0", "1e3", "4294967296", "１", "1_0", "0" * 20 + "1", "9" * 5000],
)
def test_points_refusesAnythingElse(tmp_path: Path, points: str) -> None:
    assert problem(tmp_path, f"C-1,{points},2026-01-15,R-1").startswith(
        "line 2: points is not a whole number"
    )


@pytest.mark.parametrize("day", ["1970-01-01", "2024-02-29", "9999-12-31"])
def test_earnedOn_takesDaysOfTheCalendar(tmp_path: Path, day: str) -> None:
    found = row(tmp_path, f"C-1,1,{day},R-1")

    assert isinstance(found, Credit)
    assert day_of(found.earned_on).isoformat() == day


@pytest.mark.parametrize(
    "day",
    [
        *("", "1969-12-31", "2025-02-29", "2026-13-01", "20260115", "2026-1-15", "15.01.2026"),
        *("2026-01-15T00:00Z", "２０２６-01-15", "2026-W03-4"),
    ],
)
def test_earnedOn_refusesAnythingElse(tmp_path: Path, day: str) -> None:
    assert problem(tmp_path, f"C-1,1,{day},R-1").startswith("line 2: earned_on is not a date")


@pytest.mark.parametrize("column", ["customer_id", "reference"])
def test_text_isOneTo255PrintableCharacters(tmp_path: Path, column: str) -> None:
    def with_text(text: str) -> str:
        return f"{text},1,2026-01-15,R" if column == "customer_id" else f"C,1,2026-01-15,{text}"

    for text in ("x", "客户 7", "x" * 255):
        assert isinstance(row(tmp_path, with_text(text)), Credit)
    for text in ("", "x" * 256, "a\0b", "a\u202eb", '"a\nb"'):
        assert f"{column} is not 1 to 255 printable" in problem(tmp_path, with_text(text))


def test_readLots_neverRepeatsACustomersValue(tmp_path: Path) -> None:
    assert "secret" not in problem(tmp_path, "secret\0,secret,secret,R-1")


@pytest.mark.parametrize("text", ["C-1,1,2026-01-15", "C-1,1,2026-01-15,R-1,x"])
def test_readLots_refusesARowWithoutEveryCell(tmp_path: Path, text: str) -> None:
    assert "not as many cells" in problem(tmp_path, text)


def test_readLots_goesOnAfterABadRow(tmp_path: Path) -> None:
    file = tmp_path / "lots.csv"
    file.write_text(LOTS + "C,0,2026-01-15,R-1\n\nC,1,2026-01-15,R-2\n", "utf-8")

    bad, good = read_lots(file).rows

    assert isinstance(bad, BadCredit)
    assert (bad.line, bad.reference) == (2, "R-1")
    assert isinstance(good, Credit)
    assert good.line == 4


def test_readLots_refusesAFileWithoutAColumn(tmp_path: Path) -> None:
    file = tmp_path / "lots.csv"
    file.write_text("customer_id,points,reference\n", "utf-8")

    with pytest.raises(BadInput, match="earned_on"):
        read_lots(file)
