"""Which query is this? The token id of its ticket.

The id is ``HMAC-SHA-256(K_epoch, "ticketfp/v1" ‖ Σ(u16 length ‖ field))`` over four normalised
fields: card number, amount, time, serial. It is keyed because a plain hash of a card number is
found by trying them all (PCI DSS v4.0, 3.5.1.1). ``K_epoch`` goes by the UTC year of the
transaction. Test vectors: ``docs/fingerprint.md``.

No problem that is told here repeats what the customer's field holds.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from stdnum import luhn

from counterfoil.errors import BadInput
from counterfoil.money import exponent, format_minor, parse_minor

_DOMAIN = b"ticketfp/v1"
_TAGS = ("RRN", "ARN", "STAN")  # retrieval and acquirer reference, system trace audit number
_MAX_SERIAL = 64
_AHEAD = timedelta(days=1)  # how far a time may lie in the future: clocks differ, queries don't

_PAN = re.compile(r"[0-9]{8,19}")
_SERIAL = re.compile(r"(?:(?P<tag>[A-Za-z0-9]*):)?(?P<value>[A-Za-z0-9]+)")
_TIME = re.compile(
    r"(?P<date>[0-9]{4}-?[0-9]{2}-?[0-9]{2}|[0-9]{4}-?W[0-9]{2}-?[0-9]|[0-9]{4}-?[0-9]{3})"
    r"T(?:(?P<clock>[0-9]{2}:?[0-9]{2}:?[0-9]{2})(?:[.,][0-9]+)?|(?P<coarse>[0-9]{2}(?::?[0-9]{2})?))"
    r"(?P<offset>Z|[+-][0-9]{2}(?::?[0-5][0-9])?)?"
)
_MINOR = re.compile(r"[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # general category Cc, which never changes
_LAST_YEAR = datetime(9999, 1, 1, tzinfo=UTC)
_HYPHENS = str.maketrans("", "", " -\u2010")  # after NFKC, which makes U+2011 into U+2010
_MINUS = str.maketrans("\u2212", "-")  # the sign that ISO 8601 prefers before an offset

EpochKey = Callable[[int], bytes]
"""The 32-byte fingerprint key of a UTC year."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field can't be taken; never what it held."""

    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The four fields of a query (the amount has two parts) as somebody typed them."""

    card_number: str
    amount: str
    currency: str
    time: str
    serial: str


@dataclass(frozen=True, slots=True, repr=False)
class Composite:
    """The four fields normalised. Two queries with equal composites are the same query."""

    card_number: str
    """8 to 19 digits."""
    amount: str
    """``CUR:minor-units``, such as ``CNY:12850``."""
    time: str
    """UTC in whole seconds, ``2025-03-04T01:15:00Z``."""
    serial: str
    """``TAG:VALUE``, such as ``RRN:506309123456``."""

    @property
    def year(self) -> int:
        """UTC year of the transaction, which chooses the key."""
        return int(self.time[:4])

    def message(self) -> bytes:
        """What is authenticated: no two composites give the same bytes."""
        fields = (self.card_number, self.amount, self.time, self.serial)
        encoded = (field.encode("ascii") for field in fields)
        return _DOMAIN + b"".join(len(field).to_bytes(2) + field for field in encoded)


def fingerprint(composite: Composite, key: bytes) -> bytes:
    """The 32-byte token id of a query under the key of its epoch."""
    return hmac.digest(key, composite.message(), hashlib.sha256)


def token_id_of(composite: Composite, keys: EpochKey) -> bytes:
    """The 32-byte token id, with the key that the transaction's year chooses."""
    return fingerprint(composite, keys(composite.year))


def normalise(typed: Typed, *, now: datetime) -> Composite | tuple[Problem, ...]:
    """The composite, or everything that is wrong with the fields, each named once.

    Args:
        typed: the fields as they came.
        now: an aware time; transactions more than a day after it are refused.
    """
    problems: list[Problem] = []

    def field(name: str, read: Callable[[], str]) -> str:
        try:
            return read()
        except BadInput as error:
            problems.append(Problem(name, error.message))
            return ""

    card_number = field("card_number", lambda: _card_number(typed.card_number))
    currency = field("currency", lambda: _currency(typed.currency))
    composite = Composite(
        card_number=card_number,
        amount=currency and field("amount", lambda: _amount(typed.amount, currency)),
        time=field("time", lambda: utc_text(instant(typed.time, now=now))),
        serial=field("serial", lambda: _serial(typed.serial)),
    )
    return tuple(problems) or composite


def is_normal(composite: Composite) -> bool:
    """Whether each field is spelled the way that :func:`normalise` spells it."""
    currency, _, minor = composite.amount.partition(":")
    if not _MINOR.fullmatch(minor):
        return False
    try:
        amount = format_minor(int(minor), currency)
    except BadInput:
        return False
    fields = (composite.card_number, amount, currency, composite.time, composite.serial)
    return normalise(Typed(*fields), now=_LAST_YEAR) == composite


def instant(text: str, *, now: datetime) -> datetime:
    """A transaction time in whole seconds, with the offset that it was given in.

    Raises:
        BadInput: not ISO 8601, no offset, or over a day after ``now``.
    """
    matched = _TIME.fullmatch(_plain(text).translate(_MINUS))
    if matched is None:
        raise BadInput("not an ISO 8601 time such as 2025-03-04T09:15:00+08:00")
    offset = matched["offset"]
    if offset is None:
        raise BadInput("no offset from UTC, such as +08:00 or Z")
    if not offset.strip("-0:"):
        raise BadInput("the offset -00:00, which says that none is known")
    try:
        clock = matched["clock"] or matched["coarse"]
        moment = datetime.fromisoformat(f"{_calendar(matched['date'])}T{clock}{offset}")
        ahead = moment.astimezone(UTC) > now + _AHEAD
    except (ValueError, OverflowError):
        raise BadInput("no such date or time of day") from None
    if ahead:
        raise BadInput("over a day in the future")
    return moment


def _calendar(text: str) -> str:
    """A date as Python reads it, which knows days of the month and of the week, not of the year."""
    year, day = text[:4], text[4:].removeprefix("-")
    if len(day) != len("063"):
        return text
    found = date.fromordinal(date(int(year), 1, 1).toordinal() + int(day) - 1)
    if found.year != int(year):
        raise ValueError(text)
    return found.isoformat()


def utc_text(moment: datetime) -> str:
    """An aware time as ``2025-03-04T01:15:00Z``."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _card_number(text: str) -> str:
    digits = _plain(text).translate(_HYPHENS)
    if not _PAN.fullmatch(digits):
        raise BadInput("not 8 to 19 digits")
    if not luhn.is_valid(digits):
        raise BadInput("the check digit is wrong (Luhn)")
    return digits


def _currency(text: str) -> str:
    code = _plain(text)
    exponent(code)
    return code


def _amount(text: str, currency: str) -> str:
    return f"{currency}:{parse_minor(_plain(text), currency)}"


def _serial(text: str) -> str:
    matched = _SERIAL.fullmatch(_plain(text).replace(" ", ""))
    if matched is None:
        raise BadInput("not letters A to Z and digits, after RRN:, ARN: or STAN:")
    tag = "RRN" if matched["tag"] is None else matched["tag"].upper()
    if tag not in _TAGS:
        raise BadInput(f"unknown kind of serial; known are {', '.join(_TAGS)}")
    if len(matched["value"]) > _MAX_SERIAL:
        raise BadInput(f"over {_MAX_SERIAL} characters")
    return f"{tag}:{matched['value'].upper()}"


def _plain(text: str) -> str:
    """NFKC (full-width digits become plain ones), trimmed, without control characters."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if _CONTROL.search(plain):
        raise BadInput("a control character")
    return plain
