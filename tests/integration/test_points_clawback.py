"""Credits taken back on a real chain: each claw-back once, whatever breaks in between."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from counterfoil.chain import Contract
from counterfoil.errors import Unavailable
from counterfoil.points.clawfile import read_claws
from counterfoil.points.clawing import ClawedBack
from counterfoil.points.clawjournal import ClawEntry, ClawJournal
from tests.support.crash import crashing, overtaken
from tests.support.cut_line import Line
from tests.support.points_office import Office, order
from tests.support.shell import Shell

pytestmark = pytest.mark.usefixtures("credited")
HEADER = "reference,points,claw_reference\n"


def claw(office: Office, *rows: str) -> list[ClawedBack]:
    """The answers to the CSV rows of a file."""
    file = Path(office.files / "claws.csv")
    file.write_text(HEADER + "\n".join(rows), "utf-8")
    return list(office.desk.clawing().claw_back(read_claws(file).rows))


def tampered(office: Office, statement: str) -> None:
    """Do this to the bank's journal."""
    engine = create_engine(office.state.database_url("points"))
    with engine.begin() as link:
        link.execute(text(statement))
    engine.dispose()


def told(answers: list[ClawedBack]) -> list[tuple[Any, ...]]:
    """Reason, points and shortfall of each."""
    return [(answer.reason, answer.points, answer.shortfall) for answer in answers]


def test_clawBack_takesTheWholeCreditUnlessTold(office: Office) -> None:
    office.issue(office.credit("R-2", 300), office.credit("R-3", 70, "C-2"))

    assert told(claw(office, "R-2,,", "R-1,1000,X")) == [(None, 300, 0), (None, 1000, 0)]
    assert (office.points("C-1"), office.points("C-2")) == (4000, 70)


def test_clawBack_answersTheSameASecondTime(office: Office) -> None:
    rows = ["R-1,1000,X", "R-1,500,Y", "R-1,,Z"]
    first = claw(office, *rows)

    assert told(first) == [(None, 1000, 0), (None, 500, 0), (None, 3500, 0)]
    assert claw(office, *rows) == [replace(answer, replayed=True) for answer in first]
    assert (office.points(), office.events("PointsClawedBack")) == (0, 3)


def test_clawBack_tellsTheShortfall(office: Office) -> None:
    office.redeem(office.lines(order("A", 3000)))

    answers = claw(office, "R-1,,")

    assert told(answers) == [(None, 2000, 3000)]
    assert answers[0].detail == "Taken back. 3000 points were spent or have lapsed already."
    assert office.points() == 0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("R-9,,", "unknown-credit"),
        ("R-1,5001,X", "exceeds-credit"),
        ("R-1,0,X", "bad-row"),
        ("R-1,-1,X", "bad-row"),
        ("R-1,1.5,X", "bad-row"),
        (",5,X", "bad-row"),
        (f"R-1,5,{'x' * 256}", "bad-row"),
        ("R-1,5", "bad-row"),
    ],
)
def test_clawBack_refusesABadRowAndNoOther(office: Office, row: str, reason: str) -> None:
    answers = claw(office, row, "R-1,1,Y")

    assert [answer.reason for answer in answers] == [reason, None]
    assert office.points() == 4999


def test_clawBack_takesNoMoreThanTheCreditHad(office: Office) -> None:
    assert told(claw(office, "R-1,4000,X", "R-1,1001,Y", "R-1,1000,Y", "R-1,,Z")) == [
        (None, 4000, 0),
        ("exceeds-credit", None, None),
        (None, 1000, 0),
        ("exceeds-credit", None, None),
    ]


@pytest.mark.parametrize("other", ["R-1,5,X", "R-1,,X", "R-2,7,X"])
@pytest.mark.parametrize("lost", [False, True], ids=["journal kept", "journal lost"])
def test_clawBack_refusesAReferenceThatWasUsed(office: Office, other: str, lost: bool) -> None:
    office.issue(office.credit("R-2"))
    claw(office, "R-1,7,X")
    if lost:
        tampered(office, "DELETE FROM claw_backs")

    (answer,) = claw(office, other)

    if lost and other == "R-1,,X":  # the chain doesn't know that a number was named
        assert (answer.points, answer.replayed) == (7, True)
    else:
        assert answer.reason == "bad-row"
    assert office.events("PointsClawedBack") == 1


def test_clawBack_asksTheChainIfTheJournalIsLost(office: Office) -> None:
    first = claw(office, "R-1,1000,X", "R-1,,Y")
    tampered(office, "DELETE FROM claw_backs")

    assert claw(office, "R-1,1000,X", "R-1,,Y") == [replace(one, replayed=True) for one in first]
    assert office.points() == 0


@pytest.mark.parametrize(
    ("owner", "method"), [(ClawJournal, "add"), (Contract, "send"), (ClawJournal, "note")]
)
def test_clawBack_isRepairedByASecondRun(office: Office, owner: type, method: str) -> None:
    with crashing(owner, method):
        claw(office, "R-1,1000,X")

    (answer,) = claw(office, "R-1,1000,X")

    assert told([answer]) == [(None, 1000, 0)]
    assert answer.transaction
    assert (office.points(), office.events("PointsClawedBack")) == (4000, 1)


def test_clawBack_isDoneOnceIfAnotherProcessDoesItToo(office: Office) -> None:
    with overtaken(Contract, "send", lambda: claw(office, "R-1,1000,X"), only="clawBack"):
        (answer,) = claw(office, "R-1,1000,X")

    assert (answer.points, answer.replayed) == (1000, True)
    assert office.points() == 4000


def test_clawBack_goesOnIfAnotherTookPointsOfTheCredit(office: Office) -> None:
    with overtaken(Contract, "send", lambda: claw(office, "R-1,1000,X"), only="clawBack"):
        assert told(claw(office, "R-1,,Y")) == [(None, 4000, 0)]

    assert office.points() == 0


def test_clawBack_refusesAReferenceThatAnotherProcessUsedMeanwhile(office: Office) -> None:
    with overtaken(ClawJournal, "add", lambda: claw(office, "R-1,1,X"), only=_entry("X", 2)):
        (answer,) = claw(office, "R-1,2,X")

    assert (answer.reason, office.points()) == ("bad-row", 4999)


def _entry(claw_reference: str, wished: int) -> object:
    return ClawEntry(claw_reference, "R-1", wished)


@pytest.mark.parametrize("delivered", [False, True], ids=["not sent", "answer lost"])
def test_clawBack_completesInASecondRunIfTheChainGoesAway(
    office: Office, line: Line, delivered: bool
) -> None:
    line.cut_at("eth_sendRawTransaction", after=1, delivered=delivered)
    with pytest.raises(Unavailable):
        claw(office, "R-1,1,X", "R-1,2,Y", "R-1,3,Z")
    line.mend()

    assert told(claw(office, "R-1,1,X", "R-1,2,Y", "R-1,3,Z")) == [
        *((None, points, 0) for points in (1, 2, 3))
    ]
    assert office.points() == 4994


def test_clawBack_takesOneOfALargeBatch(office: Office) -> None:
    office.issue(*(office.credit(f"B-{n}", 10 + n, "C-2") for n in range(7)))

    assert told(claw(office, "B-6,,", "B-0,,")) == [(None, 16, 0), (None, 10, 0)]


# ------------------------------------------------------------------------------ from the shell


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
    file = shell.file("claws.csv", HEADER)

    words = ["points", "claw-back", file]
    shell.refuses(*words, "--points", "5", status=2, saying=["--reference"])
    shell.refuses(*words, "--reference", "R-1", status=2, saying=["FILE"])


def test_clawBack_refusesAMalformedFile(shell: Shell) -> None:
    file = shell.file("claws.csv", "points\n5\n")

    shell.refuses("points", "claw-back", file, status=2, saying=[file, "reference"])


# ---------------------------------------------------------------------------------- reconcile


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
    claw(shell.office, "R-1,700,X")
    tampered(shell.office, statement)

    rows = shell.rows("points", "reconcile", "--json", status=1 if expected else 0)

    assert sorted((row["kind"], row["where"], row["order_ref"]) for row in rows) == expected


def test_reconcile_findsAClawBackThatWasDoneTwice(shell: Shell) -> None:
    """Past the journal and its promise: by the operator's key itself."""
    office = shell.office
    claw(office, "R-1,700,X")
    clawing = office.desk.clawing()
    (issued,) = clawing.ledger.credits([clawing.credit_on_chain("R-1")])
    told = issued.arguments
    credit = (told["account"], told["points"], told["earnedOn"], told["creditReference"])
    office.act("clawBack", told["batch"], credit, [], (clawing.on_chain("X"), 100, 700))

    rows = shell.rows("points", "reconcile", "--json", status=1)

    assert ("doubled", "chain") in {(row["kind"], row["where"]) for row in rows}
