"""``rules.toml``: taken as the ledger will take it, or refused with the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.errors import BadInput
from counterfoil.points.arithmetic import Rate
from counterfoil.points.rules import LAPSE, BankRules, Rules, read_rules
from tests.support.points_office import RULES

MAX_POINTS, MAX_CASH = 2**32 - 1, 2**40 - 1


def read(folder: Path, text: str) -> BankRules:
    file = folder / "rules.toml"
    file.write_text(text, "utf-8")
    return read_rules(file)


def changed(field: str, value: str) -> str:
    """The good file with one value replaced."""
    lines = RULES.splitlines()
    assert sum(line.startswith(f"{field} =") for line in lines) == 1
    return "\n".join(
        f"{field} = {value}" if line.startswith(f"{field} =") else line for line in lines
    )


def test_readRules_isWhatTheFileSays(tmp_path: Path) -> None:
    assert read(tmp_path, RULES) == BankRules(
        bank="harbour",
        currency="CNY",
        lot_days=183,
        rules=Rules(
            rate=Rate(100, 67),
            minimum_points=500,
            increment=100,
            max_order=200_00,
            max_account_day=500_00,
            max_terminal_day=20_000_00,
            sunset_seconds=3600,
            refund_days=180,
            grace_days=30,
        ),
    )


def test_asTuple_isTheOrderOfTheAbi(tmp_path: Path) -> None:
    rules = read(tmp_path, RULES).rules

    assert rules.as_tuple() == (100, 67, 500, 100, 20_000, 50_000, 2_000_000, 3600, 180, 30)


@pytest.mark.parametrize(
    ("value", "days"), [("lapse", LAPSE), ("grace:0", 0), ("grace:9999", 9999)]
)
def test_restored_isGraceOrLapse(tmp_path: Path, value: str, days: int) -> None:
    assert read(tmp_path, changed("restored", f'"{value}"')).rules.grace_days == days


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("lot_days", 1, 3660),
        ("points", 1, 33_500),  # beyond that the smallest order, 500 points, pays nothing
        ("minor_units", 1, 25_600),  # beyond that the largest balance is worth over 2^40
        ("minimum_points", 1, 4_294_967_200),  # the last multiple of 100 below 2^32
        ("increment", 1, MAX_POINTS),
        ("sunset_seconds", 0, MAX_POINTS),
        ("refund_days", 0, 2**16 - 1),
    ],
)
def test_readRules_judgesNumbersOnBothSides(
    tmp_path: Path, field: str, least: int, most: int
) -> None:
    for value in (least, most):
        assert read(tmp_path, changed(field, str(value)))
    for wrong in (least - 1, most + 1, f'"{most}"', f"{least}.0", "true", "[1]"):
        with pytest.raises(BadInput):
            read(tmp_path, changed(field, str(wrong)))


@pytest.mark.parametrize("field", ["max_order", "max_account_day", "max_terminal_day"])
def test_readRules_judgesCashOnBothSides(tmp_path: Path, field: str) -> None:
    for text in ("0.01", "10995116277.75"):  # 2^40 - 1 minor units
        assert read(tmp_path, changed(field, f'"{text}"'))
    for text in ("0", "0.00", "-1", "1.001", "1,0", "10995116277.76", "1e3", ""):
        with pytest.raises(BadInput, match=field):
            read(tmp_path, changed(field, f'"{text}"'))
    with pytest.raises(BadInput, match=field):
        read(tmp_path, changed(field, "200"))


@pytest.mark.parametrize("name", ["ab", "a-1", "--", "x" * 32])
def test_readRules_takesABanksName(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, changed("bank", f'"{name}"')).bank == name


@pytest.mark.parametrize("name", ["a", "x" * 33, "Harbour", "har bour", "../x", "a\\n", "ä1"])
def test_readRules_refusesAnotherName(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="bank"):
        read(tmp_path, changed("bank", f'"{name}"'))


@pytest.mark.parametrize("name", ["tickets", "terminal", "terminal-1"])
def test_readRules_refusesABankWhoseKeysWouldBeOthers(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=f"bank: is '{name}'") as caught:
        read(tmp_path, changed("bank", f'"{name}"'))
    assert caught.value.fix == "Choose another name."


@pytest.mark.parametrize("name", ["ticket", "tickets-2", "terminals", "my-terminal"])
def test_readRules_takesABankWithANameLikeThose(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, changed("bank", f'"{name}"')).bank == name


@pytest.mark.parametrize("code", ["cny", "XXX", "ABC", ""])
def test_readRules_refusesWhatIsNoCurrency(tmp_path: Path, code: str) -> None:
    with pytest.raises(BadInput, match="currency"):
        read(tmp_path, changed("currency", f'"{code}"'))


@pytest.mark.parametrize("value", ["grace", "grace:", "grace:-1", "grace:12345", "keep", ""])
def test_readRules_refusesAnotherWayToRestore(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadInput, match="restored"):
        read(tmp_path, changed("restored", f'"{value}"'))


def test_readRules_refusesAFieldThatIsUnknownOrMissing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="bonus: no such field"):
        read(tmp_path, RULES + "bonus = 1\n")
    with pytest.raises(BadInput, match="increment: is missing"):
        read(tmp_path, RULES.replace("increment = 100\n", ""))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("bank", '"Acme"', r"bank: is not of the form \[a-z0-9-\]\{2,32\} \(got 'Acme'\)"),
        ("lot_days", "0", r"lot_days: is less than 1 \(got 0\)"),
        ("refund_days", "70000", r"refund_days: is not less than 65536 \(got 70000\)"),
        ("max_order", "200.00", r"max_order: is not text in quotes \(got 200.0\)"),
    ],
)
def test_readRules_saysInWordsWhatIsWrong(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(tmp_path, changed(name, value))


def test_readRules_refusesASmallestOrderThatPaysNothing(tmp_path: Path) -> None:
    """At 100 points for 67 minor units one point pays nothing and two pay one."""
    one = changed("increment", "1").replace("minimum_points = 500", "minimum_points = 1")
    with pytest.raises(BadInput, match="smallest order would pay no cash"):
        read(tmp_path, one)

    assert read(tmp_path, one.replace("minimum_points = 1", "minimum_points = 2"))
    assert read(tmp_path, one.replace("increment = 1", "increment = 2"))  # so the smallest is 2


def test_readRules_refusesAnIncrementBeyondAnyBalance(tmp_path: Path) -> None:
    half = changed("increment", "2147483648")  # 2^31
    assert read(tmp_path, half)

    with pytest.raises(BadInput, match="larger than any balance"):
        read(tmp_path, half.replace("minimum_points = 500", "minimum_points = 2147483649"))


def test_readRules_refusesARateThatOverflowsCash(tmp_path: Path) -> None:
    """2^32 - 1 points at 256 minor units each are just under 2^40."""
    text = changed("points", "1").replace("minor_units = 67", "minor_units = 256")
    assert read(tmp_path, text).rules.rate.cash_for(MAX_POINTS) <= MAX_CASH

    with pytest.raises(BadInput, match="minor_units"):
        read(tmp_path, text.replace("minor_units = 256", "minor_units = 257"))
