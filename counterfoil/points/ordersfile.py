"""Orders as users write them: CSV, one row a line of an order.

Rows that share ``order_ref`` make one order, and a row without one is an order of its own; later
rows may leave the optional columns to the first. A row that can't be read makes its order
``bad-row`` and stops nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from counterfoil.errors import BadInput
from counterfoil.files import Row, read_csv
from counterfoil.money import parse_minor
from counterfoil.points import cells
from counterfoil.points.orders import MAX_LINES

_REQUIRED = ("order_ref", "terminal", "customer_id", "item", "quantity", "unit_price", "points")
_OPTIONAL = ("sequence", "deadline", "rules_version")
_SHARED = ("terminal", "customer_id", "points")


@dataclass(frozen=True, slots=True)
class WishLine:
    """One line as the shop rings it up; ``price`` in minor units."""

    item: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Wish:
    """An order before it is signed. None: the terminal chooses."""

    order_ref: str
    terminal: str
    customer_id: str
    points: int
    lines: tuple[WishLine, ...]
    sequence: int | None = None
    deadline: int | None = None
    rules_version: int | None = None


@dataclass(frozen=True, slots=True)
class BadOrder:
    """An order that can't be expressed, and what is wrong with it."""

    order_ref: str
    problem: str


@dataclass(frozen=True, slots=True)
class OrdersFile:
    """The orders of a file, in the order of their first rows; ``ignored`` columns."""

    orders: tuple[Wish | BadOrder, ...]
    ignored: tuple[str, ...]


def read_orders(file: Path, currency: str) -> OrdersFile:
    """The orders of a CSV file, prices in decimal ``currency``.

    Raises:
        BadInput: the file is malformed (not UTF-8, a column missing).
    """
    table = read_csv(file, _REQUIRED, _OPTIONAL)
    grouped: dict[str | int, list[Row]] = {}
    for row in table.rows:
        grouped.setdefault(row.values.get("order_ref") or row.line, []).append(row)
    orders = tuple(
        _order(ref if isinstance(ref, str) else "", rows, currency) for ref, rows in grouped.items()
    )
    return OrdersFile(orders, table.ignored)


def _order(order_ref: str, rows: Sequence[Row], currency: str) -> Wish | BadOrder:
    try:
        return _wish(order_ref, rows, currency)
    except BadInput as error:
        return BadOrder(
            order_ref, f"line {error.row or rows[0].line}: {error.field} {error.problem}"
        )


def _wish(order_ref: str, rows: Sequence[Row], currency: str) -> Wish:
    first = rows[0].values
    for row in rows:
        if not row.whole:
            raise BadInput("has not as many cells as the header", row=row.line, field="the row")
        for name in (*_SHARED, *_OPTIONAL):
            said = row.values.get(name)
            if said != first.get(name) and (said or name in _SHARED):
                raise BadInput("differs from the order's first row", row=row.line, field=name)
    if len(rows) > MAX_LINES:
        raise BadInput(f"has more than {MAX_LINES} lines", field="the order")
    return Wish(
        order_ref=cells.text(order_ref, "order_ref"),
        terminal=cells.text(first["terminal"], "terminal"),
        customer_id=cells.text(first["customer_id"], "customer_id"),
        points=cells.whole(first["points"], "points", 32),
        lines=tuple(line_in(row, currency) for row in rows),
        sequence=_optional(first, "sequence", 64),
        deadline=_deadline(first.get("deadline", "")),
        rules_version=_optional(first, "rules_version", 32),
    )


def line_in(row: Row, currency: str) -> WishLine:
    """The line in a row's ``item``, ``quantity`` and ``unit_price`` (decimal ``currency``).

    Raises:
        BadInput: names the row's line and the field.
    """
    values = row.values
    try:
        price = parse_minor(values["unit_price"], currency, zero=True)
    except BadInput as error:
        problem = f"is {error.message}{cells.shown(values['unit_price'])}"
        raise BadInput(problem, row=row.line, field="unit_price") from error
    if price >= 2**40:
        raise BadInput("is over 2^40-1 minor units", row=row.line, field="unit_price")
    quantity = cells.whole(values["quantity"], "quantity", 16, row=row.line)
    return WishLine(cells.text(values["item"], "item", row.line), quantity, price)


def _optional(values: dict[str, str], field: str, bits: int) -> int | None:
    value = values.get(field, "")
    return cells.whole(value, field, bits) if value else None


def _deadline(value: str) -> int | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        problem = f"is not an ISO 8601 time, such as 2027-01-31T09:00:00Z{cells.shown(value)}"
        raise BadInput(problem, field="deadline") from error
    if moment.tzinfo is None:
        raise BadInput("has no offset, such as Z or +08:00", field="deadline")
    seconds = int(moment.timestamp())
    if not 0 <= seconds < 2**40:
        raise BadInput("is before 1970", field="deadline")
    return seconds
