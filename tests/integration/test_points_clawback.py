"""Credits taken back on a real chain: each claw-back once, whatever breaks in between."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from counterfoil.chain import Contract
from counterfoil.errors import Unavailable
from counterfoil.node import Node
from counterfoil.points.clawing import ClawedBack
from counterfoil.points.clawjournal import ClawEntry, ClawJournal
from counterfoil.points.ledger import Ledger
from tests.support.crash import crashing, overtaken
from tests.support.cut_line import Line
from tests.support.points_office import Office, order

pytestmark = pytest.mark.usefixtures("credited")


def told(answers: list[ClawedBack]) -> list[tuple[Any, ...]]:
    """Reason, points and shortfall of each."""
    return [(answer.reason, answer.points, answer.shortfall) for answer in answers]


def test_clawBack_takesTheWholeCreditUnlessTold(office: Office) -> None:
    office.issue(office.credit("R-2", 300), office.credit("R-3", 70, "C-2"))

    assert told(office.claw("R-2,,", "R-1,1000,X")) == [(None, 300, 0), (None, 1000, 0)]
    assert (office.points("C-1"), office.points("C-2")) == (4000, 70)


def test_clawBack_answersTheSameASecondTime(office: Office) -> None:
    rows = ["R-1,1000,X", "R-1,500,Y", "R-1,,Z"]
    first = office.claw(*rows)

    assert told(first) == [(None, 1000, 0), (None, 500, 0), (None, 3500, 0)]
    assert office.claw(*rows) == [replace(answer, replayed=True) for answer in first]
    assert (office.points(), office.events("PointsClawedBack")) == (0, 3)


def test_clawBack_tellsTheShortfall(office: Office) -> None:
    office.redeem(office.lines(order("A", 3000)))

    answers = office.claw("R-1,,")

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
    answers = office.claw(row, "R-1,1,Y")

    assert [answer.reason for answer in answers] == [reason, None]
    assert office.points() == 4999


def test_clawBack_takesNoMoreThanTheCreditHad(office: Office) -> None:
    assert told(office.claw("R-1,4000,X", "R-1,1001,Y", "R-1,1000,Y", "R-1,,Z")) == [
        (None, 4000, 0),
        ("exceeds-credit", None, None),
        (None, 1000, 0),
        ("exceeds-credit", None, None),
    ]


@pytest.mark.parametrize("other", ["R-1,5,X", "R-1,,X", "R-2,7,X"])
@pytest.mark.parametrize("lost", [False, True], ids=["journal kept", "journal lost"])
def test_clawBack_refusesAReferenceThatWasUsed(office: Office, other: str, lost: bool) -> None:
    office.issue(office.credit("R-2"))
    office.claw("R-1,7,X")
    if lost:
        office.tamper("DELETE FROM claw_backs")

    (answer,) = office.claw(other)

    if lost and other == "R-1,,X":  # the chain doesn't know that a number was named
        assert (answer.points, answer.replayed) == (7, True)
    else:
        assert answer.reason == "bad-row"
    assert office.events("PointsClawedBack") == 1


def test_clawBack_asksTheChainIfTheJournalIsLost(office: Office) -> None:
    first = office.claw("R-1,1000,X", "R-1,,Y")
    office.tamper("DELETE FROM claw_backs")

    assert office.claw("R-1,1000,X", "R-1,,Y") == [replace(one, replayed=True) for one in first]
    assert office.points() == 0


@pytest.mark.parametrize(
    ("owner", "method"), [(ClawJournal, "add"), (Contract, "send"), (ClawJournal, "note")]
)
def test_clawBack_isRepairedByASecondRun(office: Office, owner: type, method: str) -> None:
    with crashing(owner, method):
        office.claw("R-1,1000,X")

    (answer,) = office.claw("R-1,1000,X")

    assert told([answer]) == [(None, 1000, 0)]
    assert answer.transaction
    assert (office.points(), office.events("PointsClawedBack")) == (4000, 1)


def test_clawBack_isDoneOnceIfAnotherProcessDoesItToo(office: Office) -> None:
    with overtaken(Contract, "send", lambda: office.claw("R-1,1000,X"), only="clawBack"):
        (answer,) = office.claw("R-1,1000,X")

    assert (answer.points, answer.replayed) == (1000, True)
    assert office.points() == 4000


def test_clawBack_isDoneOnceIfACutShortRunsIsMinedMeanwhile(office: Office) -> None:
    office.chain.request("evm_setAutomine", False)
    try:
        with crashing(Node, "batch", only="eth_getTransactionReceipt"):
            office.claw("R-1,1000,X")
        mined = partial(office.chain.request, "evm_setAutomine", True)
        with overtaken(Ledger, "credits", mined):
            (answer,) = office.claw("R-1,1000,X")
    finally:
        office.chain.request("evm_setAutomine", True)

    assert (answer.points, answer.replayed) == (1000, True)
    assert (office.points(), office.events("PointsClawedBack")) == (4000, 1)


def test_clawBack_goesOnIfAnotherTookPointsOfTheCredit(office: Office) -> None:
    with overtaken(Contract, "send", lambda: office.claw("R-1,1000,X"), only="clawBack"):
        assert told(office.claw("R-1,,Y")) == [(None, 4000, 0)]

    assert office.points() == 0


def test_clawBack_refusesAReferenceThatAnotherProcessUsedMeanwhile(office: Office) -> None:
    with overtaken(ClawJournal, "add", lambda: office.claw("R-1,1,X"), only=_entry("X", 2)):
        (answer,) = office.claw("R-1,2,X")

    assert (answer.reason, office.points()) == ("bad-row", 4999)


def _entry(claw_reference: str, wished: int) -> object:
    return ClawEntry(claw_reference, "R-1", wished)


@pytest.mark.parametrize("delivered", [False, True], ids=["not sent", "answer lost"])
def test_clawBack_completesInASecondRunIfTheChainGoesAway(
    office: Office, line: Line, delivered: bool
) -> None:
    line.cut_at("eth_sendRawTransaction", after=1, delivered=delivered)
    with pytest.raises(Unavailable):
        office.claw("R-1,1,X", "R-1,2,Y", "R-1,3,Z")
    line.mend()

    assert told(office.claw("R-1,1,X", "R-1,2,Y", "R-1,3,Z")) == [
        *((None, points, 0) for points in (1, 2, 3))
    ]
    assert office.points() == 4994


def test_clawBack_takesOneOfALargeBatch(office: Office) -> None:
    office.issue(*(office.credit(f"B-{n}", 10 + n, "C-2") for n in range(7)))

    assert told(office.claw("B-6,,", "B-0,,")) == [(None, 16, 0), (None, 10, 0)]
