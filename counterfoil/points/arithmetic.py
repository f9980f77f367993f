"""What points are worth: the same on chain (``ExchangeRate.sol``), here and on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """``points`` points are worth ``minor_units`` minor units."""

    points: int
    minor_units: int

    def cash_for(self, amount: int) -> int:
        """The cash, in minor units, that ``amount`` points pay: rounded down."""
        return amount * self.minor_units // self.points

    def points_for(self, wish: int, increment: int) -> int:
        """The fewest points, a multiple of ``increment``, that reach the most cash ≤ ``wish``."""
        most = ((wish + 1) * self.points - 1) // self.minor_units
        cash = self.cash_for(most - most % increment)
        fewest = -(-cash * self.points // self.minor_units)
        return round_up(fewest, increment)


def round_up(amount: int, increment: int) -> int:
    """The smallest multiple of ``increment`` that is at least ``amount``."""
    return -(-amount // increment) * increment


def spread(cash: int, limits: Sequence[int]) -> list[int]:
    """``cash`` over lines with these limits: each takes what it can, in order; what is left over
    goes on the last line, where the ledger finds it."""
    shares = []
    left = cash
    for limit in limits:
        shares.append(min(left, limit))
        left -= shares[-1]
    shares[-1] += left
    return shares


def restored(points: int, cash: int, given_back: int) -> int:
    """Points that refunds of ``given_back`` out of ``cash`` have restored in all."""
    return points * given_back // cash
