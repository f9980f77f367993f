"""Redeeming that breaks off, and is repaired by running it again."""

from __future__ import annotations

import json
import threading

import pytest

from counterfoil.errors import Unavailable
from counterfoil.node import Node
from counterfoil.points.journal import Journal
from counterfoil.points.ledger import Ledger, Mark
from counterfoil.points.outcomes import Outcome
from counterfoil.points.recorded import Recorded
from tests.support.crash import crashing, overtaken
from tests.support.cut_line import Line
from tests.support.points_office import Office, again, order, reasons


def order_ids(lines: list[str]) -> list[str]:
    return [json.loads(line)["order_id"] for line in lines]


def written(office: Office, lines: list[str]) -> list[str | None]:
    """What the journal has of the records of three orders of which the second is rejected."""
    noted = office.desk.journal.orders(order_ids(lines))
    first, second, third = (noted[order_id] for order_id in order_ids(lines))
    recorded = [one.recorded for one in (first, second, third)]
    return [*recorded, first.finalized, third.finalized]


pytestmark = pytest.mark.usefixtures("credited")


@pytest.mark.parametrize(
    ("owner", "method", "only"),
    [
        (Journal, "add_orders", None),
        (Ledger, "submit", "recordOrders"),
        (Journal, "note_orders", "recorded"),
        (Ledger, "submit", "settle"),
        (Journal, "note_orders", "reason"),
        (Ledger, "submit", "finalize"),
        (Journal, "note_orders", "finalized"),
    ],
    ids=["first", "record 1", "1 noted", "settle", "2 noted", "record 3", "3 noted"],
)
def test_redeem_isRepairedByASecondRun(
    office: Office, owner: type, method: str, only: str | None
) -> None:
    lines = office.three()
    with crashing(owner, method, only=only):
        office.redeem(lines)

    answers = office.redeem(lines)

    assert reasons(answers) == [None, "points-minimum", None]
    assert all(answer.transaction and answer.block for answer in answers)
    assert office.marks(lines) == [Mark.FINALIZED, Mark.REJECTED, Mark.FINALIZED]
    assert (office.events("OrderPaid"), office.points()) == (2, 4000)
    assert office.redeem(lines) == again(answers)
    assert office.recorded() == sorted(order_ids(lines))  # once each
    assert [bool(record) for record in written(office, lines)] == [True] * 5


def test_redeem_asksTheChainIfTheJournalIsLost(office: Office) -> None:
    lines = office.three()
    first = office.redeem(lines)
    office.forget()

    assert office.redeem(lines) == again(first)
    assert office.redeem(lines) == again(first)
    assert office.points() == 4000
    assert office.recorded() == sorted(order_ids(lines))  # once each


def test_redeem_writesDownTheRecordsOnChainIfTheJournalIsLost(office: Office) -> None:
    lines = office.three()
    office.redeem(lines)
    before = written(office, lines)
    office.forget()

    office.redeem(lines)

    assert written(office, lines) == before
    assert all(before)


def test_redeem_waitsForARecordThatACutShortRunLeftUnderWay(office: Office) -> None:
    lines = office.three()
    office.chain.request("evm_setAutomine", False)
    try:
        with crashing(Node, "batch", only="eth_getTransactionReceipt"):
            office.redeem(lines)
        miner = threading.Timer(0.5, office.chain.request, ["evm_setAutomine", True])
        miner.start()

        answers = office.redeem(lines)

        miner.join()
    finally:
        office.chain.request("evm_setAutomine", True)
    assert reasons(answers) == [None, "points-minimum", None]
    assert office.recorded() == sorted(order_ids(lines))  # once each


def test_recorded_goesOnWhereItStopped(office: Office) -> None:
    office.redeem(office.lines(order("A"), order("B", till="till-2")))
    ledger = office.desk.ledger
    tills = [till.address for till in ledger.record.terminals.values()]
    recorded = Recorded(ledger)

    first = dict(recorded.of(tills))

    assert sorted("0x" + one.hex() for one in first) == office.recorded()
    assert recorded.of(tills) == first  # no block is new
    office.redeem(office.lines(order("C")))
    assert recorded.of(tills).keys() > first.keys()
    assert sorted("0x" + one.hex() for one in recorded.of(tills)) == office.recorded()
    assert len(recorded.of(tills[1:])) == 1


def test_redeem_givesTheAnswerOfARunBesideIt(office: Office) -> None:
    lines = office.three()
    others: list[Outcome] = []

    def beside() -> None:
        others.extend(office.redeem(lines, finalize=False))

    with overtaken(Ledger, "submit", beside, only="settle"):
        answers = office.redeem(lines)

    assert answers == again(others)
    assert office.points() == 4000


@pytest.mark.parametrize("delivered", [False, True], ids=["not sent", "answer lost"])
@pytest.mark.parametrize("sent", [0, 1, 2], ids=["record 1", "settle", "record 3"])
def test_redeem_completesInASecondRunIfTheChainGoesAway(
    office: Office, line: Line, sent: int, delivered: bool
) -> None:
    lines = office.three()
    line.cut_at("eth_sendRawTransaction", after=sent, delivered=delivered)
    with pytest.raises(Unavailable):
        office.redeem(lines)
    line.mend()

    answers = office.redeem(lines)

    assert reasons(answers) == [None, "points-minimum", None]
    assert office.marks(lines) == [Mark.FINALIZED, Mark.REJECTED, Mark.FINALIZED]
    assert (office.events("OrderPaid"), office.points()) == (2, 4000)
    assert office.recorded() == sorted(order_ids(lines))  # once each


@pytest.mark.parametrize(
    "method", ["eth_call", "eth_getTransactionReceipt", "eth_getBlockByNumber"]
)
def test_redeem_isUnavailableWhereverTheChainGoesAway(
    office: Office, line: Line, method: str
) -> None:
    lines = office.three()
    line.cut_at(method, after=1)

    with pytest.raises(Unavailable):
        office.redeem(lines)

    line.mend()
    assert reasons(office.redeem(lines)) == [None, "points-minimum", None]
