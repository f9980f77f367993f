"""A till signs with --check: what the rules would refuse is refused before it is signed."""

from __future__ import annotations

from counterfoil.points.outcomes import Outcome
from counterfoil.points.signedfile import SignedOrder
from tests.support.points_office import Office, order, reasons

REFUSED = {
    "expired": "A,till-1,C-1,hamper,2,50.00,500,,2020-01-01T00:00:00Z,9",
    "rules-version": "B,till-1,C-1,teapot,2,50.00,500,,,2",
    "unknown-item": "C,till-1,C-1,teapot,2,50.00,400,,,",
    "item-cap": "D,till-1,C-1,espresso,1,50.00,450,,,",
    "points-minimum": "E,till-1,C-1,hamper,2,50.00,450,,,",
    "points-increment": "F,till-1,C-1,hamper,99,50.00,99950,,,",
    "order-cap": "G,till-1,C-1,hamper,99,50.00,30000,,,",
}


def test_signCheck_refusesWhatTheRulesWouldRefuse(office: Office) -> None:
    answers = office.sign(*REFUSED.values(), check=True)

    assert reasons(answers) == list(REFUSED)
    first = answers[0]
    assert isinstance(first, Outcome)
    assert (first.status, first.order_id, first.points, first.cash) == (
        ("invalid", None, 500, "3.35")
    )


def test_signCheck_agreesWithTheLedger(office: Office) -> None:
    checked = office.sign(*REFUSED.values(), check=True)

    answers = office.redeem(office.lines(*REFUSED.values()))

    assert [answer.reason for answer in answers] == reasons(checked)
    assert {answer.status for answer in answers} == {"rejected"}


def test_signCheck_writesNothingDownForARefusedOrder(office: Office) -> None:
    refs = [row.partition(",")[0] for row in REFUSED.values()]
    office.sign(*REFUSED.values(), check=True)

    assert office.desk.journal.signed(refs) == {}
    (answer,) = office.sign(order("H"))
    assert isinstance(answer, SignedOrder)
    assert answer.order.sequence == 0


def test_signCheck_signsWhatIsFineAndSendsNothing(office: Office) -> None:
    block = office.chain.block_number()

    answers = office.sign(order("A"), order("B"), check=True)

    assert reasons(answers) == [None, None]
    assert office.chain.block_number() == block


def test_signCheck_judgesNoBalance(office: Office) -> None:
    assert reasons(office.sign(order("A", 13_000), check=True)) == [None]


def test_signCheck_takesTheRulesBeforeUntilTheirSunset(office: Office) -> None:
    ledger = office.desk.ledger
    office.act("publishRules", ledger.rules(1).as_tuple())
    row = f"A,till-1,C-1,hamper,2,50.00,500,,{office.day(2)}T00:00Z,1"
    until = ledger.live_until(1)

    assert reasons(office.sign(row, check=True, now=until + 1)) == ["rules-version"]
    assert reasons(office.sign(row, check=True, now=until)) == [None]
