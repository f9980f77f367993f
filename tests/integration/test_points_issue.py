"""Credits on a real chain: each reference once, whatever breaks in between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counterfoil.chain import Contract
from counterfoil.errors import Refused, Unavailable
from counterfoil.node import Node, NodeError
from counterfoil.points.issuing import BATCH
from counterfoil.points.journal import Journal
from counterfoil.points.roles import admin_of
from tests.support.crash import crashing, overtaken
from tests.support.cut_line import Line
from tests.support.points_office import BANK, Office, again


def test_issue_creditsEachRow(office: Office) -> None:
    answers = office.issue(office.credit("R-1", 700), office.credit("R-2", 300, "C-2"))

    assert [(answer.status, answer.replayed) for answer in answers] == [("issued", False)] * 2
    assert (office.points("C-1"), office.points("C-2")) == (700, 300)


def test_issue_answersTheSameASecondTime(office: Office) -> None:
    rows = [office.credit("R-1"), office.credit("R-2", 300, "C-2")]
    first = office.issue(*rows)

    assert office.issue(*rows) == again(first)
    assert (office.points("C-1"), office.points("C-2")) == (5000, 300)


def test_issue_issuesOnlyWhatIsNewInALongerFile(office: Office) -> None:
    rows = [office.credit("R-1"), office.credit("R-2")]
    office.issue(*rows)

    answers = office.issue(office.credit("R-0"), *rows)

    assert [answer.replayed for answer in answers] == [False, True, True]
    assert office.points() == 15_000


def test_issue_takesMoreThanOneBatch(office: Office) -> None:
    rows = [office.credit(f"R-{number}", 1) for number in range(2 * BATCH + 1)]

    answers = office.issue(*rows)

    assert len({answer.transaction for answer in answers}) == 3
    assert office.points() == 2 * BATCH + 1


def test_issue_answersARowThatCameTwiceInOneFileOnce(office: Office) -> None:
    answers = office.issue(office.credit("R-1"), office.credit("R-1"))

    assert [answer.replayed for answer in answers] == [False, True]
    assert office.points() == 5000


def test_issue_refusesAReferenceThatWasUsedForAnotherCredit(office: Office) -> None:
    first, other = office.credit("R-1"), office.credit("R-1", 5001)

    inside = office.issue(first, other)
    later = office.issue(other, office.credit("R-1", 5000, "C-2"))

    assert [answer.reason for answer in inside] == [None, "bad-row"]
    assert [answer.reason for answer in later] == ["bad-row", "bad-row"]
    assert (office.points("C-1"), office.points("C-2")) == (5000, 0)


def test_issue_judgesTheDayOnBothSides(office: Office) -> None:
    today = office.chain.timestamp() // 86_400
    oldest = (today // 183 - 5) * 183 - today

    answers = office.issue(
        f"C-1,1,{office.day(0)},today",
        f"C-1,1,{office.day(1)},tomorrow",
        f"C-1,1,{office.day(oldest)},alive",
        f"C-1,1,{office.day(oldest - 1)},lapsed",
    )

    assert [answer.reason for answer in answers] == [None, "future", None, "lapsed"]
    assert office.points() == 2


def test_issue_creditsADayThatBeganSinceTheLastBlock(office: Office) -> None:
    office.chain.request("evm_increaseTime", 86_400)  # which makes no block
    tomorrow = office.chain.timestamp() + 86_400
    rows = [f"C-1,{points},{office.day(1)},{points}" for points in (700, 2**32 - 1)]

    answers = office.issue(*rows, f"C-1,1,{office.day(2)},R-3", now=tomorrow)

    assert [answer.reason for answer in answers] == [None, "lot-full", "future"]
    assert office.points() == 700


def test_issue_refusesADayThatBeganByOurClockOnly(office: Office) -> None:
    tomorrow = office.chain.timestamp() + 86_400

    (answer,) = office.issue(f"C-1,1,{office.day(1)},R-1", now=tomorrow)

    assert answer.reason == "future"


def test_issue_saysWhenTheLotIsGone(office: Office) -> None:
    today = office.chain.timestamp() // 86_400

    (answer,) = office.issue(office.credit("R-1"))

    assert answer.expires_on == office.day((today // 183 + 6) * 183 - today)


def test_issue_refusesOnlyTheRowForWhichThereIsNoRoom(office: Office) -> None:
    most = 2**32 - 1

    answers = office.issue(
        office.credit("R-1", most - 1),
        office.credit("R-2", 2),
        office.credit("R-3", 1),
        office.credit("R-4", 1, "C-2"),
    )

    assert [answer.reason for answer in answers] == [None, "lot-full", None, None]
    assert (office.points("C-1"), office.points("C-2")) == (most, 1)


def test_issue_stopsNothingForABadRow(office: Office) -> None:
    answers = office.issue("C-1,0,2026-01-01,R-1", ",,,", office.credit("R-2"), "C-1,1")

    assert [answer.reason for answer in answers] == ["bad-row", None, "bad-row"]
    assert office.points() == 5000


def test_issue_creditsOnceIfItCrashesAfterSending(office: Office) -> None:
    rows = [office.credit("R-1"), office.credit("R-2")]
    with crashing(Journal, "note_credits"):
        office.issue(*rows)

    answers = office.issue(*rows)

    assert [answer.status for answer in answers] == ["issued", "issued"]
    assert all(answer.transaction for answer in answers)
    assert (office.points(), office.events("PointsIssued")) == (10_000, 2)


def test_issue_creditsOnceIfItCrashesBeforeSending(office: Office) -> None:
    rows = [office.credit("R-1"), office.credit("R-2")]
    with crashing(Contract, "send"):
        office.issue(*rows)
    assert office.points() == 0

    answers = office.issue(*rows, office.credit("R-3"))

    assert [answer.status for answer in answers] == ["issued"] * 3
    assert (office.points(), office.events("PointsIssued")) == (15_000, 3)


def test_issue_judgesAnewWhatCanNotArriveAnyMore(office: Office) -> None:
    row = office.credit("R-1", 2**32 - 1)
    with crashing(Contract, "send"):
        office.issue(row)
    office.issue(office.credit("R-2", 1))

    (answer,) = office.issue(row)

    assert (answer.status, answer.reason) == ("refused", "lot-full")
    assert office.points() == 1


def test_issue_asksTheChainIfTheJournalIsLost(office: Office) -> None:
    first = office.issue(office.credit("R-1"), office.credit("R-2"))
    office.forget()

    rows = [office.credit("R-2"), office.credit("R-3", 1), office.credit("R-1")]
    answers = office.issue(*rows, office.credit("R-1", 7))

    assert answers[0] == replace(first[1], line=2, replayed=True)
    assert answers[2] == replace(first[0], line=4, replayed=True)
    assert [answer.reason for answer in answers] == [None, None, None, "bad-row"]
    assert office.points() == 10_001


def test_issue_sendsNothingThatAnotherProcessHasWrittenDown(office: Office) -> None:
    first, shared, other = (office.credit(f"R-{number}") for number in range(3))

    with overtaken(Contract, "call", lambda: office.issue(shared, other), only="issue"):
        answers = office.issue(first, shared)

    assert [answer.status for answer in answers] == ["issued", "issued"]
    assert (office.points(), office.events("PointsIssued")) == (15_000, 3)


@pytest.mark.parametrize("delivered", [False, True], ids=["not sent", "answer lost"])
def test_issue_completesInASecondRunIfTheChainGoesAway(
    office: Office, line: Line, delivered: bool
) -> None:
    rows = [office.credit(f"R-{number}", 1) for number in range(BATCH + 1)]
    line.cut_at("eth_sendRawTransaction", after=1, delivered=delivered)
    with pytest.raises(Unavailable):
        office.issue(*rows)
    line.mend()

    answers = office.issue(*rows)

    assert {answer.status for answer in answers} == {"issued"}
    assert (office.points(), office.events("PointsIssued")) == (BATCH + 1, BATCH + 1)


def refusing(patch: pytest.MonkeyPatch, method: str) -> None:
    """The node takes no call of this method."""
    really = Node.call

    def call(node: Node, asked: str, *params: object) -> object:
        if asked == method:
            raise NodeError({"code": -32005, "message": "request rate exceeded"})
        return really(node, asked, *params)

    patch.setattr(Node, "call", call)


def test_issue_creditsOnceIfTheNodeIsBusyWhileABatchIsUnderWay(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [office.credit(f"R-{number}") for number in range(3)]
    office.chain.request("evm_setAutomine", False)
    try:
        with crashing(Node, "batch", only="eth_getTransactionReceipt"):
            office.issue(*rows[:2])
        with monkeypatch.context() as limited:
            refusing(limited, "eth_estimateGas")
            with pytest.raises(Unavailable, match="request rate exceeded"):
                office.issue(*rows[1:])
    finally:
        office.chain.request("evm_setAutomine", True)
    office.chain.request("evm_mine")

    answers = office.issue(*rows[1:])

    assert [answer.replayed for answer in answers] == [True, False]
    assert (office.points(), office.events("PointsIssued")) == (15_000, 3)


def test_issue_keepsABatchThatIsUnderWayIfTheIssuerLosesItsRole(office: Office) -> None:
    row = office.credit("R-1")
    with crashing(Contract, "send"):
        office.issue(row)
    (before,) = office.desk.journal.credits(["R-1"]).values()
    contract, issuer = office.desk.ledger.contract, office.desk.signer("issuer").address
    admin, role = admin_of(office.state, BANK), contract.call("ISSUER_ROLE")
    contract.send(admin, "revokeRole", role, issuer)

    with pytest.raises(Refused, match="AccessControlUnauthorizedAccount"):
        office.issue(office.credit("R-2"), row)

    contract.send(admin, "grantRole", role, issuer)
    office.issue(office.credit("R-2"), row)
    assert office.desk.journal.credits(["R-1"])["R-1"].batch == before.batch
    assert office.points() == 10_000
