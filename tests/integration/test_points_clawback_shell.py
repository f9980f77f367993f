"""Credits taken back from the shell, and what reconciling finds of them."""

from __future__ import annotations

import json

import pytest

from tests.support.points_office import CLAWS
from tests.support.shell import Shell

pytestmark = pytest.mark.usefixtures("credited")


def test_statement_showsWhatWasTakenBack(shell: Shell) -> None:
    (row,) = shell.rows("points", "claw-back", "--reference", "R-1", "--points", "700", "--json")

    assert (row["status"], row["claw_reference"], row["points"]) == ("clawed-back", "R-1", 700)
    last = shell.rows("points", "statement", "C-1", "--json")[-1]
    assert (last["movement"], last["points"], last["balance"], last["reference"]) == (
        *("clawed back", -700, 4300, "R-1"),
    )


def test_clawBack_takesAFileAndSaysWhatBecameOfEachRow(shell: Shell) -> None:
    file = shell.file("claws.csv", "claw_reference,reference\nX,R-1\nY,R-9\n")

    status, out, err = shell.run("points", "claw-back", file, "--json")

    assert status == 1
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["status"] for row in rows] == ["clawed-back", "refused"]
    assert err == "1 taken back (0 points short), 1 refused.\n"


@pytest.mark.parametrize(
    ("words", "saying"),
    [
        ([], ["--reference", "FILE"]),
        (["--reference", "R-1", "--points", "many"], ["points", "whole number"]),
    ],
)
def test_clawBack_refusesBadWords(shell: Shell, words: list[str], saying: list[str]) -> None:
    shell.refuses("points", "claw-back", *words, status=2, saying=saying)


def test_clawBack_refusesOptionsBesideAFile(shell: Shell) -> None:
    file = shell.file("claws.csv", CLAWS)

    words = ["points", "claw-back", file]
    shell.refuses(*words, "--points", "5", status=2, saying=["--reference"])
    shell.refuses(*words, "--reference", "R-1", status=2, saying=["FILE"])


def test_clawBack_refusesAMalformedFile(shell: Shell) -> None:
    file = shell.file("claws.csv", "points\n5\n")

    shell.refuses("points", "claw-back", file, status=2, saying=[file, "reference"])


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT 1", []),
        ("DELETE FROM claw_backs", [("missing", "journal", "")]),
        ('UPDATE claw_backs SET "transaction" = NULL', [("missing", "journal", "X")]),
        ("UPDATE claw_backs SET points = 701", [("differs", "journal", "X")]),
        ("UPDATE claw_backs SET shortfall = 1", [("differs", "journal", "X")]),
        ("UPDATE claw_backs SET block = block + 1", [("differs", "journal", "X")]),
        ("UPDATE claw_backs SET reference = 'R-2'", [("differs", "journal", "X")]),
        (
            "UPDATE claw_backs SET claw_reference = 'Y'",
            [("missing", "chain", "Y"), ("missing", "journal", "")],
        ),
    ],
)
def test_reconcile_findsAClawBackThatWasTamperedWith(
    shell: Shell, statement: str, expected: list[tuple[str, str, str]]
) -> None:
    shell.office.claw("R-1,700,X")
    shell.office.tamper(statement)

    rows = shell.rows("points", "reconcile", "--json", status=1 if expected else 0)

    assert sorted((row["kind"], row["where"], row["order_ref"]) for row in rows) == expected


def test_reconcile_findsAClawBackThatWasDoneTwice(shell: Shell) -> None:
    """Past the journal and its promise: by the operator's key itself."""
    office = shell.office
    office.claw("R-1,700,X")
    clawing = office.desk.clawing()
    (issued,) = clawing.ledger.credits([clawing.credit_on_chain("R-1")])
    told = issued.arguments
    credit = (told["account"], told["points"], told["earnedOn"], told["creditReference"])
    office.act("clawBack", told["batch"], credit, [], (clawing.on_chain("X"), 100, 700))

    rows = shell.rows("points", "reconcile", "--json", status=1)

    assert ("doubled", "chain") in {(row["kind"], row["where"]) for row in rows}
