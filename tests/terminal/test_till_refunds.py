"""Refunds at a till: in parts, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from counterfoil.chain import Chain, Contract
from counterfoil.errors import BadInput, Refused, Unavailable
from counterfoil.node import Node, NodeError
from counterfoil.sender import Sender
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.sales import RefundStage, Sale, Wish
from tests.support.crash import crashing, overtaken
from tests.support.cut_line import Line
from tests.support.points_office import Office
from tests.support.till import Counterpart


def sold(till: Counterpart) -> Sale:
    """A sale that is paid with 1,000 points and completed."""
    sale = till.pay(points=1000)
    till.go()
    till.wish(sale, Wish.COMPLETE)
    till.go()
    return sale


@contextmanager
def answering(method: str, answer: Callable[[], Any]) -> Iterator[None]:
    """The node's answer to one method is this, or what it raises."""
    really = Node.call

    def call(self: Node, asked: str, *params: Any) -> Any:
        return answer() if asked == method else really(self, asked, *params)

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(Node, "call", call)
        yield


def lost() -> None:
    """The node has lost something of its chain."""
    raise NodeError({"code": -32000, "message": "header not found"})


def test_refund_inParts(till: Counterpart, office: Office) -> None:
    sale = sold(till)

    till.refund(sale, "2.00", "R-1")
    till.refund(sale, "2.00", "R-1")
    till.refund(sale, "1.00", "R-2")
    with pytest.raises(BadInput):
        till.refund(sale, "4.00", "R-3")
    till.go()

    assert [one.stage for one in till.refunds(sale)] == [RefundStage.DONE] * 2
    assert office.points() == 4000 + 1000 * 300 // 670


def test_refund_isRefusedIfItsIdHasGivenOtherCash(till: Counterpart, office: Office) -> None:
    sale = sold(till)
    till.refund(sale, "2.00", "R-1")

    with pytest.raises(Refused) as refused:
        till.refund(sale, "1.00", "R-1")
    till.go()

    assert refused.value.code == "refund-used"
    assert [one.cash for one in till.refunds(sale)] == [200]
    assert office.points() == 4000 + 1000 * 200 // 670


@pytest.mark.parametrize(("method", "owner"), [("send", Contract), ("note_refund", TillJournal)])
def test_refund_isGivenOnceWhateverBreaksOff(
    till: Counterpart, office: Office, owner: type, method: str
) -> None:
    sale = sold(till)
    till.refund(sale, "2.00", "R-1")
    with crashing(owner, method, only="refund" if owner is Contract else "transaction"):
        till.step()

    till.go()
    till.refund(sale, "2.00", "R-2")
    till.go()

    assert [one.stage for one in till.refunds(sale)] == [RefundStage.DONE] * 2
    assert office.events("OrderRefunded") == 2


def test_refund_isGivenOnceIfItsTransactionIsMinedInTheNextRun(
    till: Counterpart, office: Office, line: Line, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERFOIL_STUCK_SECONDS", "0.2")
    sale = sold(till)
    till.refund(sale, "2.00", "R-1")

    def goes_on() -> None:
        chain.request("evm_setAutomine", True)
        chain.request("evm_mine")

    chain.request("evm_setAutomine", False)
    try:
        line.cut_at("eth_sendRawTransaction", delivered=True)
        with pytest.raises(Unavailable):
            till.step()
        line.mend()
        with overtaken(Sender, "number_from", goes_on), pytest.raises(Unavailable, match="waits"):
            till.step()
    finally:
        goes_on()
    till.go()

    assert [one.stage for one in till.refunds(sale)] == [RefundStage.DONE]
    assert office.events("OrderRefunded") == 1


def test_refund_isDueStillIfTheNodeFails(till: Counterpart) -> None:
    sale = sold(till)
    till.refund(sale, "2.00", "R-1")
    with (
        answering("eth_estimateGas", lost),
        pytest.raises(Unavailable, match="header not found"),
    ):
        till.step()
    till.go()

    assert [one.stage for one in till.refunds(sale)] == [RefundStage.DONE]


def test_refund_isDueStillIfTheNodeDoesNotTellWhoSentIt(till: Counterpart, office: Office) -> None:
    sale = sold(till)
    till.refund(sale, "2.00", "R-1")
    with crashing(TillJournal, "note_refund", only="transaction"):
        till.step()
    with (
        answering("eth_getTransactionByHash", lambda: None),
        pytest.raises(Unavailable, match="doesn't tell who sent"),
    ):
        till.step()
    till.go()

    assert [one.stage for one in till.refunds(sale)] == [RefundStage.DONE]
    assert office.events("OrderRefunded") == 1


def test_refund_needsACompletedSale(till: Counterpart) -> None:
    sale = till.pay()
    till.go()

    with pytest.raises(Refused, match="completed"):
        till.refund(sale, "1.00")
