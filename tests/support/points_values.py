"""What a points ledger holds, in plain Python: whole numbers in dictionaries, nothing packed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

LOTS = 6
MAX_POINTS = 2**32 - 1
LAPSE = 2**16 - 1  # grace days: what is restored into a lapsed lot lapses
ALWAYS = 2**40 - 1  # live until: no newer rules


class Reason(IntEnum):
    """IPointsTypes.Reason."""

    PAID = 0
    BAD_ROW = 1
    UNKNOWN_TERMINAL = 2
    BAD_SIGNATURE = 3
    REPLAYED = 4
    EXPIRED = 5
    RULES_VERSION = 6
    UNKNOWN_ITEM = 7
    ITEM_CAP = 8
    POINTS_MINIMUM = 9
    POINTS_INCREMENT = 10
    CASH_MISMATCH = 11
    ORDER_CAP = 12
    ACCOUNT_DAY_CAP = 13
    TERMINAL_DAY_CAP = 14
    FROZEN = 15
    INSUFFICIENT_POINTS = 16


class Mark(IntEnum):
    """IPointsTypes.Mark."""

    UNUSED = 0
    REJECTED = 1
    PAID = 2
    FINALIZED = 3


class Rules(NamedTuple):
    """IPointsTypes.Rules."""

    points: int
    minor_units: int
    minimum: int
    increment: int
    max_order: int
    max_account_day: int
    max_terminal_day: int
    sunset_seconds: int
    refund_days: int
    grace_days: int

    def cash(self, points: int) -> int:
        """What so many points pay, in minor units."""
        return points * self.minor_units // self.points

    @property
    def smallest(self) -> int:
        """Points of the smallest order."""
        return -(-self.minimum // self.increment) * self.increment

    def told(self) -> dict[str, int]:
        """The rules as an event tells them."""
        names = ("points", "minorUnits", "minimumPoints", "increment", "maxOrder", "maxAccountDay")
        more = ("maxTerminalDay", "sunsetSeconds", "refundDays", "graceDays")
        return dict(zip((*names, *more), self, strict=True))

    def wrong_field(self) -> str | None:
        """The field for which these rules can't be published."""
        rate = self.points > 0 and self.minor_units > 0
        steps = self.increment > 0 and self.minimum > 0
        checks = {
            "points": self.points > 0,
            "minorUnits": rate and self.cash(MAX_POINTS) < 2**40,
            "increment": self.increment > 0 and self.smallest <= MAX_POINTS,
            "minimumPoints": rate and steps and self.cash(self.smallest) > 0,
            "maxOrder": self.max_order > 0,
            "maxAccountDay": self.max_account_day > 0,
            "maxTerminalDay": self.max_terminal_day > 0,
        }
        return next((name for name, right in checks.items() if not right), None)


class Credit(NamedTuple):
    """IPointsTypes.Credit."""

    account: bytes
    points: int
    earned_on: int
    reference: bytes


class ClawBack(NamedTuple):
    """IPointsTypes.ClawBack."""

    reference: bytes
    points: int
    before: int


class Receipt(NamedTuple):
    """IPointsTypes.Receipt. ``drawn`` packs six uint32, soonest to expire lowest."""

    order_id: bytes
    account: bytes
    terminal: str
    sequence: int
    rules: int
    points: int
    cash: int
    drawn: int
    first_period: int

    def last_drawn_first(self) -> Iterator[tuple[int, int]]:
        """(earning period, points taken) of each lot."""
        for lot in reversed(range(LOTS)):
            yield self.first_period + lot, self.drawn >> (32 * lot) & MAX_POINTS


@dataclass(slots=True)
class Settled:
    """A paid order: its receipt, its batch, and the cash given back so far."""

    receipt: Receipt
    at: int
    root: bytes
    proof: list[bytes]
    refunded: int = 0


@dataclass(slots=True)
class Till:
    """A terminal. ``takings`` by day, ``marks`` by sequence."""

    key: str
    catalogue: int
    enabled: bool = True
    takings: dict[int, int] = field(default_factory=dict)
    marks: dict[int, Mark] = field(default_factory=dict)


@dataclass(slots=True)
class Account:
    """A customer's account. ``lots`` by earning period, ``spent`` by day."""

    lots: dict[int, int] = field(default_factory=dict)
    spent: dict[int, int] = field(default_factory=dict)
    frozen: bool = False

    def points(self, first: int = 0) -> int:
        """All points, of the lots from period ``first`` on."""
        return sum(points for period, points in self.lots.items() if period >= first)

    def lapse(self, first: int) -> int:
        """Drop the lots before period ``first``; the points that were in them."""
        before = self.points()
        self.lots = {period: n for period, n in self.lots.items() if period >= first}
        return before - self.points()

    def draw(self, points: int, first: int) -> dict[int, int]:
        """Take points, soonest to expire first; what was taken, by period."""
        taken: dict[int, int] = {}
        for period in sorted(period for period in self.lots if period >= first):
            taken[period] = min(self.lots[period], points - sum(taken.values()))
            self.lots[period] -= taken[period]
        return taken

    def put(self, points: int, home: int, first: int) -> int:
        """Add points to a lot, or where there is room; those for which there was none."""
        for period in (*range(home, first + LOTS), *reversed(range(first, home))):
            held = self.lots.get(period, 0)
            fits = min(points, MAX_POINTS - held)
            self.lots[period] = held + fits
            points -= fits
        return points


@dataclass(slots=True)
class Totals:
    """IPointsTypes.Totals."""

    issued: int = 0
    redeemed: int = 0
    restored: int = 0
    lapsed: int = 0
    clawed_back: int = 0

    def held(self) -> int:
        """What all accounts must hold together."""
        return self.issued - self.redeemed + self.restored - self.lapsed - self.clawed_back


def packed(taken: Mapping[int, int], first: int) -> int:
    """Points by earning period as six uint32 in one number."""
    return sum(points << (32 * (period - first)) for period, points in taken.items())
