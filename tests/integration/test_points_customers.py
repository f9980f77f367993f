"""Accounts that are frozen, thawed and swept by a file of customers."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.artifacts import ROOT
from tests.support.points_office import Office
from tests.support.shell import Shell

DAY = 86_400
CUSTOMERS = "customer_id\n"


def done(customer: str, *, replayed: bool = False, **what: object) -> dict[str, object]:
    """The row of a customer's account."""
    row = {"customer_id": customer, "reason": None, "detail": "Done.", "replayed": replayed}
    return row | what


def frozen(shell: Shell, customer: str) -> bool:
    (row,) = shell.rows("points", "balance", customer, "--json")
    return bool(row["frozen"])


def test_freeze_takesAFileAndMayRunAgain(shell: Shell) -> None:
    file = shell.file("frozen.csv", CUSTOMERS + "C-1\nC-2\n")
    words = ("points", "freeze", "--file", file, "--json")

    first, second = shell.rows(*words), shell.rows(*words)

    assert first == [done(who, frozen=True) for who in ("C-1", "C-2")]
    assert second == [done(who, frozen=True, replayed=True) for who in ("C-1", "C-2")]
    assert frozen(shell, "C-1")
    assert shell.rows(*words, "--thaw") == [done(who, frozen=False) for who in ("C-1", "C-2")]
    assert not frozen(shell, "C-1")


def test_freeze_takesTheFileOfAnExample(shell: Shell) -> None:
    file = str(ROOT / "examples" / "harbour" / "frozen.csv")

    assert shell.run("points", "freeze", "--file", file)[::2] == (0, "1 frozen, 0 invalid.\n")
    assert frozen(shell, "C-120")


def test_sweep_takesAFileAndSaysWhatLapsedOfEach(shell: Shell, office: Office) -> None:
    office.issue(office.credit("R-1", 700), office.credit("R-2", 300, "C-2"))
    office.chain.request("evm_increaseTime", 6 * 183 * DAY)
    office.chain.request("evm_mine")
    file = shell.file("customers.csv", CUSTOMERS + "C-1\nC-9\nC-2\nC-1\n")
    words = ("points", "sweep", "--file", file, "--json")

    assert [row["lapsed"] for row in shell.rows(*words)] == [700, 0, 300, 0]
    assert shell.rows(*words)[0] == done("C-1", lapsed=0, replayed=True)


@pytest.mark.parametrize(("words", "column"), [("freeze", "frozen"), ("sweep", "lapsed")])
def test_aBadRow_stopsNoOther(shell: Shell, words: str, column: str) -> None:
    file = shell.file("customers.csv", "customer_id,note\nC-1,x\n ,x\nC-2\nC-3,x\n")

    rows: list[dict[str, Any]] = shell.rows("points", words, "--file", file, "--json", status=1)

    assert [row["customer_id"] for row in rows] == ["C-1", "", "", "C-3"]
    assert [row["reason"] for row in rows] == [None, "bad-row", "bad-row", None]
    assert [row[column] is None for row in rows] == [False, True, True, False]
    assert rows[1]["detail"] == "line 3: customer_id is not 1 to 255 printable characters"
    assert rows[2]["detail"] == "line 4: the row has not as many cells as the header"


@pytest.mark.parametrize("words", ["freeze", "sweep"])
def test_aMalformedFile_isRefused(shell: Shell, words: str) -> None:
    file = shell.file("customers.csv", "customer\nC-1\n")

    shell.refuses("points", words, "--file", file, status=2, saying=[file, ":1:", "customer_id"])


@pytest.mark.parametrize("words", ["freeze", "freeze C-1 --file x", "sweep", "sweep C-1 --file x"])
def test_customers_areNamedOrInAFile(shell: Shell, words: str) -> None:
    shell.refuses("points", *words.split(), status=2, saying=["--file: name customers or a file"])
