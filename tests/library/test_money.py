"""Minor units: exact, strict, and the same way back."""

from __future__ import annotations

import pytest

from counterfoil.errors import BadInput
from counterfoil.money import MAX_DIGITS, exponent, format_minor, parse_minor


@pytest.mark.parametrize(("currency", "decimals"), [("CNY", 2), ("JPY", 0), ("BHD", 3), ("CLF", 4)])
def test_exponent_isThatOfIso4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize("currency", ["", "cny", "ABC", "C", "CNY ", "XAU", "XXX", "ＣＮＹ"])
def test_exponent_refusesIfNoCurrencyWithMinorUnits(currency: str) -> None:
    with pytest.raises(BadInput):
        exponent(currency)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("128.50", "CNY", 12850),
        ("128.5", "CNY", 12850),
        ("128", "CNY", 12800),
        ("0128.500000", "CNY", 12850),
        ("0.01", "CNY", 1),
        ("500", "JPY", 500),
        ("500.00", "JPY", 500),
        ("1.005", "BHD", 1005),
        ("9" * MAX_DIGITS, "JPY", 10**MAX_DIGITS - 1),
        ("0" * 40 + "1", "CNY", 100),
    ],
)
def test_parseMinor_isExact(text: str, currency: str, minor: int) -> None:
    assert parse_minor(text, currency) == minor


_NO_AMOUNTS = "-1 +1 1,000.00 1'000 1_000 1e3 1.234 1. .5 1.2.3 NaN Infinity 0x10 １２ ٣ 0 0.00"


@pytest.mark.parametrize(
    "text",
    [*_NO_AMOUNTS.split(), "", " ", " 1", "1 ", "1\n", "1" + "0" * MAX_DIGITS, "0" * 65],
)
def test_parseMinor_refusesIfNotAPlainAmount(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_minor(text, "CNY")

    assert caught.value.field == ""


def test_parseMinor_takesZeroIfAllowed() -> None:
    assert parse_minor("0.00", "CNY", zero=True) == 0
    assert parse_minor("0", "JPY", zero=True) == 0


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, "CNY", "0.00"),
        (5, "CNY", "0.05"),
        (12850, "CNY", "128.50"),
        (-5, "CNY", "-0.05"),
        (500, "JPY", "500"),
        (0, "JPY", "0"),
        (1, "BHD", "0.001"),
    ],
)
def test_formatMinor_writesAllDecimals(minor: int, currency: str, text: str) -> None:
    assert format_minor(minor, currency) == text


@pytest.mark.parametrize("currency", ["CNY", "JPY", "BHD"])
@pytest.mark.parametrize("minor", [1, 9, 10, 99, 100, 101, 999, 1000, 123456789])
def test_formatMinor_isReadBackExactly(minor: int, currency: str) -> None:
    assert parse_minor(format_minor(minor, currency), currency) == minor
