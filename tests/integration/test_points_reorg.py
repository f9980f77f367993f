"""Blocks that the chain takes back: what the journal has of them is no answer any more."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from counterfoil.points.ledger import Mark
from counterfoil.points.outcomes import Outcome
from counterfoil.points.reconcile import reconcile
from tests.support.points_office import Office, again, order, reasons
from tests.support.points_reorg import block_of, put_back, sent

pytestmark = pytest.mark.usefixtures("credited")


def is_clean(office: Office) -> bool:
    """Whether the journal says what the chain says."""
    return list(reconcile(office.desk, None, older_than=0, now=office.desk.now())) == []


def settled(answers: Sequence[Outcome]) -> list[tuple[str, str | None]]:
    return [(answer.status, answer.reason) for answer in answers]


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

    assert second == again(
        [replace(answer, block=block_of(office, answer.transaction)) for answer in first]
    )
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
