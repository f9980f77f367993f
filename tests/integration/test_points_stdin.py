"""Files that come on standard input: `-` in the place of their names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.support.points_office import CLAWS, LOTS, ORDERS, TERMINALS, order
from tests.support.shell import Shell

COUNTERFOIL = (sys.executable, "-m", "counterfoil")
Given = Callable[[str | bytes], None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Gives the next command this on its standard input."""

    def give(text: str | bytes) -> None:
        raw = text if isinstance(text, bytes) else text.encode()
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(raw)))

    return give


def test_aWholeRun_comesOnStandardInput(shell: Shell, given: Given) -> None:
    office = shell.office

    given(LOTS + "\n".join([office.credit("R-1"), office.credit("R-2", 300)]))
    assert [row["status"] for row in shell.rows("points", "issue", "-", "--json")] == ["issued"] * 2
    given(ORDERS + order("A"))
    signed = shell.run("terminal", "sign", "-")[1]
    given(signed)
    assert shell.rows("points", "redeem", "-", "--json")[0]["status"] == "paid"
    given(signed)
    assert shell.rows("points", "reconcile", "--file", "-", "--json") == []
    given(CLAWS + "R-2,,\n")
    assert shell.rows("points", "claw-back", "-", "--json")[0]["status"] == "clawed-back"
    given("item,quantity,unit_price\nhamper,1,50.00\n")
    assert shell.rows("points", "quote", "C-1", "till-1", "--file", "-", "--json")[0]["redeemable"]
    given(TERMINALS.replace("cafe", "pier"))
    assert shell.rows("terminal", "move", "till-1", "--catalogue", "pier", "--file", "-", "--json")


def test_aPipe_isReadWholeBeforeTheFirstEffect(shell: Shell) -> None:
    shell.office.issue(shell.office.credit("R-1"))
    lines = shell.office.lines(order("A"))

    ended = subprocess.run(
        [*COUNTERFOIL, "points", "redeem", "-"],
        input="\n".join([*lines, "{"]),
        capture_output=True,
        text=True,
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "counterfoil: /dev/stdin:2: not JSON\n"
    assert shell.office.points() == 5000


def test_aFileOnStandardInput_isReadFromWhereItStands(shell: Shell) -> None:
    file = shell.file("lots.csv", "a line that was read before\n" + LOTS + shell.office.credit("R"))
    command = 'read -r _; exec "$@"'

    with Path(file).open("rb") as stream:
        ended = subprocess.run(
            ["bash", "-c", command, "-", *COUNTERFOIL, "points", "issue", "-"], stdin=stream
        )

    assert ended.returncode == 0
    assert shell.office.points() == 5000


@pytest.mark.parametrize("words", ["points issue", "points redeem", "terminal sign"])
def test_closedStandardInput_isRefused(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    shell.refuses(*words.split(), "-", status=2, saying=["/dev/stdin", "can't be read"])
