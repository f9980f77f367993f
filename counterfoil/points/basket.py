"""What is in a customer's basket: CSV ``item,quantity,unit_price``, or words of a command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from counterfoil.errors import BadInput
from counterfoil.files import Row, read_csv
from counterfoil.points.orders import MAX_LINES
from counterfoil.points.ordersfile import WishLine, line_in

_COLUMNS = ("item", "quantity", "unit_price")


def read_basket(file: Path, currency: str) -> tuple[WishLine, ...]:
    """The lines of a CSV file, prices in decimal ``currency``.

    Raises:
        BadInput: the file, or any line of it, can't be read; a basket is taken whole.
    """
    return _lines(read_csv(file, _COLUMNS).rows, currency, str(file))


def basket_of(words: Sequence[str], currency: str) -> tuple[WishLine, ...]:
    """The lines in words ``item:quantity:price``; the item's own name may hold colons.

    Raises:
        BadInput: a word has other parts.
    """
    rows = []
    for word in words:
        parts = word.rsplit(":", 2)
        if len(parts) != len(_COLUMNS):
            raise BadInput("is not item:quantity:price", field="--line", fix="Such as tea:2:3.50.")
        rows.append(Row(0, dict(zip(_COLUMNS, parts, strict=True)), True))
    return _lines(rows, currency, "")


def _lines(rows: Sequence[Row], currency: str, file: str) -> tuple[WishLine, ...]:
    if not 1 <= len(rows) <= MAX_LINES:
        raise BadInput(
            f"has {len(rows)} lines, not 1 to {MAX_LINES}", file=file, field="the basket"
        )
    lines = []
    for row in rows:
        try:
            if not row.whole:
                raise BadInput("has not as many cells as the header", field="the row")
            lines.append(line_in(row, currency))
        except BadInput as error:
            raise BadInput(error.problem, file=file, row=row.line, field=error.field) from error
    return tuple(lines)
