"""A till signs: each reference once and for all, and before that as the rules would have it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.points.desk import BankDesk
from counterfoil.points.journal import Journal
from counterfoil.points.orders import order_in, recover
from counterfoil.points.ordersfile import read_orders
from counterfoil.points.outcomes import Outcome
from counterfoil.points.signedfile import SignedOrder
from counterfoil.points.signing import LIFETIME, CraftedOrder
from tests.support.crash import crashing, overtaken
from tests.support.points_office import ORDERS, Office, order, reasons


def sequences(lines: list[str]) -> list[int]:
    return [order_in(json.loads(line)["message"]).sequence for line in lines]


def test_sign_givesAnOrderThatTheTillSigned(office: Office) -> None:
    (answer,) = office.sign(order("A"), now=2_000_000_000)

    assert isinstance(answer, SignedOrder)
    ledger = office.desk.ledger
    digest = ledger.domain.digest(answer.order.order_id())
    assert recover(digest, answer.signature) == ledger.record.terminals["till-1"].address
    assert answer.order.account == office.desk.account("C-1")
    assert answer.order.deadline == 2_000_000_000 + LIFETIME
    row = json.loads(answer.row)
    assert (row["order_ref"], row["order_id"]) == ("A", "0x" + answer.order.order_id().hex())
    assert "C-1" not in answer.row


def test_sign_hashesAnOrderAsTheLedgerDoes(office: Office) -> None:
    (answer,) = office.sign(order("A"))

    assert isinstance(answer, SignedOrder)
    found = office.desk.ledger.contract.call("orderId", answer.order.as_tuple())
    assert found == answer.order.order_id()


def test_sign_givesTheVerySameOrderAgain(office: Office) -> None:
    rows = [order("A"), order("Ä ünï"), "B,till-1,C-1,hamper,2,50.00,500,9,,"]
    first = office.lines(*rows)
    office.chain.request("evm_increaseTime", 5000)
    office.chain.request("evm_mine")
    office.act("publishRules", replace(office.desk.ledger.rules(1), minimum_points=900).as_tuple())

    assert office.lines(*rows) == first
    assert office.lines(*reversed(rows)) == first[::-1]
    assert [one.row for one in office.sign(*rows, check=True) if isinstance(one, SignedOrder)] == (
        first
    )


@pytest.mark.parametrize(
    "other",
    [
        "A,till-2,C-1,hamper,2,50.00,500,,,",
        "A,till-1,C-2,hamper,2,50.00,500,,,",
        "A,till-1,C-1,espresso,2,50.00,500,,,",
        "A,till-1,C-1,hamper,3,50.00,500,,,",
        "A,till-1,C-1,hamper,2,50.01,500,,,",
        "A,till-1,C-1,hamper,2,50.00,600,,,",
        "A,till-1,C-1,hamper,2,50.00,500,0,,",
        "A,till-1,C-1,hamper,2,50.00,500,,2030-01-01T00:00Z,",
        "A,till-1,C-1,hamper,2,50.00,500,,,1",
    ],
)
def test_sign_refusesOtherContentUnderAUsedReference(office: Office, other: str) -> None:
    lines = office.lines(order("A"))

    assert reasons(office.sign(other)) == ["bad-row"]
    assert office.lines(order("A")) == lines


def test_sign_countsEachTillOnItsOwn(office: Office) -> None:
    lines = office.lines(order("A"), order("B", till="till-2"), order("C"))

    assert sequences(lines) == [0, 0, 1]
    assert sequences(office.lines(order("D"), order("A"))) == [2, 0]


def test_sign_leavesOutSequencesThatWereGivenAway(office: Office) -> None:
    def with_sequence(ref: str, sequence: str) -> str:
        return f"{ref},till-1,C-1,hamper,2,50.00,500,{sequence},,"

    lines = office.lines(with_sequence("A", "1"), order("B"), order("C"), with_sequence("D", "4"))
    assert sequences(lines) == [1, 0, 2, 4]

    assert sequences(office.lines(order("E"), order("F"))) == [3, 5]
    assert sequences(office.lines(with_sequence("G", str(2**64 - 1)))) == [2**64 - 1]
    assert sequences(office.lines(with_sequence("H", "1"))) == [1]


def test_sign_saysWhichOrdersItCanNot(office: Office) -> None:
    answers = office.sign(
        order("A"),
        order("B", till="till-9"),
        order("C", till="nobody"),
        "D,till-1,C-1,hamper,2,50.00,many,,,",
    )

    assert reasons(answers) == [None, "unknown-terminal", "unknown-terminal", "bad-row"]
    elsewhere = answers[1]
    assert isinstance(elsewhere, Outcome)
    assert "keys/terminal-till-9" in elsewhere.detail
    assert (elsewhere.points, elsewhere.cash, elsewhere.order_id) == (500, "3.35", None)


def test_sign_countsNothingIfItCrashesBeforeItIsWrittenDown(office: Office) -> None:
    with crashing(Journal, "add_signed"):
        office.sign(order("A"))

    assert sequences(office.lines(order("B"))) == [0]


def test_sign_givesWhatAnotherProcessSignedFirst(office: Office) -> None:
    theirs: list[str] = []

    def beside() -> None:
        office.chain.request("evm_increaseTime", 5000)
        office.chain.request("evm_mine")
        theirs.extend(office.lines(order("A")))

    with overtaken(Journal, "sequences", beside, only=_till(office)):
        ours = office.lines(order("A"))

    assert ours == theirs


def test_sign_countsNoNumberThatAnotherProcessCounts(office: Office) -> None:
    theirs: list[str] = []

    def beside() -> None:
        theirs.extend(office.lines(order("X"), order("Y")))

    with overtaken(Journal, "add_signed", beside):
        ours = office.lines(order("A"), order("B"), order("C"))

    assert (sequences(theirs), sorted(sequences(ours))) == ([0, 1], [2, 3, 4])
    assert office.lines(order("A"), order("X")) == [ours[0], theirs[0]]


def test_sign_countsEachNumberOnceIfManyProcessesSign(office: Office) -> None:
    def run(process: int) -> list[int]:
        rows = [order(f"{process}-{number}") for number in range(30)]
        orders = read_orders(_file(office, f"{process}.csv", rows), "CNY").orders
        signed = office.desk.terminals().sign(orders)
        return [one.order.sequence for one in signed if isinstance(one, SignedOrder)]

    with ThreadPoolExecutor(4) as pool:
        counted = [number for numbers in pool.map(run, range(4)) for number in numbers]

    assert sorted(counted) == list(range(120))


def _file(office: Office, name: str, rows: list[str]) -> Path:
    file = office.files / name
    file.write_text(ORDERS + "\n".join(rows), "utf-8")
    return file


@pytest.mark.usefixtures("credited")
def test_sign_goesOnAfterTheChainsNumbersIfTheJournalIsLost(office: Office) -> None:
    given = f"D,till-1,C-1,hamper,2,50.00,500,{2**64 - 1},,"
    office.redeem(office.lines(order("A"), order("B", 400), order("C", till="till-2"), given))
    office.lines(order("E"))  # signed, and never seen by the chain
    _lose_journal(office)

    assert sequences(office.lines(order("F"), order("G", till="till-2"))) == [2, 1]
    assert sequences(office.lines(order("H"))) == [3]


@pytest.mark.usefixtures("credited")
def test_sign_goesOnAfterTheChainsNumbersIfTheJournalIsOld(office: Office) -> None:
    office.lines(order("A"))
    office.redeem(office.lines(order("A"), order("B"), order("C")))
    _lose_journal(office, "WHERE order_ref <> 'A'")

    assert sequences(office.lines(order("F"))) == [3]


def _lose_journal(office: Office, where: str = "") -> None:
    office.tamper(f"DELETE FROM signed_orders {where}")


def test_sign_countsOnceInAJournalThatIsOlderThanThatPromise(office: Office) -> None:
    office.lines(order("A"))
    office.tamper("DROP INDEX signed_orders_counted_once")

    with overtaken(Journal, "add_signed", lambda: office.lines(order("X"))):
        ours = office.lines(order("B"))

    assert sequences(ours) == [2]


def _till(office: Office) -> str:
    return office.desk.ledger.record.terminals["till-1"].address


def test_sign_signsACraftedOrderAsItIs(office: Office) -> None:
    desk: BankDesk = office.desk
    lines = (("hamper", 1, 5000, 300), ("espresso", 1, 300, 34))
    crafted = CraftedOrder("A", "till-1", "C-1", 500, lines)

    first, second = desk.terminals().sign([crafted, crafted])

    assert isinstance(first, SignedOrder)
    assert isinstance(second, SignedOrder)
    assert [line.cash for line in first.order.lines] == [300, 34]
    assert first.row == second.row
