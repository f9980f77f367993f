"""What settling one bank's orders leads to, judged check by check in the order of FORMATS."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.support.expectations.bank import Bank, Catalogue
from tests.support.expectations.lots import Lots, draw
from tests.support.expectations.money import minor_units

_WHOLE = re.compile(r"[0-9]+", re.ASCII)
_LARGEST = {"points": 2**32 - 1, "quantity": 2**16 - 1, "price": 2**40 - 1}
INVALID = frozenset({"bad-row", "unknown-terminal", "bad-signature", "replayed"})


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an order; price in minor units, cash too if somebody else divided it."""

    item: str
    quantity: int
    price: int
    cash: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a sample file; ``readable`` is false for a bad row."""

    ref: str
    file: str
    readable: bool
    terminal: str = ""
    customer: str = ""
    points: int = 0
    lines: tuple[Line, ...] = ()
    sequence: int | None = None
    deadline: date | None = None
    other_rules: bool = False
    other_ledger: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """One order's answer: points and minor units as asked, None where the row can't be read."""

    ref: str
    file: str
    status: str
    reason: str | None
    points: int | None
    cash: int | None


def _whole(text: str, field: str) -> int:
    if not _WHOLE.fullmatch(text) or int(text) > _LARGEST[field]:
        raise ValueError(field)
    return int(text)


def _line(row: dict[str, str], currency: str) -> Line:
    price = minor_units(row["unit_price"], currency)
    if price is None or price > _LARGEST["price"]:
        raise ValueError("unit_price")
    return Line(row["item"], _whole(row["quantity"], "quantity"), price)


def _order(ref: str, rows: list[dict[str, str]], file: str, currency: str) -> Order:
    shared = ("points", "terminal", "customer_id")
    first = rows[0]
    sequence, deadline = first.get("sequence"), first.get("deadline")
    try:
        if any(row[field] != first[field] for row in rows for field in shared):
            raise ValueError("rows of one order disagree")
        return Order(
            ref,
            file,
            readable=True,
            terminal=first["terminal"],
            customer=first["customer_id"],
            points=_whole(first["points"], "points"),
            lines=tuple(_line(row, currency) for row in rows),
            sequence=int(sequence) if sequence else None,
            deadline=datetime.fromisoformat(deadline).date() if deadline else None,
            other_rules=bool(first.get("rules_version")),
        )
    except ValueError:
        return Order(ref, file, readable=False)


def read_csv(path: Path, currency: str) -> list[Order]:
    """The orders of a CSV, in the order of their first rows."""
    grouped: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            grouped[row["order_ref"]].append(row)
    return [_order(ref, rows, path.name, currency) for ref, rows in grouped.items()]


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def read_crafted(path: Path) -> list[Order]:
    """Orders whose lines say themselves how the cash is divided, in minor units."""
    return [
        Order(
            entry["order_ref"],
            path.name,
            readable=True,
            terminal=entry["terminal"],
            customer=entry["customer_id"],
            points=entry["points"],
            lines=tuple(Line(**line) for line in entry["lines"]),
        )
        for entry in _objects(path)
    ]


def read_foreign(path: Path) -> list[Order]:
    """Orders that a till signed for another ledger: here nobody's signature fits."""
    return [
        Order(
            entry["order_ref"],
            path.name,
            readable=True,
            points=entry["message"]["message"]["points"],
            lines=tuple(
                Line(str(line["item"]), line["quantity"], line["price"], line["cash"])
                for line in entry["message"]["message"]["lines"]
            ),
            other_ledger=True,
        )
        for entry in _objects(path)
    ]


def most_of(order: Order, catalogue: Catalogue) -> list[int]:
    """The most minor units that points may pay of each line; nothing of an unknown item."""
    return [line.quantity * min(line.price, catalogue.get(line.item, 0)) for line in order.lines]


def divide(cash: int, most: list[int]) -> list[int]:
    """Minor units per line: each takes as much as it can, the last takes what is left over."""
    shares = []
    left = cash
    for cap in most:
        shares.append(min(left, cap))
        left -= shares[-1]
    shares[-1] += left
    return shares


class Ledger:
    """One bank's day: what is held, spent and used up while its orders are settled."""

    def __init__(
        self, bank: Bank, terminals: dict[str, Catalogue], lots: Lots, frozen: set[str], today: date
    ) -> None:
        """``lots`` is drawn from in place."""
        self._bank = bank
        self._terminals = terminals
        self._lots = lots
        self._frozen = frozen
        self._today = today
        self._used: set[tuple[str, int]] = set()
        self._spent: dict[str, int] = defaultdict(int)
        self._taken: dict[str, int] = defaultdict(int)

    def settle(self, order: Order) -> Verdict:
        """Judge one order, and book it if it is paid."""
        if not order.readable:
            return Verdict(order.ref, order.file, "invalid", "bad-row", None, None)
        shares = self._shares(order)
        cash = sum(shares)
        reason = self._reason(order, shares)
        status = "invalid" if reason in INVALID else "rejected" if reason else "paid"
        if status != "invalid" and order.sequence is not None:
            self._used.add((order.terminal, order.sequence))
        if status == "paid":
            draw(self._lots[order.customer], order.points)
            self._spent[order.customer] += cash
            self._taken[order.terminal] += cash
        return Verdict(order.ref, order.file, status, reason, order.points, cash)

    def _shares(self, order: Order) -> list[int]:
        said = [line.cash for line in order.lines if line.cash is not None]
        catalogue = self._terminals.get(order.terminal, {})
        return said or divide(self._bank.cash(order.points), most_of(order, catalogue))

    def _reason(self, order: Order, shares: list[int]) -> str | None:
        bank, cash = self._bank, sum(shares)
        catalogue = self._terminals.get(order.terminal, {})
        most = most_of(order, catalogue)
        held = sum(self._lots.get(order.customer, {}).values())
        checks = (
            ("unknown-terminal", order.terminal not in self._terminals and not order.other_ledger),
            ("bad-signature", order.other_ledger),
            ("replayed", (order.terminal, order.sequence) in self._used),
            ("expired", order.deadline is not None and order.deadline < self._today),
            ("rules-version", order.other_rules),
            ("unknown-item", any(line.item not in catalogue for line in order.lines)),
            ("item-cap", any(share > cap for share, cap in zip(shares, most, strict=True))),
            ("points-minimum", order.points < bank.minimum_points),
            ("points-increment", order.points % bank.increment != 0),
            ("cash-mismatch", cash != bank.cash(order.points)),
            ("order-cap", cash > bank.max_order),
            ("account-day-cap", self._spent[order.customer] + cash > bank.max_account_day),
            ("terminal-day-cap", self._taken[order.terminal] + cash > bank.max_terminal_day),
            ("frozen", order.customer in self._frozen),
            ("insufficient-points", order.points > held),
        )
        return next((reason for reason, fails in checks if fails), None)
