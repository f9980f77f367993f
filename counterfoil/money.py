"""Cash as whole minor units of one ISO 4217 currency.

Amounts come in as exact decimal strings and never pass through a binary fraction. How many
decimals a currency has is taken from the published ISO 4217 list that package ``iso4217`` carries.
"""

from __future__ import annotations

import re

from iso4217 import Currency

from counterfoil.errors import BadInput

MAX_DIGITS = 15
"""Most digits before the point: beyond any amount of money, and far inside a 64-bit integer."""

_DECIMAL = re.compile(r"(?P<whole>[0-9]+)(?:\.(?P<decimals>[0-9]+))?")
_MAX_LENGTH = 64  # leading and trailing zeros are allowed, a flood of them is not


def exponent(currency: str) -> int:
    """How many decimals ``currency`` has: 2 for ``CNY``, 0 for ``JPY``, 3 for ``BHD``.

    Raises:
        BadInput: not the upper-case code of a currency, or one without a minor unit (gold, say).
    """
    try:
        decimals: int | None = Currency(currency).exponent
    except ValueError:
        raise BadInput("not an ISO 4217 currency code in capitals, such as CNY") from None
    if decimals is None:
        raise BadInput("a currency without minor units")
    return decimals


def parse_minor(text: str, currency: str, *, zero: bool = False) -> int:
    """``text`` as minor units of ``currency``: ``parse_minor("128.50", "CNY") == 12850``.

    Args:
        text: ASCII digits with at most one point, which stands between digits.
        currency: ISO 4217 code.
        zero: whether nothing at all is an amount.

    Raises:
        BadInput: anything else, or more decimals than the currency has unless they are zeros.
            The message never repeats the amount.
    """
    decimals = exponent(currency)
    matched = _DECIMAL.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if matched is None:
        raise BadInput("not a plain decimal amount such as 128.50 (no sign, marks or exponent)")
    whole = matched["whole"].lstrip("0")
    part = (matched["decimals"] or "").rstrip("0")
    if len(part) > decimals:
        raise BadInput(f"an amount of more decimals than {currency} has ({decimals})")
    if len(whole) > MAX_DIGITS:
        raise BadInput(f"an amount of more than {MAX_DIGITS} digits before the point")
    minor = int(whole + part.ljust(decimals, "0") or "0")
    if minor == 0 and not zero:
        raise BadInput("zero is not an amount here")
    return minor


def format_minor(minor: int, currency: str) -> str:
    """``minor`` units of ``currency`` as a decimal string: ``format_minor(5, "CNY") == "0.05"``.

    Negative amounts (differences) carry a leading minus.
    """
    decimals = exponent(currency)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    sign = "-" if minor < 0 else ""
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else f"{sign}{digits}"
