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
    Problem,
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


def _normal(**changed: str) -> Composite | tuple[Problem, ...]:
    return normalise(replace(TYPED, **changed), now=NOW)


def _refused(**changed: str) -> list[str]:
    problems = _normal(**changed)
    assert isinstance(problems, tuple)
    for value in changed.values():
        assert not any(len(value) > 4 and value in problem.problem for problem in problems)
    return [problem.field for problem in problems]


def test_normalise_givesTheFourFields() -> None:
    assert _normal() == PLAIN


@pytest.mark.parametrize(
    "card_number",
    [
        "6222021234567894",
        "6222-0212-3456-7894",
        "６２２２　０２１２　３４５６　７８９４",
        "6222\u00a00212\u20093456\u20117894",
        "  62220212-34567894 ",
        "6222021234567894\n",
    ],
)
def test_normalise_readsTheCardNumberHoweverItIsWritten(card_number: str) -> None:
    assert _normal(card_number=card_number) == PLAIN


@pytest.mark.parametrize(("length", "taken"), [(7, False), (8, True), (19, True), (20, False)])
def test_normalise_takesCardNumbersOf8To19Digits(length: int, taken: bool) -> None:
    number = "6" * (length - 1)
    number += luhn.calc_check_digit(number)

    assert isinstance(_normal(card_number=number), Composite) == taken


@pytest.mark.parametrize(
    "card_number",
    [
        "",
        "6222021234567890",  # Luhn
        "6222 0212 3456 789x",
        "6222/0212/3456/7894",
        "6222\t0212 3456 7894",
        "6222\x000212 3456 7894",
        "6222\u200b0212 3456 7894",
        "٦٢٢٢٠٢١٢٣٤٥٦٧٨٩٤",  # digits, but not of a card
    ],
)
def test_normalise_refusesIfNoCardNumber(card_number: str) -> None:
    assert _refused(card_number=card_number) == ["card_number"]


@pytest.mark.parametrize("amount", ["128.5", "128.500", "１２８．５０", " 0128.50 "])
def test_normalise_readsTheAmountHoweverItIsWritten(amount: str) -> None:
    assert _normal(amount=amount, currency="ＣＮＹ") == PLAIN


@pytest.mark.parametrize("amount", ["-1", "+1", "0", "0.00", "1,000", "1e2", "1.005", "", "1 000"])
def test_normalise_refusesIfNoAmount(amount: str) -> None:
    assert _refused(amount=amount) == ["amount"]


@pytest.mark.parametrize("currency", ["", "cny", "CNX", "XAU"])
def test_normalise_refusesIfNoCurrency(currency: str) -> None:
    assert _refused(currency=currency) == ["currency"]


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("JPY", "500", 500), ("JPY", "500.0", 500), ("BHD", "1.005", 1005)],
)
def test_normalise_goesByTheDecimalsOfTheCurrency(currency: str, amount: str, minor: int) -> None:
    assert _normal(currency=currency, amount=amount) == replace(PLAIN, amount=f"{currency}:{minor}")


@pytest.mark.parametrize(
    "time",
    [
        "2025-03-04T01:15:00Z",
        "2025-03-04T01:15:00+00:00",
        "2025-03-03T20:15:00-05:00",
        "2025-03-03T20:15:00\u221205:00",
        "2025-03-04T06:45:00+05:30",
        "2025-03-04T09:15+08",
        "2025-03-04T09:15:00.999999999+08:00",
        "2025-03-04T09:15:00,5+08:00",
        "20250304T091500+0800",
        "2025-W10-2T09:15:00+08:00",
        "２０２５-03-04Ｔ09:15:00＋08:00",
        " 2025-03-04T09:15:00+08:00 ",
    ],
)
def test_normalise_readsTheTimeHoweverItIsWritten(time: str) -> None:
    assert _normal(time=time) == PLAIN


@pytest.mark.parametrize(
    "time",
    [
        "",
        "2025-03-04T09:15:00",  # no offset
        "2025-03-05",
        "2025-03-04 09:15:00+08:00",
        "2025-03-04T09:15:00 +08:00",
        "2025-03-04T09:15:00-00:00",
        "2025-02-29T09:15:00+08:00",
        "2025-03-04T24:00:00Z",
        "2025-03-04T23:59:60Z",
        "2025-03-04T09:15.5+08:00",  # half a minute, not a fraction of a second
        "2025-03-04T09:15:00+08:00:30",
        "2025-03-04T09:15:00+24:00",
        "0001-01-01T00:00:00+08:00",
        "04/03/2025 09:15",
        "1741050900",
    ],
)
def test_normalise_refusesIfNoTime(time: str) -> None:
    assert _refused(time=time) == ["time"]


def test_normalise_takesTimesUpToADayAhead() -> None:
    tomorrow = NOW + timedelta(days=1)

    assert isinstance(_normal(time=tomorrow.isoformat()), Composite)
    assert _refused(time=(tomorrow + timedelta(seconds=1)).isoformat()) == ["time"]


@pytest.mark.parametrize(
    ("serial", "normal"),
    [
        ("RRN:506309123456", "RRN:506309123456"),
        ("506309123456", "RRN:506309123456"),
        ("rrn: 5063 0912 3456", "RRN:506309123456"),
        ("ＲＲＮ：５０６３０９１２３４５６", "RRN:506309123456"),
        ("0506309123456", "RRN:0506309123456"),
        ("arn:7461a", "ARN:7461A"),
        ("STAN:000042", "STAN:000042"),
        ("STAN:42", "STAN:42"),
        ("A" * 64, "RRN:" + "A" * 64),
    ],
)
def test_normalise_readsTheSerial(serial: str, normal: str) -> None:
    assert _normal(serial=serial) == replace(PLAIN, serial=normal)


@pytest.mark.parametrize(
    "serial",
    ["", "RRN:", ":1", "XYZ:1", "A" * 65, "1-2", "1_2", "RRN:RRN:1", "1\t2", "ß1", "ı1", "٣"],
)
def test_normalise_refusesIfNoSerial(serial: str) -> None:
    assert _refused(serial=serial) == ["serial"]


def test_normalise_namesEveryProblem() -> None:
    problems = normalise(Typed("1", "0", "CNY", "now", "?"), now=NOW)

    assert isinstance(problems, tuple)
    assert [problem.field for problem in problems] == ["card_number", "amount", "time", "serial"]


def test_composite_hidesItsFields() -> None:
    assert "6222" not in repr(PLAIN)


def test_tokenIdOf_choosesTheKeyByTheYearInUtc() -> None:
    keys = {2024: bytes(32), 2025: KEY}
    newyear = _normal(time="2025-01-01T07:59:59+08:00")

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
