"""Blocks that the chain takes back: refunds in them, and refunds of orders that were paid there."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.points import refunds
from counterfoil.points.desk import BankDesk
from counterfoil.points.naming import paid_order
from counterfoil.points.refunding import Refunding
from counterfoil.points.refundjournal import Asked
from tests.support.points_office import Office, order
from tests.support.points_reorg import block_of, put_back, sent
from tests.support.shell import Shell

pytestmark = pytest.mark.usefixtures("credited")


@pytest.fixture
def standing(office: Office, credited: None) -> None:
    """Orders A and C are paid, and not final, in a block that stays."""
    office.redeem(office.three(), finalize=False)


@pytest.fixture
def gone(office: Office, standing: None) -> list[str]:
    """The signed order Q, whose settlement the chain took back."""
    lines = office.lines(order("Q", 1000))
    before = office.chain.request("evm_snapshot")
    office.redeem(lines, finalize=False)
    office.chain.request("evm_revert", before)
    return lines


@pytest.mark.parametrize("later", [0, 5], ids=["chain shorter", "other blocks there"])
@pytest.mark.parametrize("words", [("refund", "Q", "1.00"), ("cancel", "Q")])
def test_refund_ofAnOrderThatTheChainTookBackKeepsNoOtherUp(
    shell: Shell, gone: list[str], words: tuple[str, ...], later: int
) -> None:
    shell.office.chain.request("anvil_mine", hex(later))

    for _ in range(2):
        shell.refuses("points", *words, status=1, saying=["took", "'Q'", "points redeem"])

    assert shell.rows("points", "refund", "C", "1.00", "--json")[0]["points"] == 149
    assert shell.rows("points", "cancel", "A", "--json")[0]["points"] == 500
    assert shell.office.points() == 4000 + 149 + 500


@pytest.mark.parametrize("words", [("refund", "Q", "1.00"), ("cancel", "Q")])
def test_refund_isDoneOnceItsOrderIsSettledAnew(
    shell: Shell, gone: list[str], words: tuple[str, ...]
) -> None:
    assert shell.run("points", *words)[0] == 1
    shell.office.redeem(gone, finalize=False)

    (done,) = shell.rows("points", *words, "--json")

    assert done["points"] == (149 if words[0] == "refund" else 1000)
    assert shell.office.points() == 3000 + done["points"]
    assert shell.office.events("OrderRefunded") == 1


@pytest.mark.usefixtures("standing")
def test_refund_ofAnOrderThatMovedToAnotherBlockIsDone(shell: Shell) -> None:
    office = shell.office
    lines = office.lines(order("Q", 1000))
    before, block = office.chain.request("evm_snapshot"), office.chain.block_number()
    office.redeem(lines, finalize=False)
    raws = sent(office, block)
    office.chain.request("evm_revert", before)
    put_back(office, raws)

    assert shell.rows("points", "refund", "Q", "1.00", "--json")[0]["points"] == 149


def test_refund_ofAnOrderThatIsRejectedNowIsRefusedForGood(shell: Shell, gone: list[str]) -> None:
    assert shell.run("points", "refund", "Q", "1.00", "--refund-id", "r")[0] == 1
    shell.office.desk.freeze("C-1")
    shell.office.redeem_as_bank(gone)
    desk = BankDesk.open(shell.office.state, None)

    (ended,) = Refunding.at(desk).work().ended

    assert (ended.state, ended.reason) == ("refused", "not-paid")


@pytest.mark.usefixtures("standing")
def test_refund_thatFailsByAFaultOfOursKeepsNoOtherUp(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = office.desk
    refunding = Refunding.at(desk)
    bad, good = (paid_order(desk, ref).order_id for ref in "AC")
    refunding.take(Asked.new(bad, "first", "refund", 100))
    really = refunds.refund_order

    def faulty(desk: BankDesk, order_id: str, *asked: Any) -> refunds.Refund:
        if order_id == bad:
            raise RuntimeError
        return really(desk, order_id, *asked)

    with monkeypatch.context() as broken:
        broken.setattr(refunds, "refund_order", faulty)
        assert refunding.give_back(good, "refund", 100)[0].state == "done"
        with pytest.raises(RuntimeError):
            refunding.give_back(bad, "refund", 100, "first")

    assert [one.refund_id for one in refunding.work().ended] == ["first"]
    assert office.points() == 4000 + 2 * 149


@pytest.mark.usefixtures("gone")
def test_finalize_ofAnOrderThatTheChainTookBackSaysSo(shell: Shell) -> None:
    (row,) = shell.rows("points", "finalize", "Q", "--json", status=1)

    assert (row["status"], row["reason"]) == ("refused", "taken-back")


DONE = [("refund", "C", "1.00", "--refund-id", "r"), ("cancel", "C")]


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("words", DONE)
def test_refund_thatTheChainTookBackIsDoneAnew(shell: Shell, words: tuple[str, ...]) -> None:
    before = shell.office.chain.request("evm_snapshot")
    (first,) = shell.rows("points", *words, "--json")
    shell.office.chain.request("evm_revert", before)
    shell.office.chain.request("anvil_mine", "0x5")

    (second,) = shell.rows("points", *words, "--json")

    where = {name: second[name] for name in ("transaction", "block")}
    assert second == {**first, **where}
    assert second["block"] != first["block"]
    assert shell.office.points() == 4000 + first["points"]
    assert shell.rows("points", *words, "--json") == [{**second, "replayed": True}]


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("words", DONE)
def test_refund_thatMovedToAnotherBlockIsNotDoneAgain(shell: Shell, words: tuple[str, ...]) -> None:
    office = shell.office
    shell.rows("points", "refund", "C", "1.00", "--json")  # as large as the one that moves
    before, block = office.chain.request("evm_snapshot"), office.chain.block_number()
    (first,) = shell.rows("points", *words, "--json")
    raws = sent(office, block)
    office.chain.request("evm_revert", before)
    put_back(office, raws)
    block, points = office.chain.block_number(), office.points()

    (second,) = shell.rows("points", *words, "--json")

    moved = block_of(office, first["transaction"])
    assert second == {**first, "block": moved, "replayed": True}
    assert moved != first["block"]
    assert (office.chain.block_number(), office.points()) == (block, points)


@pytest.mark.usefixtures("standing")
def test_refund_waitsForItsTransactionIfThatIsToBeMinedAgain(shell: Shell) -> None:
    office = shell.office
    words = DONE[0]
    before, block = office.chain.request("evm_snapshot"), office.chain.block_number()
    (first,) = shell.rows("points", *words, "--json")
    (raw,) = sent(office, block)
    office.chain.request("evm_revert", before)
    office.chain.request("anvil_mine", "0x5")
    office.chain.request("evm_setAutomine", False)
    try:
        office.chain.request("eth_sendRawTransaction", raw)
        shell.refuses("points", *words, status=1, saying=["waits to be mined again"])
    finally:
        office.chain.request("evm_setAutomine", True)
        office.chain.request("evm_mine")
    (second,) = shell.rows("points", *words, "--json")

    assert (second["transaction"], second["replayed"]) == (first["transaction"], False)
    assert (office.events("OrderRefunded"), office.points()) == (1, 4000 + 149)


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize("words", DONE)
def test_refund_standsAsLongAsTheNodeHasFewerBlocksThanItIsDeep(
    shell: Shell, words: tuple[str, ...]
) -> None:
    chain = shell.office.chain
    before = chain.request("evm_snapshot")
    shell.rows("points", *words, "--json")
    chain.request("evm_revert", before)

    shell.refuses("points", *words, status=3, saying=[f"has {chain.block_number()} blocks"])


@pytest.mark.usefixtures("standing")
def test_refund_thatIsTooMuchNowIsRefused(shell: Shell) -> None:
    before = shell.office.chain.request("evm_snapshot")
    shell.rows("points", *DONE[0], "--json")
    shell.office.chain.request("evm_revert", before)
    shell.rows("points", "refund", "C", "3.00", "--json")

    shell.refuses("points", *DONE[0], status=1, saying=["0.35 left"])
