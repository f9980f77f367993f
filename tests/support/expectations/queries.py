"""What opening ``queries.jsonl`` leads to: minted, duplicate or invalid, line by line."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.expectations.money import DECIMALS, minor_units

_TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:[.,]\d+)?(?:Z|([+-])(\d\d):?(\d\d))",
    re.ASCII,
)
_PERSON = ("customer_no", "name", "national_id", "mobile")


class Unacceptable(Exception):
    """A field that FORMATS refuses; its name is the argument."""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def card_number(query: dict[str, str]) -> str:
    """The bare digits, if there are 8 to 19 and the Luhn sum is a multiple of ten."""
    digits = re.sub(r"[ -]", "", _plain(query["card_number"]))
    if not re.fullmatch(r"[0-9]{8,19}", digits):
        raise Unacceptable("card_number")
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(n // 10 + n % 10 for n in doubled)
    if total % 10:
        raise Unacceptable("card_number")
    return digits


def amount(query: dict[str, str]) -> str:
    """``CUR:minor-units``; decimals beyond the currency's may only be zeros."""
    currency, text = _plain(query["currency"]), _plain(query["amount"])
    if currency not in DECIMALS:
        raise Unacceptable("currency")
    minor = minor_units(text, currency)
    if not minor:
        raise Unacceptable("amount")
    return f"{currency}:{minor}"


def time(query: dict[str, str]) -> str:
    """The instant in UTC, a fraction of a second cut, as ``2025-03-04T01:15:00Z``."""
    parts = _TIME.fullmatch(_plain(query["time"]))
    if not parts:
        raise Unacceptable("time")
    year, month, day, hour, minute, second = map(int, parts.groups()[:6])
    sign, hours, minutes = parts.groups()[6:]
    local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    instant = local + offset if sign == "-" else local - offset
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def serial(query: dict[str, str]) -> str:
    """``TAG:VALUE`` in upper case; a bare value is an RRN, leading zeros are kept."""
    text = re.sub(r"\s", "", _plain(query["serial"])).upper()
    tag, _, value = text.rpartition(":")
    tag = tag or "RRN"
    if tag not in {"RRN", "ARN", "STAN"} or not re.fullmatch(r"[A-Z0-9]{1,64}", value):
        raise Unacceptable("serial")
    return f"{tag}:{value}"


_FIELDS: tuple[tuple[str, Callable[[dict[str, str]], str]], ...] = (
    ("card_number", card_number),
    ("amount", amount),
    ("time", time),
    ("serial", serial),
)


def _normalise(query: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """The four fields that make a query what it is, and the names of those at fault."""
    fields, faults = {}, []
    for name, normalised in _FIELDS:
        try:
            fields[name] = normalised(query)
        except Unacceptable as fault:
            faults.append(str(fault))
        except KeyError:
            faults.append(name)
    return fields, faults


def _incomplete(query: dict[str, Any], folder: Path) -> list[str]:
    """The names of the fields at fault beside the four."""
    faults = [name for name in ("channel", "channel_ref") if not query.get(name)]
    if not any(query.get("customer", {}).get(name) for name in _PERSON):
        faults.append("customer")
    paths = [folder / attached["path"] for attached in query.get("attachments", [])]
    if not all(path.is_file() and path.parent == folder for path in paths):
        faults.append("attachments")
    return faults


def opened(path: Path) -> list[dict[str, object]]:
    """One answer per line of ``path``."""
    first_of: dict[tuple[str, ...], str] = {}
    answers: list[dict[str, object]] = []
    with path.open(encoding="utf-8") as file:
        for number, query in enumerate(map(json.loads, file), start=1):
            fields, faults = _normalise(query)
            faults += _incomplete(query, path.parent)
            key, ref = tuple(fields.values()), query["channel_ref"]
            first = None if faults else first_of.setdefault(key, ref)
            seen = first is not None and first != ref
            answers.append(
                {
                    "line": number,
                    "channel": query["channel"],
                    "channel_ref": ref,
                    "outcome": "invalid" if faults else "duplicate" if seen else "minted",
                    "same_as": first if seen else None,
                    "normalised": None if faults else fields,
                    "problems": sorted(faults),
                }
            )
    return answers
