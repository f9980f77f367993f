"""Refunds on a chain that takes its time: cut off, and asked for again before they are mined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from counterfoil.chain import Chain
from counterfoil.node import Node, NodeError
from counterfoil.reading import Reading
from counterfoil.sender import Sender
from tests.support.bank_node import eventually
from tests.support.crash import crashing, overtaken
from tests.support.cut_line import Line
from tests.support.shell import Shell

SENT = "eth_sendRawTransaction"
RECEIPT = "eth_getTransactionReceipt"
WORDS = [("points", "refund", "C", "1.00", "--refund-id", "r"), ("points", "cancel", "C")]
given = pytest.mark.parametrize("words", WORDS)


@pytest.fixture(autouse=True)
def paid(shell: Shell, credited: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders A and C are paid, and not final; what is stuck soon comes to its end."""
    monkeypatch.setenv("COUNTERFOIL_STUCK_SECONDS", "0.2")
    monkeypatch.setenv("COUNTERFOIL_FEE_CAP_GWEI", "4")
    shell.office.redeem(shell.office.three(), finalize=False)


@pytest.fixture
def slow(chain: Chain) -> Iterator[Chain]:
    """The chain, which mines when it is told to."""
    chain.request("evm_setAutomine", False)
    yield chain
    goes_on(chain)


def goes_on(chain: Chain) -> None:
    chain.request("evm_setAutomine", True)
    chain.request("evm_mine")


def cut_off(shell: Shell, line: Line, words: tuple[str, ...], arm: Callable[[], None]) -> None:
    """A run in which the line is cut, and mended afterwards."""
    arm()
    assert shell.run(*words)[0] == 3
    line.mend()


@given
@pytest.mark.parametrize("method", [SENT, RECEIPT])
def test_refund_isGivenOnceIfItsTransactionIsMinedWhileItIsAskedForAgain(
    shell: Shell, line: Line, slow: Chain, words: tuple[str, ...], method: str
) -> None:
    asked = 1 if method == RECEIPT else 0  # one for the order's own transaction
    cut_off(shell, line, words, lambda: line.cut_at(method, after=asked, delivered=True))

    with overtaken(Sender, "number_from", lambda: goes_on(slow)):
        shell.refuses(*words, status=3, saying=["waits to be mined"])
    goes_on(slow)
    (done,) = shell.rows(*words, "--json")

    assert done["points"] == (149 if "refund" in words else 500)
    assert shell.office.events("OrderRefunded") == 1
    assert shell.office.points() == 4000 + done["points"]


@given
def test_refund_thatWaitsKeepsNoOtherUp(
    shell: Shell, line: Line, slow: Chain, words: tuple[str, ...]
) -> None:
    cut_off(shell, line, words, lambda: line.cut_at(SENT, delivered=True))
    with overtaken(Sender, "number_from", lambda: goes_on(slow)):
        assert shell.rows("points", "refund", "A", "1.00", "--json")[0]["points"] == 149

    shell.rows(*words, "--json")

    assert shell.office.events("OrderRefunded") == 2


@given
def test_refund_isGivenOnceIfARaisedFeeWasMined(
    shell: Shell, line: Line, slow: Chain, words: tuple[str, ...]
) -> None:
    cut_off(shell, line, words, lambda: line.cut_at(SENT, after=1, delivered=True))

    shell.refuses(*words, status=3, saying=["waits to be mined"])
    goes_on(slow)

    assert shell.rows(*words, "--json")[0]["transaction"]
    assert shell.office.events("OrderRefunded") == 1


@given
def test_refund_isGivenOnceIfItWasKilledBeforeTheNodeGotIt(
    shell: Shell, words: tuple[str, ...]
) -> None:
    with crashing(Node, "try_batch", only=SENT):
        shell.run(*words)

    shell.rows(*words, "--json")

    assert shell.office.events("OrderRefunded") == 1


@given
def test_refund_isDueStillIfTheNodeCannotTellWhoSentIt(
    shell: Shell, line: Line, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    cut_off(shell, line, words, lambda: line.cut_at(SENT, delivered=True))
    eventually(lambda: shell.office.events("OrderRefunded") == 1)  # its block is none of the next
    really = Reading.request

    def forgets(self: Reading, method: str, *params: Any) -> Any:
        return None if method == "eth_getTransactionByHash" else really(self, method, *params)

    with monkeypatch.context() as broken:
        broken.setattr(Reading, "request", forgets)
        shell.refuses(*words, status=3, saying=["who sent"])
    shell.rows(*words, "--json")

    assert shell.office.events("OrderRefunded") == 1


@given
@pytest.mark.parametrize("said", ["header not found", "rate limit exceeded"])
def test_refund_isDueStillIfTheNodeFails(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    really = Node.call

    def fails(self: Node, method: str, *params: Any) -> Any:
        if method == "eth_estimateGas":
            raise NodeError({"code": -32000, "message": said})
        return really(self, method, *params)

    with monkeypatch.context() as broken:
        broken.setattr(Node, "call", fails)
        shell.refuses(*words, status=3, saying=[said])
    shell.rows(*words, "--json")

    assert shell.office.events("OrderRefunded") == 1
