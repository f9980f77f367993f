"""What issuing a ``lots.csv`` leads to, row by row, and what every customer then holds."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

from tests.support.expectations.bank import Bank

Lots: TypeAlias = dict[str, dict[int, int]]
"""Customer to period to points."""

_WHOLE = re.compile(r"[0-9]+", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LARGEST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Credit:
    """One row's answer; the dates only if it was issued."""

    line: int
    reference: str
    status: str
    reason: str | None
    replayed: bool = False
    earned_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """All rows' answers and the lots that they leave."""

    credits: list[Credit]
    lots: Lots

    @property
    def valid_from(self) -> date:
        """The first day on which every issued row has been earned."""
        return max(credit.earned_on for credit in self.credits if credit.earned_on)

    @property
    def valid_until(self) -> date:
        """The last day before the first issued lot lapses."""
        ends = [credit.expires_on for credit in self.credits if credit.expires_on]
        return min(ends) - timedelta(days=1)


def _points(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) and int(text) <= _LARGEST else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _first_answer(line: int, row: dict[str, str], bank: Bank, today: date) -> Credit:
    points, day = _points(row["points"]), _day(row["earned_on"])
    if points is None or day is None:
        return Credit(line, row["reference"], "refused", "bad-row")
    if day > today:
        return Credit(line, row["reference"], "refused", "future")
    expires_on = bank.expires_on(bank.period(day))
    if expires_on <= today:
        return Credit(line, row["reference"], "refused", "lapsed")
    return Credit(line, row["reference"], "issued", None, False, day, expires_on)


def issue(path: Path, bank: Bank, today: date) -> Issued:
    """Issue the rows of ``path`` in file order, as on ``today``."""
    answers: list[Credit] = []
    lots: Lots = defaultdict(lambda: defaultdict(int))
    used: dict[str, tuple[dict[str, str], Credit]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            line, reference = rows.line_num, row["reference"]
            if reference in used:
                before, first = used[reference]
                again = replace(first, line=line, replayed=True)
                other = Credit(line, reference, "refused", "bad-row")
                answers.append(again if before == row else other)
                continue
            answer = _first_answer(line, row, bank, today)
            answers.append(answer)
            if answer.earned_on:
                used[reference] = (row, answer)
                lots[row["customer_id"]][bank.period(answer.earned_on)] += int(row["points"])
    return Issued(answers, {customer: dict(held) for customer, held in lots.items()})


def draw(held: dict[int, int], points: int) -> None:
    """Take ``points`` out of one customer's lots, soonest to expire first."""
    for period in sorted(held):
        taken = min(points, held[period])
        held[period] -= taken
        points -= taken
    if points:
        raise ValueError("drew more than is held")


def balances(lots: Lots, bank: Bank) -> list[dict[str, object]]:
    """What ``points balance`` says of every customer, in order of their ids."""
    return [
        {
            "customer_id": customer,
            "points": sum(held.values()),
            "worth": bank.show(bank.cash(sum(held.values()))),
            "currency": bank.currency,
            "lots": [
                {"points": held[period], "expires_on": bank.expires_on(period).isoformat()}
                for period in sorted(held)
                if held[period]
            ],
        }
        for customer, held in sorted(lots.items())
    ]
