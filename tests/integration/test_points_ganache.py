"""The whole points flow on Ganache, the chain that users deploy to, with the sample files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from counterfoil import rollout
from counterfoil.artifacts import ROOT
from counterfoil.chain import Chain
from counterfoil.files import read_csv
from counterfoil.local import ganache, ports
from counterfoil.local.launch import serving
from counterfoil.money import format_minor
from counterfoil.points import enquiry
from counterfoil.points.audit import audit
from counterfoil.points.batches import Batching
from counterfoil.points.desk import BankDesk
from counterfoil.points.issuing import Issued
from counterfoil.points.ledger import Mark
from counterfoil.points.lotsfile import Credit, read_lots
from counterfoil.points.ordersfile import read_orders
from counterfoil.points.outcomes import Outcome
from counterfoil.points.signedfile import SignedOrder, read_signed
from counterfoil.state import State
from tests.support.expectations.files import expected
from tests.support.points_crowd import crowd
from tests.support.points_office import again

SUMMIT = ROOT / "examples" / "summit"
NOON = 43_200


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    """Summit Bank on a Ganache of its own, in the middle of its day."""
    folder = tmp_path_factory.mktemp("ganache")
    recipe = ganache.recipe(folder / "chain", ports.free(), folder / "ganache.log")
    with serving(recipe):
        chain = Chain.connect(recipe.address)
        chain.request("evm_increaseTime", (NOON - chain.timestamp()) % 86_400)
        chain.request("evm_mine")
        state = State(folder / "state")
        wanted = rollout.check([SUMMIT / "rules.toml"], ROOT / "examples" / "terminals.toml")
        rollout.ensure(wanted, state, recipe.address, lambda _: None)
        yield state


def issue(state: State) -> list[Issued]:
    return list(BankDesk.open(state, None).issuing().issue(read_lots(SUMMIT / "lots.csv").rows))


def sign(state: State) -> list[SignedOrder | Outcome]:
    orders = read_orders(SUMMIT / "orders.csv", "CNY").orders
    return list(BankDesk.open(state, None).terminals().sign(orders))


def redeem(state: State, entries: list[SignedOrder | Outcome]) -> list[Outcome]:
    return list(BankDesk.open(state, None).settlement(lambda _: None).settle(entries))


@dataclass(frozen=True, slots=True)
class Run:
    """What the first run came to."""

    issued: list[Issued]
    signed: list[SignedOrder | Outcome]
    answers: list[Outcome]


@pytest.fixture(scope="module")
def first(bank: State) -> Run:
    """The sample files, run once."""
    issued = issue(bank)
    for row in read_csv(SUMMIT / "frozen.csv", ("customer_id",)).rows:
        BankDesk.open(bank, None).freeze(row.values["customer_id"])
    signed = sign(bank)
    return Run(issued, signed, redeem(bank, signed))


def test_flow_comesToWhatTheSamplesExpect(bank: State, first: Run) -> None:
    desk = BankDesk.open(bank, None)
    today = datetime.fromtimestamp(desk.ledger.chain.timestamp(), UTC).date()
    lots: Any = expected(today)[SUMMIT / "lots.expected.json"]
    orders: Any = expected(today)[SUMMIT / "orders.expected.json"]

    assert [picked(row, lots["rows"][0]) for row in first.issued] == lots["rows"]
    assert [picked(row, orders["orders"][0]) for row in first.answers] == orders["orders"]
    assert balances(desk, orders) == orders["balances"]
    assert [check for check in audit(desk.ledger) if not check.agrees] == []
    assert marks(desk, first) == {(Mark.FINALIZED, "paid"), (Mark.REJECTED, "rejected")}


def test_flow_doesNothingASecondTime(bank: State, first: Run) -> None:
    block = BankDesk.open(bank, None).ledger.chain.block_number()

    assert issue(bank) == again(first.issued)
    assert [entry.row for entry in sign(bank) if isinstance(entry, SignedOrder)] == [
        entry.row for entry in first.signed if isinstance(entry, SignedOrder)
    ]
    assert redeem(bank, first.signed) == again(first.answers)
    assert BankDesk.open(bank, None).ledger.chain.block_number() == block


def test_flow_answersFromTheChainIfTheJournalIsLost(bank: State, first: Run) -> None:
    for file in bank.root.glob("points.db*"):
        file.unlink()

    assert redeem(bank, first.signed) == again(first.answers)
    assert issue(bank) == again(first.issued)


def test_issue_creditsADayThatBeganSinceTheLastBlock(bank: State, tmp_path: Path) -> None:
    desk = BankDesk.open(bank, None)
    chain = desk.ledger.chain
    before, today = chain.request("evm_snapshot"), chain.timestamp() // 86_400
    chain.request("evm_increaseTime", 86_400)  # which makes no block
    issuing = desk.issuing()
    issuing.now = chain.timestamp() + 86_400

    (answer,) = issuing.issue([Credit(2, "C-1", 700, today + 1, "R-new")])

    chain.request("evm_revert", before)
    assert (answer.status, answer.reason) == ("issued", None)


def test_redeem_writesAllRecordsOfManyBatches(tmp_path: Path) -> None:
    with crowd(ganache.recipe(tmp_path / "chain", ports.free(), tmp_path / "ganache.log")) as bank:
        file = bank.file(0, 60)
        settlement = bank.desk.settlement(lambda _: None)
        settlement.batching = Batching(orders=10)

        answers = list(settlement.settle(read_signed(file, "CNY")))

        assert {answer.status for answer in answers} == {"paid"}
        assert len({answer.transaction for answer in answers}) == 6
        orders = [one for one in read_signed(file, "CNY") if isinstance(one, SignedOrder)]
        places = [(one.order.terminal, one.order.sequence) for one in orders]
        assert set(bank.desk.ledger.marks(places)) == {Mark.FINALIZED}


def picked(row: Issued | Outcome, like: dict[str, Any]) -> dict[str, Any]:
    """The columns that the expected rows have."""
    told = row.as_row() | {"file": "orders.csv"}
    return {name: told[name] for name in like}


def balances(desk: BankDesk, orders: dict[str, Any]) -> list[dict[str, Any]]:
    """Every customer's balance, as the expected files write it."""
    found = []
    for row in orders["balances"]:
        held = enquiry.balance(desk.ledger, desk.account(row["customer_id"]))
        lots = [{"points": lot.points, "expires_on": lot.expires_on} for lot in held.lots]
        worth = format_minor(held.worth, "CNY")
        found.append(row | {"points": held.points, "worth": worth, "lots": lots})
    return found


def marks(desk: BankDesk, run: Run) -> set[tuple[Mark, str]]:
    """What the chain says of each order that it answered, with the answer."""
    return {
        (desk.ledger.mark(entry.order.terminal, entry.order.sequence), answer.status)
        for entry, answer in zip(run.signed, run.answers, strict=True)
        if isinstance(entry, SignedOrder) and answer.status != "invalid"
    }
