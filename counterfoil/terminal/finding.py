"""Sales of another day, or one by the number on its receipt."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from counterfoil.errors import BadInput
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.sales import Sale

_NUMBER = re.compile(r"(?:0x)?[0-9a-f]{6,64}")


def found(journal: TillJournal, day: str, number: str) -> list[Sale]:
    """The sales that somebody asks for, newest first.

    Args:
        day: YYYY-MM-DD, by this machine's calendar; counts only without a number.
        number: of a receipt, or an order's id; its first six characters at least.

    Raises:
        BadInput: no day (``sale-day``), or no number (``sale-number``).
    """
    if number:
        return journal.sales_numbered(_number_in(number))
    return journal.sales_between(*_span_in(day))


def span_of(day: date) -> tuple[int, int]:
    """When a day begins here, and the next one; Unix seconds."""
    begins, ends = (datetime.combine(one, time()) for one in (day, day + timedelta(days=1)))
    return int(begins.timestamp()), int(ends.timestamp())


def _number_in(text: str) -> str:
    number = "".join(text.split()).lower()
    if not _NUMBER.fullmatch(number):
        raise BadInput("no receipt's number", field="number", code="sale-number")
    return number


def _span_in(text: str) -> tuple[int, int]:
    try:
        return span_of(date.fromisoformat(text))
    except (ValueError, OverflowError):
        raise BadInput("no day", field="day", code="sale-day") from None
