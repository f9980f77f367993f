"""Decimal strings, minor units and what points are worth, in exact fractions."""

from __future__ import annotations

import math
import re
from fractions import Fraction

DECIMALS = {"CNY": 2, "EUR": 2, "HKD": 2, "JPY": 0, "KWD": 3, "USD": 2}
"""ISO 4217 minor-unit digits of the currencies that the samples use."""

_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


def minor_units(amount: str, currency: str) -> int | None:
    """Minor units of a plain decimal string; None if it isn't one or is too fine."""
    if not _PLAIN.fullmatch(amount):
        return None
    exact = Fraction(amount) * 10 ** DECIMALS[currency]
    return exact.numerator if exact.denominator == 1 else None


def decimal_string(minor: int, currency: str) -> str:
    """Minor units as people write them: 3350 CNY is ``33.50``."""
    digits = DECIMALS[currency]
    whole, rest = divmod(minor, 10**digits)
    return f"{whole}.{rest:0{digits}d}" if digits else str(whole)


def cash_for(points: int, per_points: int, per_minor_units: int) -> int:
    """Minor units that ``points`` pay: ``floor(points × minor_units / points)`` of FORMATS."""
    return math.floor(points * Fraction(per_minor_units, per_points))
