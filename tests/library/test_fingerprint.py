"""The fingerprint: published vectors, every spelling of one query, every change of a field."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from counterfoil.artifacts import ROOT
from counterfoil.tickets.fingerprint import (
    Composite,
    Typed,
    fingerprint,
    instant,
    normalise,
    token_id_of,
)

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
KEY = bytes(range(32))
TYPED = Typed("6222 0212 3456 7894", "128.50", "CNY", "2025-03-04T09:15:00+08:00", "506309123456")
PLAIN = Composite("6222021234567894", "CNY:12850", "2025-03-04T01:15:00Z", "RRN:506309123456")


def test_composite_hidesItsFields() -> None:
    assert "6222" not in repr(PLAIN)


def test_tokenIdOf_choosesTheKeyByTheYearInUtc() -> None:
    keys = {2024: bytes(32), 2025: KEY}
    newyear = normalise(replace(TYPED, time="2025-01-01T07:59:59+08:00"), now=NOW)

    assert isinstance(newyear, Composite)
    assert token_id_of(newyear, keys.__getitem__) == fingerprint(newyear, bytes(32))


def test_instant_keepsTheOffset() -> None:
    assert instant(TYPED.time, now=NOW).isoformat() == "2025-03-04T09:15:00+08:00"


def _full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


@st.composite
def _queries(draw: st.DrawFn) -> Composite:
    body = draw(st.text("0123456789", min_size=7, max_size=18))
    currency = draw(st.sampled_from(["CNY", "USD", "JPY", "BHD"]))
    moment = draw(st.datetimes(datetime(1970, 1, 2), datetime(2025, 5, 30))).replace(microsecond=0)
    tag = draw(st.sampled_from(["RRN", "ARN", "STAN"]))
    serial = draw(st.text("ABCXYZ0123456789", min_size=1, max_size=64))
    return Composite(
        card_number=body + luhn.calc_check_digit(body),
        amount=f"{currency}:{draw(st.integers(1, 10**12))}",
        time=moment.isoformat() + "Z",
        serial=f"{tag}:{serial}",
    )


@st.composite
def _spelling(draw: st.DrawFn, query: Composite) -> Typed:
    """Any way of writing ``query`` that FORMATS allows."""
    currency, minor = query.amount.split(":")
    decimals = {"CNY": 2, "USD": 2, "JPY": 0, "BHD": 3}[currency]
    whole, part = divmod(int(minor), 10**decimals)
    amount = f"{whole}.{part:0{decimals}}" if decimals else str(whole)
    if draw(st.booleans()):
        amount = "00" + (amount + "00" if "." in amount else amount + ".00")
    offset = timezone(timedelta(minutes=draw(st.integers(-14 * 60, 14 * 60))))
    moment = datetime.fromisoformat(query.time).astimezone(offset)
    moment = moment.replace(microsecond=draw(st.integers(0, 999_999)))
    serial = query.serial
    if serial.startswith("RRN:") and draw(st.booleans()):
        serial = serial.removeprefix("RRN:")
    if draw(st.booleans()):
        serial = serial.lower()
    gaps = draw(st.sampled_from(["", " ", "-", "\u3000", "\u2011"]))
    card_number = gaps.join(re.findall(".{1,4}", query.card_number))
    typed = [card_number, amount, currency, moment.isoformat(), serial]
    width = draw(st.lists(st.booleans(), min_size=5, max_size=5))
    edge = draw(st.sampled_from(["", " ", "\u3000", "\t"]))
    written = [_full_width(text) if wide else text for text, wide in zip(typed, width, strict=True)]
    return Typed(*(edge + text + edge for text in written))


@given(st.data())
def test_normalise_agreesOnEverySpelling(data: st.DataObject) -> None:
    query = data.draw(_queries())

    assert normalise(data.draw(_spelling(query)), now=NOW) == query


@given(_queries(), _queries(), st.sampled_from([field.name for field in fields(Composite)]))
def test_fingerprint_differsIfOneFieldDoes(query: Composite, other: Composite, name: str) -> None:
    changed = replace(query, **{name: getattr(other, name)})

    assert (fingerprint(changed, KEY) == fingerprint(query, KEY)) == (changed == query)


@given(st.lists(st.text("AB:0", max_size=6), min_size=8, max_size=8))
def test_message_isOneToOne(parts: list[str]) -> None:
    one, two = Composite(*parts[:4]), Composite(*parts[4:])

    assert (one.message() == two.message()) == (one == two)


def _vectors() -> list[dict[str, dict[str, str]]]:
    text = (ROOT / "docs" / "fingerprint.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    loaded: list[dict[str, dict[str, str]]] = json.loads(block)
    return loaded


@pytest.mark.parametrize("vector", _vectors(), ids=lambda vector: vector["name"])
def test_publishedVectors_hold(vector: dict[str, dict[str, str]]) -> None:
    composite = normalise(Typed(**vector["typed"]), now=datetime(2100, 1, 1, tzinfo=UTC))

    assert composite == Composite(**vector["normalised"])
    assert composite.message().hex() == vector["message"]
    assert fingerprint(composite, KEY).hex() == vector["token_id"]
