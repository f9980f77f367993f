"""Amounts of cash on the command line."""

from __future__ import annotations

from counterfoil.errors import BadInput
from counterfoil.money import parse_minor


def minor_of(text: str, currency: str, field: str, *, zero: bool = False) -> int:
    """The minor units of ``currency`` in ``text``; ``zero``: whether nothing is an amount.

    Raises:
        BadInput: names the option or argument that it was given as.
    """
    try:
        return parse_minor(text, currency, zero=zero)
    except BadInput as error:
        raise BadInput(error.problem, field=field) from error
