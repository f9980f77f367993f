"""The four fields of a query: every way of writing one that is taken, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from stdnum import luhn

from counterfoil.tickets.fingerprint import Composite, Problem, Typed, normalise

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
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
        "2025-063T09:15:00+08:00",
        "2025063T091500+0800",
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
        "2025-000T09:15:00+08:00",
        "2025-366T09:15:00+08:00",
        "0000-063T09:15:00+08:00",
        "2025-03-04T24:00:00Z",
        "2025-03-04T23:59:60Z",
        "2025-03-04T09:15.5+08:00",  # half a minute, not a fraction of a second
        "2025-03-04T09:15:00+08:00:30",
        "2025-03-04T09:15:00+24:00",
        "2025-03-04T09:15:00+08:60",  # nine hours, as Python reads it
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
