"""Customers as banks list them: CSV with the column ``customer_id``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from counterfoil.errors import BadInput
from counterfoil.files import Row, read_csv
from counterfoil.points import cells


@dataclass(frozen=True, slots=True)
class BadCustomer:
    """A row that names no customer, and what is wrong with it."""

    problem: str


@dataclass(frozen=True, slots=True)
class CustomersFile:
    """The customers of a file in its order; ``ignored`` columns."""

    rows: tuple[str | BadCustomer, ...]
    ignored: tuple[str, ...]


def read_customers(file: Path) -> CustomersFile:
    """The customers in a CSV file.

    Raises:
        BadInput: the file is malformed (not UTF-8, the column missing).
    """
    table = read_csv(file, ("customer_id",))
    return CustomersFile(tuple(_row(row) for row in table.rows), table.ignored)


def _row(row: Row) -> str | BadCustomer:
    try:
        if not row.whole:
            raise BadInput("has not as many cells as the header", field="the row")
        return cells.text(row.values["customer_id"], "customer_id")
    except BadInput as error:
        return BadCustomer(f"line {row.line}: {error.field} {error.problem}")
