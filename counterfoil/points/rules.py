"""``rules.toml``: what one bank promises, as the ledger takes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from counterfoil.errors import BadInput
from counterfoil.files import read_toml
from counterfoil.money import exponent, parse_minor
from counterfoil.points.arithmetic import Rate, round_up

LAPSE = 0xFFFF
_UINT32 = Annotated[StrictInt, Field(ge=1, lt=2**32)]
_MAX_CASH = 2**40 - 1
_MAX_POINTS = 2**32 - 1
_RESERVED = re.compile("tickets|terminal(-.*)?")  # their keys would be a bank's: NAME-admin


class _RulesTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    points: _UINT32
    minor_units: _UINT32
    minimum_points: _UINT32
    increment: _UINT32
    max_order: StrictStr
    max_account_day: StrictStr
    max_terminal_day: StrictStr
    sunset_seconds: Annotated[StrictInt, Field(ge=0, lt=2**32)]
    refund_days: Annotated[StrictInt, Field(ge=0, lt=2**16)]
    restored: Annotated[StrictStr, Field(pattern=r"^(lapse|grace:[0-9]{1,4})$")]


class _RulesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    bank: Annotated[StrictStr, Field(pattern=r"^[a-z0-9-]{2,32}$")]
    currency: StrictStr
    lot_days: Annotated[StrictInt, Field(ge=1, le=3660)]
    rules: _RulesTable


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of a bank's rules; cash in minor units. ``grace_days`` :data:`LAPSE`: lapse."""

    rate: Rate
    minimum_points: int
    increment: int
    max_order: int
    max_account_day: int
    max_terminal_day: int
    sunset_seconds: int
    refund_days: int
    grace_days: int

    def as_tuple(self) -> tuple[int, ...]:
        """The rules as the contract's ABI takes them."""
        return (
            self.rate.points,
            self.rate.minor_units,
            self.minimum_points,
            self.increment,
            self.max_order,
            self.max_account_day,
            self.max_terminal_day,
            self.sunset_seconds,
            self.refund_days,
            self.grace_days,
        )


@dataclass(frozen=True, slots=True)
class BankRules:
    """A whole rules file: what is fixed at deployment, and the first or next rules."""

    bank: str
    currency: str
    lot_days: int
    rules: Rules


def read_rules(file: Path) -> BankRules:
    """The rules in a file, checked as the ledger will check them.

    Raises:
        BadInput: names the field and what is wrong with it.
    """
    read = read_toml(file, _RulesFile)
    if _RESERVED.fullmatch(read.bank):
        problem = f"is {read.bank!r}, whose keys would be those of another part"
        raise BadInput(problem, file=str(file), field="bank", fix="Choose another name.")
    try:
        exponent(read.currency)
    except BadInput as error:
        raise BadInput(error.message, file=str(file), field="currency") from error
    table = read.rules
    rate = Rate(table.points, table.minor_units)
    _check_rate(rate, str(file))
    _check_smallest(rate, table.minimum_points, table.increment, str(file))
    rules = Rules(
        rate=rate,
        minimum_points=table.minimum_points,
        increment=table.increment,
        max_order=_cash(table, "max_order", read.currency, file),
        max_account_day=_cash(table, "max_account_day", read.currency, file),
        max_terminal_day=_cash(table, "max_terminal_day", read.currency, file),
        sunset_seconds=table.sunset_seconds,
        refund_days=table.refund_days,
        grace_days=_grace_days(table.restored),
    )
    return BankRules(read.bank, read.currency, read.lot_days, rules)


def _check_rate(rate: Rate, file: str) -> None:
    if rate.cash_for(_MAX_POINTS) > _MAX_CASH:
        problem = "makes the largest balance worth more than 2^40-1 minor units"
        raise BadInput(problem, file=file, field="rules.minor_units", fix="Lower it.")


def _check_smallest(rate: Rate, minimum_points: int, increment: int, file: str) -> None:
    smallest = round_up(minimum_points, increment)
    if smallest > _MAX_POINTS:
        problem = "makes the smallest order larger than any balance"
        raise BadInput(problem, file=file, field="rules.increment", fix="Lower it.")
    if rate.cash_for(smallest) == 0:
        problem = "is so low that the smallest order would pay no cash"
        raise BadInput(problem, file=file, field="rules.minimum_points", fix="Raise it.")


def _cash(table: _RulesTable, name: str, currency: str, file: Path) -> int:
    try:
        cash = parse_minor(getattr(table, name), currency)
    except BadInput as error:
        raise BadInput(error.message, file=str(file), field=f"rules.{name}") from error
    if cash > _MAX_CASH:
        raise BadInput("is over 2^40-1 minor units", file=str(file), field=f"rules.{name}")
    return cash


def _grace_days(restored: str) -> int:
    days = re.sub("^grace:", "", restored)
    return LAPSE if days == "lapse" else int(days)
