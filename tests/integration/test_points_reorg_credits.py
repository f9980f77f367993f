"""Blocks that the chain takes back: credits and claw-backs in them are done anew, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from counterfoil.chain import Contract
from counterfoil.node import Call, Node
from counterfoil.points.issuing import BATCH
from tests.support.crash import overtaken
from tests.support.points_office import Office, again, order
from tests.support.points_reorg import block_of, put_back, sent

RECEIPT = "eth_getTransactionReceipt"
pytestmark = pytest.mark.usefixtures("credited")


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

    assert second == again(
        [replace(answer, block=block_of(office, answer.transaction)) for answer in first]
    )
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


def test_clawBack_takesAnewWhatTheChainTookBack(office: Office) -> None:
    rows = ["R-1,1000,X", "R-1,,Y"]
    before = office.chain.request("evm_snapshot")
    first = office.claw(*rows)
    office.chain.request("evm_revert", before)
    office.redeem(office.lines(order("A")))

    second = office.claw(*rows)

    assert [(answer.points, answer.shortfall) for answer in first] == [(1000, 0), (4000, 0)]
    assert [(answer.points, answer.shortfall) for answer in second] == [(1000, 0), (3500, 500)]
    assert not any(answer.replayed for answer in second)
    assert (office.points(), office.events("PointsClawedBack")) == (0, 2)
    assert office.claw(*rows) == [replace(answer, replayed=True) for answer in second]


def test_clawBack_notesAnewWhatMovedToAnotherBlock(office: Office) -> None:
    before, block = office.chain.request("evm_snapshot"), office.chain.block_number()
    (first,) = office.claw("R-1,1000,X")
    raws = sent(office, block)
    office.chain.request("evm_revert", before)
    put_back(office, raws)
    block = office.chain.block_number()

    (second,) = office.claw("R-1,1000,X")

    assert second == replace(first, block=block_of(office, first.transaction), replayed=True)
    assert second.block != first.block
    assert (office.chain.block_number(), office.points()) == (block, 4000)


def test_clawBack_takesOnceIfItComesBackMeanwhile(office: Office) -> None:
    before, block = office.chain.request("evm_snapshot"), office.chain.block_number()
    office.claw("R-1,1000,X")
    raws = sent(office, block)
    office.chain.request("evm_revert", before)

    with overtaken(Contract, "send", lambda: put_back(office, raws), only="clawBack"):
        (answer,) = office.claw("R-1,1000,X")

    assert (answer.points, answer.replayed) == (1000, True)
    assert (office.points(), office.events("PointsClawedBack")) == (4000, 1)


def test_clawBack_saysThatItsCreditIsGoneToo(office: Office) -> None:
    before = office.chain.request("evm_snapshot")
    office.issue(office.credit("R-2"))
    office.claw("R-2,,")
    office.chain.request("evm_revert", before)

    (refused,) = office.claw("R-2,,")
    office.issue(office.credit("R-2"))
    (answer,) = office.claw("R-2,,")

    assert refused.reason == "unknown-credit"
    assert (answer.points, answer.replayed, office.points()) == (5000, False, 5000)
