"""Blocks that the chain takes back: what the journal has of them is no answer any more."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from counterfoil.chain import Contract
from counterfoil.node import Call, Node
from counterfoil.points.clawing import ClawedBack
from counterfoil.points.issuing import BATCH, Issued
from counterfoil.points.ledger import Mark
from counterfoil.points.outcomes import Outcome
from counterfoil.points.reconcile import reconcile
from tests.support.anvil import receipt_of
from tests.support.crash import overtaken
from tests.support.points_office import Office, again, order, reasons

RECEIPT = "eth_getTransactionReceipt"
pytestmark = pytest.mark.usefixtures("credited")


def is_clean(office: Office) -> bool:
    """Whether the journal says what the chain says."""
    desk = office.desk
    return list(reconcile(desk.ledger, desk.journal, None, older_than=0)) == []


def sent(office: Office, first: int) -> list[str]:
    """The transactions since a block, as they were sent."""
    chain = office.chain
    names = [
        name
        for number in range(first + 1, chain.block_number() + 1)
        for name in chain.request("eth_getBlockByNumber", hex(number), False)["transactions"]
    ]
    return [chain.request("eth_getRawTransactionByHash", name) for name in names]


def block_of(office: Office, answer: Outcome | Issued | ClawedBack) -> int:
    """Where the transaction of an answer stands now."""
    return int(
        office.chain.request("eth_getTransactionReceipt", answer.transaction)["blockNumber"], 16
    )


def settled(answers: Sequence[Outcome]) -> list[tuple[str, str | None]]:
    return [(answer.status, answer.reason) for answer in answers]


def put_back(office: Office, raws: Sequence[str], *, later: int = 5) -> None:
    """Mine transactions again, some blocks later than they were."""
    office.chain.request("anvil_mine", hex(later))
    for raw in raws:
        receipt_of(office.chain, office.chain.request("eth_sendRawTransaction", raw))


def test_redeem_settlesAnewWhatTheChainTookBack(office: Office) -> None:
    lines = office.three()
    before = office.chain.request("evm_snapshot")
    first = office.redeem(lines)
    office.chain.request("evm_revert", before)
    office.chain.request("anvil_mine", "0x5")

    second = office.redeem(lines)

    assert settled(second) == settled(first)
    assert not any(answer.replayed for answer in second)
    assert [answer.block for answer in second] != [answer.block for answer in first]
    assert office.marks(lines) == [Mark.FINALIZED, Mark.REJECTED, Mark.FINALIZED]
    assert (office.events("OrdersRecorded"), office.points()) == (2, 4000)
    assert office.redeem(lines) == again(second)
    assert is_clean(office)


def test_redeem_judgesAnewWhatTheChainTookBack(office: Office) -> None:
    lines = office.lines(order("A"))
    before = office.chain.request("evm_snapshot")
    assert reasons(office.redeem(lines)) == [None]
    office.chain.request("evm_revert", before)
    office.desk.freeze("C-1")

    assert reasons(office.redeem(lines)) == ["frozen"]
    assert is_clean(office)


def test_redeem_notesAnewWhatMovedToAnotherBlock(office: Office) -> None:
    lines = office.three()
    before, block = office.chain.request("evm_snapshot"), office.chain.block_number()
    first = office.redeem(lines)
    raws = sent(office, block)
    office.chain.request("evm_revert", before)
    put_back(office, raws)
    block = office.chain.block_number()

    second = office.redeem(lines)

    assert second == again([replace(answer, block=block_of(office, answer)) for answer in first])
    assert second != again(first)
    assert office.chain.block_number() == block
    assert is_clean(office)


def test_redeem_completesTheRecordsThatTheChainTookBack(office: Office) -> None:
    lines = office.lines(order("A"))
    office.redeem(lines, finalize=False)
    before = office.chain.request("evm_snapshot")
    first = office.redeem(lines)
    office.chain.request("evm_revert", before)
    assert office.marks(lines) == [Mark.PAID]

    assert office.redeem(lines) == first
    assert office.marks(lines) == [Mark.FINALIZED]
    assert is_clean(office)


def test_redeem_paysOnceIfTwoRunsAreUnderWay(office: Office) -> None:
    lines = office.lines(*(order(f"A-{number}") for number in range(8)))

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(office.redeem, [lines, lines])

    assert settled(one) == settled(other) == [("paid", None)] * 8
    assert [a.replayed for a in one] != [b.replayed for b in other]
    assert (office.events("OrderPaid"), office.points()) == (8, 1000)
    assert is_clean(office)


def test_issue_creditsAnewWhatTheChainTookBack(office: Office) -> None:
    rows = [office.credit("R-2", 700), office.credit("R-3", 300, "C-2")]
    before = office.chain.request("evm_snapshot")
    first = office.issue(*rows)
    office.chain.request("evm_revert", before)
    office.chain.request("anvil_mine", "0x5")

    second = office.issue(*rows, rows[0])

    assert [(answer.status, answer.replayed) for answer in second] == [
        *(("issued", replayed) for replayed in (False, False, True))
    ]
    assert second[0].block != first[0].block
    assert (office.points("C-1"), office.points("C-2")) == (5700, 300)
    assert office.issue(*rows) == again(second[:2])


def test_issue_creditsAnewInWhateverOrderTheRowsCome(office: Office) -> None:
    rows = [office.credit(f"B-{number}", 1) for number in range(2 * BATCH)]
    before = office.chain.request("evm_snapshot")
    office.issue(*rows)
    office.chain.request("evm_revert", before)

    answers = office.issue(*rows[::-2], *rows[::2])

    assert {(answer.status, answer.replayed) for answer in answers} == {("issued", False)}
    assert (office.points(), office.events("PointsIssued")) == (5000 + 2 * BATCH, 2 * BATCH + 1)


def test_issue_notesAnewWhatMovedToAnotherBlock(office: Office) -> None:
    rows = [office.credit("R-2"), office.credit("R-3", 300, "C-2")]
    before, block = office.chain.request("evm_snapshot"), office.chain.block_number()
    first = office.issue(*rows)
    raws = sent(office, block)
    office.chain.request("evm_revert", before)
    put_back(office, raws)
    block = office.chain.block_number()

    second = office.issue(*rows)

    assert second == again([replace(answer, block=block_of(office, answer)) for answer in first])
    assert second != again(first)
    assert (office.chain.block_number(), office.points()) == (block, 10_000)


def test_issue_judgesAnewWhatTheChainTookBack(office: Office) -> None:
    row = office.credit("R-2", 2**32 - 1, "C-2")
    before = office.chain.request("evm_snapshot")
    office.issue(row)
    office.chain.request("evm_revert", before)
    office.issue(office.credit("R-3", 1, "C-2"))

    (answer,) = office.issue(row)

    assert (answer.status, answer.reason, office.points("C-2")) == ("refused", "lot-full", 1)


def test_issue_creditsAnewWhatAJournalThatWasLostHasOfABatch(office: Office) -> None:
    rows = [office.credit("R-2"), office.credit("R-3"), office.credit("R-4")]
    before, block = office.chain.request("evm_snapshot"), office.chain.block_number()
    office.issue(*rows)
    raws = sent(office, block)
    office.tamper("DELETE FROM credits")
    office.issue(rows[0])  # which finds it on chain, and none of the others
    office.chain.request("evm_revert", before)
    with overtaken(Contract, "send", lambda: put_back(office, raws), only="issue"):
        office.issue(*rows)

    assert [answer.replayed for answer in office.issue(*rows)] == [True] * 3
    assert (office.points(), office.events("PointsIssued")) == (20_000, 4)


def test_issue_asksForEachTransactionOnce(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [office.credit(f"B-{number}", 1) for number in range(2 * BATCH)]
    first = office.issue(*rows)
    asked: list[list[str]] = []
    really = Node.batch

    def counted(node: Node, calls: Sequence[Call]) -> list[Any]:
        asked.append([str(params[0]) for method, params in calls if method == RECEIPT])
        return really(node, calls)

    monkeypatch.setattr(Node, "batch", counted)
    mixed = [rows[i // 2 + i % 2 * BATCH] for i in range(2 * BATCH)]

    office.issue(*mixed)

    assert [names for names in asked if names] == [
        list(dict.fromkeys(answer.transaction for answer in first))
    ]
