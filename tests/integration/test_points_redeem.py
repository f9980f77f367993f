"""Orders on a real chain: one final answer each, and three records."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from counterfoil.points import redeeming
from counterfoil.points.batches import Batching
from counterfoil.points.ledger import Mark
from counterfoil.points.outcomes import Outcome
from counterfoil.points.roles import operator_of
from tests.support.points_office import BANK, Office, again, order, reasons

pytestmark = pytest.mark.usefixtures("credited")


def test_redeem_leavesThreeRecords(office: Office) -> None:
    lines = office.three()

    answers = office.redeem(lines)

    assert [answer.status for answer in answers] == ["paid", "rejected", "paid"]
    assert reasons(answers) == [None, "points-minimum", None]
    assert [answer.order_ref for answer in answers] == ["A", "B", "C"]
    assert [answer.cash for answer in answers] == ["3.35", "2.68", "3.35"]
    assert office.marks(lines) == [Mark.FINALIZED, Mark.REJECTED, Mark.FINALIZED]
    assert (office.events("OrdersRecorded"), office.points()) == (2, 4000)


def test_redeem_answersTheSameASecondTime(office: Office) -> None:
    lines = office.three()
    first = office.redeem(lines)
    block = office.chain.block_number()

    assert office.redeem(lines) == again(first)
    assert office.chain.block_number() == block


def test_redeem_keepsARejectionThoughTheAccountIsToppedUp(office: Office) -> None:
    lines = office.lines(order("A", 5100))
    first = office.redeem(lines)
    office.issue(office.credit("R-2"))

    assert reasons(first) == ["insufficient-points"]
    assert office.redeem(lines) == again(first)
    assert office.points() == 10_000


def test_redeem_stopsBeforeTheThirdRecordIfTold(office: Office) -> None:
    lines = office.three()

    first = office.redeem(lines, finalize=False)
    assert office.marks(lines) == [Mark.PAID, Mark.REJECTED, Mark.PAID]

    assert office.redeem(lines) == again(first)
    assert office.marks(lines) == [Mark.FINALIZED, Mark.REJECTED, Mark.FINALIZED]


def test_redeem_settlesMoreThanOneBatchInTheFilesOrder(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redeeming, "_FILE", Batching(orders=2))
    lines = office.lines(*(order(f"A-{number}") for number in range(5)))

    answers = office.redeem(lines)

    assert [answer.order_ref for answer in answers] == [f"A-{number}" for number in range(5)]
    assert len({answer.transaction for answer in answers}) == 3


def test_redeem_answersAnOrderThatCameTwiceInOneFileOnce(office: Office) -> None:
    (line,) = office.lines(order("A"))
    renamed = json.dumps(json.loads(line) | {"order_ref": "B"})

    first, second, third = office.redeem([line, line, renamed])

    assert (first.status, first.replayed) == ("paid", False)
    assert second == replace(first, replayed=True)
    assert third == replace(first, order_ref="B", replayed=True)
    assert office.points() == 4500


def test_redeem_refusesTheSecondOrderWithOneSequence(office: Office) -> None:
    lines = office.lines(
        "A,till-1,C-1,hamper,2,50.00,500,7,,", "B,till-1,C-1,hamper,2,50.00,600,7,,"
    )

    first = office.redeem(lines)

    assert reasons(first) == [None, "replayed"]
    assert (first[1].status, first[1].transaction, first[1].block) == ("invalid", None, None)
    assert office.redeem(lines) == again(first)
    assert office.points() == 4500


def test_redeem_refusesASequenceThatARejectedOrderHasUsed(office: Office) -> None:
    lines = office.lines(
        "A,till-1,C-1,hamper,2,50.00,400,7,,", "B,till-1,C-1,hamper,2,50.00,500,7,,"
    )

    assert reasons(office.redeem(lines[:1])) == ["points-minimum"]
    assert reasons(office.redeem(lines[1:])) == ["replayed"]
    assert office.points() == 5000


def test_redeem_refusesATerminalThatIsUnknownOrDisabled(office: Office) -> None:
    (line,) = office.lines(order("A"))
    stranger = json.loads(line)
    stranger["message"]["message"]["terminal"] = "0x" + "ab" * 20
    till = office.desk.ledger.record.terminals["till-1"].address
    office.act("setTerminalEnabled", till, False)

    assert reasons(office.redeem([json.dumps(stranger), line])) == ["unknown-terminal"] * 2

    office.act("setTerminalEnabled", till, True)
    assert reasons(office.redeem([line])) == [None]


def test_redeem_keepsTheFirstAnswerThoughTheTerminalIsDisabled(office: Office) -> None:
    lines = office.lines(order("A"))
    first = office.redeem(lines)
    till = office.desk.ledger.record.terminals["till-1"].address
    office.act("setTerminalEnabled", till, False)

    assert office.redeem(lines) == again(first)


def test_redeem_passesFinishedResultsThrough(office: Office) -> None:
    signed = office.sign(order("A"), "B,till-1,C-1,hamper,2,50.00,1.5,,,", order("C", till="none"))
    lines = [json.dumps(one.as_row()) if isinstance(one, Outcome) else one.row for one in signed]

    answers = office.redeem(lines)

    assert reasons(answers) == [None, "bad-row", "unknown-terminal"]
    assert answers[1:] == signed[1:]


def test_redeem_stopsNothingForARowThatIsNoOrder(office: Office) -> None:
    (line,) = office.lines(order("A"))
    empty = json.loads(line)
    empty["message"]["message"]["lines"] = []
    rows = ["1", "[]", "{}", "null", '"A"', '{"order_ref": "B"}', json.dumps(empty)]
    rows.append('{"order_ref": "\\ud800", "status": "invalid"}')

    answers = office.redeem([*rows, line])

    assert reasons(answers) == ["bad-row"] * len(rows) + [None]
    assert [answer.order_ref for answer in answers] == ["", "", "", "", "", "B", "A", "", "A"]
    assert all(answer.detail.startswith("line ") for answer in answers[:-1])


def test_redeem_answersEachReasonThatTheRulesGive(office: Office) -> None:
    version = office.desk.ledger.current_rules()
    lines = office.lines(
        "A,till-1,C-1,hamper,2,50.00,500,,2020-01-01T00:00:00Z,",
        f"B,till-1,C-1,hamper,2,50.00,500,,,{version + 1}",
        "C,till-1,C-1,teapot,2,50.00,500,,,",
        "D,till-1,C-1,espresso,1,50.00,500,,,",
        "E,till-1,C-1,hamper,2,50.00,400,,,",
        "F,till-1,C-1,hamper,2,50.00,550,,,",
        "G,till-1,C-1,hamper,9,50.00,30000,,,",
        "H,till-1,C-1,hamper,9,50.00,5100,,,",
    )

    expected = ["expired", "rules-version", "unknown-item", "item-cap", "points-minimum"]
    expected += ["points-increment", "order-cap", "insufficient-points"]
    assert reasons(office.redeem(lines)) == expected
    assert office.points() == 5000


def test_redeem_refusesAFrozenAccountUntilItIsThawed(office: Office) -> None:
    office.desk.freeze("C-1")
    office.desk.freeze("C-1")
    assert reasons(office.redeem(office.lines(order("A")))) == ["frozen"]

    office.desk.freeze("C-1", frozen=False)
    assert reasons(office.redeem(office.lines(order("B")))) == [None]


def test_redeem_takesTheRulesBeforeUntilTheirSunset(office: Office) -> None:
    rules = office.desk.ledger.rules(1)
    before, after = office.lines(order("A"), f"B,till-1,C-1,hamper,2,50.00,500,,{_late(office)},")
    office.act("publishRules", replace(rules, minimum_points=600).as_tuple())

    assert reasons(office.redeem([before])) == [None]

    office.chain.request("evm_increaseTime", rules.sunset_seconds + 1)
    assert reasons(office.redeem([after])) == ["rules-version"]


def _late(office: Office) -> str:
    return office.day(2) + "T00:00:00+00:00"


def test_redeem_waitsForTheBankThatPaused(office: Office) -> None:
    lines = office.three()
    office.act("pause")
    with pytest.raises(Exception, match="EnforcedPause"):
        office.redeem(lines)
    office.act("unpause")

    assert reasons(office.redeem(lines)) == [None, "points-minimum", None]


def test_redeem_leavesRecordsToATerminalWhoseKeyIsElsewhere(office: Office) -> None:
    lines = office.lines(order("A"), order("B", till="till-2"))
    (office.state.root / "keys" / "terminal-till-2").unlink()

    answers = office.redeem(lines)

    assert reasons(answers) == [None, None]
    assert office.marks(lines) == [Mark.FINALIZED, Mark.PAID]


def test_redeem_keepsTheOperatorsKeyOutOfWhatItSays(office: Office) -> None:
    key = operator_of(office.state, BANK).private_key().hex()
    answers = office.redeem(office.three())

    assert key not in json.dumps([answer.as_row() for answer in answers])
