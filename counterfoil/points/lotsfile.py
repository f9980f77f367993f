"""Credits as banks write them: CSV ``customer_id,points,earned_on,reference``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from counterfoil.errors import BadInput
from counterfoil.files import Row, read_csv
from counterfoil.points import cells

_REQUIRED = ("customer_id", "points", "earned_on", "reference")
_EPOCH = date(1970, 1, 1)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Credit:
    """One credit; ``earned_on`` in days since 1970-01-01."""

    line: int
    customer_id: str
    points: int
    earned_on: int
    reference: str


@dataclass(frozen=True, slots=True)
class BadCredit:
    """A row that is no credit, and what is wrong with it."""

    line: int
    reference: str
    problem: str


@dataclass(frozen=True, slots=True)
class LotsFile:
    """The rows of a file in their order; ``ignored`` columns."""

    rows: tuple[Credit | BadCredit, ...]
    ignored: tuple[str, ...]


def read_lots(file: Path) -> LotsFile:
    """The credits in a CSV file.

    Raises:
        BadInput: the file is malformed (not UTF-8, a column missing).
    """
    table = read_csv(file, _REQUIRED)
    return LotsFile(tuple(_row(row) for row in table.rows), table.ignored)


def day_of(days: int) -> date:
    """The date that is ``days`` after 1970-01-01."""
    return date.fromordinal(_EPOCH.toordinal() + days)


def _row(row: Row) -> Credit | BadCredit:
    try:
        if not row.whole:
            raise BadInput("has not as many cells as the header", field="the row")
        return Credit(
            line=row.line,
            customer_id=cells.text(row.values["customer_id"], "customer_id"),
            points=cells.whole(row.values["points"], "points", 32, least=1),
            earned_on=_day(row.values["earned_on"]),
            reference=cells.text(row.values["reference"], "reference"),
        )
    except BadInput as error:
        problem = f"line {row.line}: {error.field} {error.problem}"
        return BadCredit(row.line, row.values.get("reference", ""), problem)


def _day(value: str) -> int:
    if _DATE.fullmatch(value):
        try:
            days = date.fromisoformat(value).toordinal() - _EPOCH.toordinal()
        except ValueError:
            days = -1
        if days >= 0:
            return days
    raise BadInput(f"is not a date YYYY-MM-DD since 1970{cells.shown(value)}", field="earned_on")
