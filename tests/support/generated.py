"""Generated queries that hide duplicates, and the truth about them.

A duplicate is an earlier query written in another way; a near miss is one with a single field
changed by the least that counts.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from stdnum import luhn

DUPLICATES, NEAR_MISSES = 0.15, 0.10
_FIRST = datetime(2024, 1, 1, tzinfo=UTC)
_SECONDS = 500 * 86_400
_DECIMALS = {"CNY": 2, "EUR": 2, "JPY": 0, "KWD": 3}
_CHANNELS = ("app", "hotline", "branch")
_FULL_WIDTH = str.maketrans("0123456789:", "０１２３４５６７８９：")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a query is about, in one spelling."""

    digits: str
    minor: int
    currency: str
    second: int
    tag: str
    number: str


@dataclass(frozen=True, slots=True)
class Generated:
    """A row, and the row (from 1) that it repeats if it is a duplicate."""

    row: Mapping[str, Any]
    repeats: int | None


def generate(count: int, seed: int, *, duplicates: bool = True) -> Iterator[Generated]:
    """So many rows; the same for the same seed. Every key is a new one."""
    dice = random.Random(seed)
    firsts: list[tuple[int, Facts]] = []
    known: set[Facts] = set()
    for number in range(1, count + 1):
        throw = dice.random() if duplicates else 1.0
        if firsts and throw < DUPLICATES:
            repeats, facts = dice.choice(firsts)
            yield Generated(_written(facts, f"{seed}-{number}", dice), repeats)
            continue
        near = bool(firsts) and throw < DUPLICATES + NEAR_MISSES
        facts = _changed(dice.choice(firsts)[1], dice) if near else _new(dice)
        while facts in known:
            facts = _new(dice)
        known.add(facts)
        firsts.append((number, facts))
        yield Generated(_written(facts, f"{seed}-{number}", dice), None)


def write(file: Path, generated: Iterable[Generated]) -> Path:
    """A file of these rows."""
    with file.open("w", encoding="utf-8") as lines:
        for one in generated:
            lines.write(json.dumps(one.row) + "\n")
    return file


@dataclass(frozen=True, slots=True)
class Search:
    """How well duplicates were found: pairs of a row and the row that it repeats."""

    hidden: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """How many of those found are duplicates, of that very row."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """How many of those hidden were found."""
        return self.right / self.hidden if self.hidden else 1.0


def judged(generated: Iterable[Generated], rows: Iterable[Mapping[str, Any]]) -> Search:
    """What ``ticket open --json`` said of these rows, against the truth."""
    hidden = found = right = 0
    first: dict[str, int] = {}
    for number, (one, row) in enumerate(zip(generated, rows, strict=True), 1):
        if row["outcome"] == "minted":
            first[row["token_id"]] = number
        hidden += one.repeats is not None
        if row["outcome"] == "duplicate":
            found += 1
            right += one.repeats is not None and first.get(row["token_id"]) == one.repeats
    return Search(hidden, found, right)


def _new(dice: random.Random) -> Facts:
    body = "622202" + "".join(dice.choices("0123456789", k=dice.choice((9, 12))))
    return Facts(
        digits=body + luhn.calc_check_digit(body),
        minor=dice.randint(1, 10_000_000),
        currency=dice.choice(tuple(_DECIMALS)),
        second=dice.randrange(_SECONDS),
        tag=dice.choice(("RRN", "RRN", "RRN", "STAN", "ARN")),
        number=f"{dice.randrange(10**12):012}",
    )


def _changed(facts: Facts, dice: random.Random) -> Facts:
    """One field changed by the least that counts."""
    named = {name: getattr(facts, name) for name in Facts.__slots__}
    tags = {"RRN": "STAN", "STAN": "ARN", "ARN": "RRN"}
    body = str(int(facts.digits[:-1]) + 1)
    changes: tuple[dict[str, Any], ...] = (
        {"digits": body + luhn.calc_check_digit(body)},
        {"minor": facts.minor + 1},
        {"currency": "EUR" if facts.currency == "CNY" else "CNY"},
        {"second": facts.second + 1},
        {"tag": tags[facts.tag]},
        {"number": "0" + facts.number},
    )
    return Facts(**(named | dice.choice(changes)))


def _written(facts: Facts, ref: str, dice: random.Random) -> dict[str, Any]:
    pick: Callable[..., Any] = dice.choice
    serial = facts.number if facts.tag == "RRN" and pick((0, 1)) else f"{facts.tag}:{facts.number}"
    return {
        "channel": pick(_CHANNELS),
        "channel_ref": f"G-{ref}",
        "card_number": pick((_plain, _spaced, _hyphened, _full_width))(facts.digits),
        "amount": _amount(facts, dice),
        "currency": pick((facts.currency, f" {facts.currency}")),
        "time": _time(facts, dice),
        "serial": pick((_plain, str.lower, _full_width, _spaced))(serial),
        "customer": {"customer_no": f"C-{ref}"},
        "process": {"note": "customer does not recognise the payment"},
    }


def _amount(facts: Facts, dice: random.Random) -> str:
    decimals = _DECIMALS[facts.currency]
    text = f"{facts.minor / 10**decimals:.{decimals}f}"
    if decimals:
        text = dice.choice((text, text + "00", text.rstrip("0").rstrip(".")))
    return dice.choice((text, "0" + text, _full_width(text)))


def _time(facts: Facts, dice: random.Random) -> str:
    hours = dice.choice((0, 8, -5, 5.5, 9))
    moment = (_FIRST + timedelta(seconds=facts.second)).astimezone(timezone(timedelta(hours=hours)))
    text = moment.isoformat(timespec=dice.choice(("seconds", "milliseconds")))
    if hours == 0 and dice.choice((True, False)):
        text = text.replace("+00:00", "Z")
    return dice.choice((text, _full_width(text)))


def _plain(text: str) -> str:
    return text


def _full_width(text: str) -> str:
    return text.translate(_FULL_WIDTH)


def _spaced(text: str) -> str:
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def _hyphened(text: str) -> str:
    return _spaced(text).replace(" ", "-")
