"""A bank's whole flow in currencies that have other than two decimals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from counterfoil import rollout
from counterfoil.chain import Chain
from counterfoil.money import format_minor, parse_minor
from counterfoil.state import State
from tests.support.points_office import LOTS, ORDERS, RULES, TERMINALS, Office, plan
from tests.support.shell import Shell


@pytest.fixture
def office(chain: Chain, tmp_path: Path, currency: str) -> Office:
    """The bank of the other tests, with as many minor units of another currency."""

    def spelt(text: str) -> str:
        text = text.replace("CNY", currency)
        return re.sub(
            r'(?<=")\d+\.\d\d(?=")',
            lambda found: format_minor(parse_minor(found[0], "CNY", zero=True), currency),
            text,
        )

    state = State(tmp_path / "state")
    rollout.ensure(plan(tmp_path, spelt(RULES), spelt(TERMINALS)), state, chain.url, lambda _: None)
    return Office(chain, state, tmp_path)


@pytest.mark.parametrize(
    ("currency", "price", "worth", "cash", "part", "left", "finer"),
    [
        ("JPY", "5000", ("3350", "3126"), "335", "112", "223", "0.5"),
        ("KWD", "5.000", ("3.350", "3.126"), "0.335", "0.112", "0.223", "0.0005"),
    ],
)
def test_flow_isInMinorUnitsOfTheCurrency(
    shell: Shell,
    currency: str,
    price: str,
    worth: tuple[str, str],
    cash: str,
    part: str,
    left: str,
    finer: str,
) -> None:
    """5,000 points, 500 of them spent for 335 minor units, of which 112 are given back."""
    lots = shell.file("lots.csv", LOTS + shell.office.credit("R-1"))
    rows = [
        f"{ref},till-1,C-1,hamper,1,{cost},500,,,\n" for ref, cost in (("A", price), ("B", finer))
    ]
    orders = shell.file("orders.csv", ORDERS + "".join(rows))

    assert shell.rows("points", "issue", lots, "--json")[0]["status"] == "issued"
    assert balance(shell) == (5000, worth[0], currency)
    status, out, _ = shell.run("terminal", "sign", orders)
    assert status == 1
    paid, refused = shell.rows(
        "points", "redeem", shell.file("signed.jsonl", out), "--json", status=1
    )
    assert (paid["status"], paid["cash"], paid["currency"]) == ("paid", cash, currency)
    assert f"more decimals than {currency} has" in refused["detail"]
    (back,) = shell.rows("points", "refund", "A", part, "--json")
    assert (back["points"], back["cash"], back["left"]) == (167, part, left)
    assert back["currency"] == currency
    assert balance(shell) == (4667, worth[1], currency)
    shell.refuses("points", "refund", "A", finer, status=2, saying=["CASH", currency])


def balance(shell: Shell) -> tuple[int, str, str]:
    """Points, worth and currency of the customer's balance."""
    (row,) = shell.rows("points", "balance", "C-1", "--json")
    return row["points"], row["worth"], row["currency"]
