"""One bank's rules and the terminals that it serves, as the sample files give them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

from tests.support.expectations.money import cash_for, decimal_string, minor_units

_EPOCH = date(1970, 1, 1)
_LOTS = 6


@dataclass(frozen=True, slots=True)
class Bank:
    """``rules.toml``: money in minor units, points whole, periods in days."""

    name: str
    currency: str
    lot_days: int
    points: int
    minor_units: int
    minimum_points: int
    increment: int
    max_order: int
    max_account_day: int
    max_terminal_day: int

    def cash(self, points: int) -> int:
        """Minor units that ``points`` pay."""
        return cash_for(points, self.points, self.minor_units)

    def show(self, minor: int) -> str:
        """Minor units as a decimal string."""
        return decimal_string(minor, self.currency)

    def period(self, day: date) -> int:
        """The period that a credit earned on ``day`` falls into."""
        return (day - _EPOCH).days // self.lot_days

    def expires_on(self, period: int) -> date:
        """The first day on which a lot of ``period`` is gone: it lives for six periods."""
        return _EPOCH + timedelta(days=(period + _LOTS) * self.lot_days)


Catalogue: TypeAlias = dict[str, int]
"""Item to the most minor units per unit that points may pay."""


def _minor(amount: str, currency: str) -> int:
    minor = minor_units(amount, currency)
    if minor is None:
        raise ValueError(f"{amount!r} is no amount of {currency}")
    return minor


def read_bank(path: Path) -> Bank:
    """The rules in a ``rules.toml``."""
    top = tomllib.loads(path.read_text(encoding="utf-8"))
    rules = top["rules"]
    caps = ("max_order", "max_account_day", "max_terminal_day")
    counts = ("points", "minor_units", "minimum_points", "increment")
    return Bank(
        name=top["bank"],
        currency=top["currency"],
        lot_days=top["lot_days"],
        **{key: rules[key] for key in counts},
        **{key: _minor(rules[key], top["currency"]) for key in caps},
    )


def read_terminals(path: Path, currency: str) -> dict[str, Catalogue]:
    """Terminal to its catalogue, from a ``terminals.toml``."""
    top = tomllib.loads(path.read_text(encoding="utf-8"))
    catalogues = {
        name: {item: _minor(cap, currency) for item, cap in items.items()}
        for name, items in top["catalogues"].items()
    }
    return {till: catalogues[entry["catalogue"]] for till, entry in top["terminals"].items()}
