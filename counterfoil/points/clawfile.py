"""Credits to take back as banks write them: CSV ``reference,points,claw_reference``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from counterfoil.errors import BadInput
from counterfoil.files import Row, read_csv
from counterfoil.points import cells

_REQUIRED = ("reference",)
_OPTIONAL = ("points", "claw_reference")


@dataclass(frozen=True, slots=True)
class Claw:
    """Points of the credit with this reference to take back; None: all that is left of it.

    ``claw_reference`` is the bank's own id for this, done once.
    """

    line: int
    reference: str
    points: int | None
    claw_reference: str


@dataclass(frozen=True, slots=True)
class BadClaw:
    """A row that can't be read, and what is wrong with it."""

    line: int
    reference: str
    claw_reference: str
    problem: str


@dataclass(frozen=True, slots=True)
class ClawsFile:
    """The rows of a file in their order; ``ignored`` columns."""

    rows: tuple[Claw | BadClaw, ...]
    ignored: tuple[str, ...]


def read_claws(file: Path) -> ClawsFile:
    """The rows of a CSV file.

    Raises:
        BadInput: the file is malformed (not UTF-8, a column missing).
    """
    table = read_csv(file, _REQUIRED, _OPTIONAL)
    return ClawsFile(tuple(_row(row) for row in table.rows), table.ignored)


def claw_of(reference: str, points: str, claw_reference: str, line: int = 0) -> Claw:
    """A row of these cells; an empty ``claw_reference`` is the credit's own reference.

    Raises:
        BadInput: names the field.
    """
    return Claw(
        line=line,
        reference=cells.text(reference, "reference"),
        points=cells.whole(points, "points", 32, least=1) if points else None,
        claw_reference=cells.text(claw_reference or reference, "claw_reference"),
    )


def _row(row: Row) -> Claw | BadClaw:
    reference, points, claw = (row.values.get(name, "") for name in (*_REQUIRED, *_OPTIONAL))
    try:
        if not row.whole:
            raise BadInput("has not as many cells as the header", field="the row")
        return claw_of(reference, points, claw, row.line)
    except BadInput as error:
        problem = f"line {row.line}: {error.field} {error.problem}"
        return BadClaw(row.line, reference, claw or reference, problem)
