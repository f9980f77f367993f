"""The one sender of a key on a chain that mines when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from counterfoil.chain import Chain
from counterfoil.dispatch import Dispatch
from counterfoil.errors import Unavailable
from counterfoil.fees import GWEI
from counterfoil.keys import Signer
from counterfoil.node import Call, Node
from counterfoil.sender import Pending, Superseded
from counterfoil.turns import NoTurns
from tests.support.crash import overtaken
from tests.support.errands import TERMS, dispatch, errand
from tests.support.waiting import until


def fee(chain: Chain, pending: Pending) -> int:
    """What the newest version offers, as the chain has it."""
    found = chain.request("eth_getTransactionByHash", pending.hashes[-1])
    return int(found["maxFeePerGas"], 16)


def reached(chain: Chain, pending: Pending) -> bool:
    """The chain has the newest version."""
    return chain.request("eth_getTransactionByHash", pending.hashes[-1]) is not None


def mine_when(chain: Chain, ready: object) -> threading.Thread:
    """Mine a block as soon as ``ready()``."""

    def wait() -> None:
        until(ready)  # type: ignore[arg-type]  # a callable
        chain.request("evm_mine")

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_submit_numbersWhatIsUnderWayAtOnce(still: Chain, signer: Signer) -> None:
    sending = dispatch(still)
    pendings = sending.submit([errand(signer, b"a"), errand(signer, b"b")])
    pendings += sending.submit([errand(signer, b"c")])

    still.request("evm_mine")
    receipts = sending.wait(pendings)

    assert [one.nonce for one in pendings] == [0, 1, 2]
    assert [int(receipt["transactionIndex"], 16) for receipt in receipts] == [0, 1, 2]


def test_submit_countsRightFromManyThreads(still: Chain, signer: Signer) -> None:
    still.request("evm_setAutomine", True)
    sending = dispatch(still)

    def one(number: int) -> None:
        sending.wait(sending.submit([errand(signer, bytes([number]))]))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(40)))

    assert int(still.request("eth_getTransactionCount", signer.address, "latest"), 16) == 40


def test_submit_sendsAKeysNextWhenTheNodeHasAnswered(still: Chain, signer: Signer) -> None:
    """Ganache, for one, answers when it has mined, and loses what comes meanwhile."""
    seen: list[int] = []
    inside, second = threading.Semaphore(0), threading.Event()

    class Slow(Node):
        def try_batch(self, calls: Sequence[Call]) -> list[Any]:
            if "eth_sendRawTransaction" not in [method for method, _ in calls]:
                return super().try_batch(calls)
            seen.append(len(seen))
            second.set() if len(seen) > 1 else inside.release()
            assert seen != [0] or not second.wait(0.3), "two at a time"
            return super().try_batch(calls)

    sending = Dispatch(Slow(still.url, 20), still.chain_id, NoTurns(), TERMS)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(sending.submit, [errand(signer, b"a")])
        inside.acquire()
        pendings = [*threads.submit(sending.submit, [errand(signer, b"b")]).result()]
        pendings = [*first.result(), *pendings]
    still.request("evm_mine")

    assert [one.nonce for one in pendings] == [0, 1]
    assert len(sending.wait(pendings)) == 2


def test_wait_replacesWhatIsStuckForAnEighthMore(still: Chain, signer: Signer) -> None:
    sending = dispatch(still)
    (pending,) = sending.submit([errand(signer)])
    first = fee(still, pending)
    still.request("anvil_setNextBlockBaseFeePerGas", hex(3 * first))  # too much for the first

    miner = mine_when(still, lambda: pending.fee.price > 3 * first and reached(still, pending))
    (receipt,) = sending.wait([pending])
    miner.join()

    assert len(pending.hashes) > 1
    assert receipt["status"] == "0x1"
    assert receipt["transactionHash"] in pending.hashes[1:]
    assert int(receipt["effectiveGasPrice"], 16) >= first * 9 / 8


def test_wait_isUnavailableAtTheCapAndSafeToRunAgain(still: Chain, signer: Signer) -> None:
    sending = dispatch(still, replace(TERMS, stuck=0.1, cap=3 * GWEI))
    pendings = sending.submit([errand(signer)])

    with pytest.raises(Unavailable, match="the cap is 3") as caught:
        sending.wait(pendings)

    assert caught.value.code == "fee-cap"
    still.request("evm_mine")
    assert still.request("eth_getTransactionReceipt", pendings[0].hashes[-1])["status"] == "0x1"


def test_wait_sendsAgainWhatTheNodeDropped(still: Chain, signer: Signer) -> None:
    sending = dispatch(still)
    (pending,) = sending.submit([errand(signer)])
    still.request("anvil_dropTransaction", pending.hashes[0])

    def sent_again() -> bool:
        asked = still.request("eth_getTransactionByHash", pending.hashes[-1])
        return len(pending.hashes) > 1 and asked is not None

    miner = mine_when(still, sent_again)
    (receipt,) = sending.wait([pending])
    miner.join()

    assert receipt["status"] == "0x1"


def test_wait_saysIfAnotherTransactionTookTheNumber(still: Chain, signer: Signer) -> None:
    ours, theirs = dispatch(still), dispatch(still, replace(TERMS, tip=9 * GWEI))
    (pending,) = ours.submit([errand(signer, b"ours")])
    still.request("anvil_dropTransaction", pending.hashes[0])
    (other,) = theirs.submit([errand(signer, b"theirs")])
    still.request("evm_mine")

    assert other.nonce == pending.nonce
    assert theirs.wait([other])[0]["status"] == "0x1"
    with pytest.raises(Superseded, match="took number"):
        ours.wait([pending])


def test_submit_replacesWhatAnEarlierProcessLeftBehind(still: Chain, signer: Signer) -> None:
    earlier, later = dispatch(still), dispatch(still)
    (left,) = earlier.submit([errand(signer, b"left behind")])

    (pending,) = later.submit([errand(signer, b"now")])
    still.request("evm_mine")

    assert pending.nonce == left.nonce
    assert later.wait([pending])[0]["status"] == "0x1"
    assert still.request("eth_getTransactionReceipt", left.hashes[0]) is None


def test_submit_goesOnBehindWhatAnEarlierProcessLeftIfThatIsMined(
    still: Chain, signer: Signer
) -> None:
    earlier, later = dispatch(still), dispatch(still, replace(TERMS, stuck=20))
    (left,) = earlier.submit([errand(signer)])
    threading.Timer(0.3, still.request, ["evm_mine"]).start()

    (pending,) = later.submit([errand(signer)])

    assert pending.nonce == left.nonce + 1


def test_submit_tellsEachHashBeforeTheNodeGetsIt(still: Chain, signer: Signer) -> None:
    told: list[str] = []

    def hear(name: str) -> None:
        assert still.request("eth_getTransactionByHash", name) is None
        told.append(name)

    sending = dispatch(still)
    (pending,) = sending.submit([replace(errand(signer), told=hear)])
    assert told == pending.hashes
    miner = mine_when(still, lambda: len(pending.hashes) > 1 and reached(still, pending))
    sending.wait([pending])
    miner.join()

    assert told == pending.hashes


@pytest.mark.parametrize("told", [True, False])
def test_submit_numbersNothingAnewThatSomebodyHeardOf(
    still: Chain, signer: Signer, told: bool
) -> None:
    ours = dispatch(still)
    asked = replace(errand(signer, b"ours"), told=(lambda _: None) if told else None)

    def past_us() -> None:
        dispatch(still).submit([errand(signer, b"past us")])
        still.request("evm_mine")

    with overtaken(Dispatch, "_send", past_us):
        if told:
            with pytest.raises(Superseded, match="took number 0"):
                ours.submit([asked])
        else:
            assert ours.submit([asked])[0].nonce == 1
    assert ours.submit([asked])[0].nonce == (1 if told else 2)


def test_submit_saysIfThereIsNoEther(still: Chain) -> None:
    with pytest.raises(Unavailable, match="too little ether") as caught:
        dispatch(still).submit([errand(Signer.generate())])

    assert caught.value.code == "ether"


def test_wait_countsBlocksOnTop(still: Chain, signer: Signer) -> None:
    sending = dispatch(still, replace(TERMS, confirmations=2, stuck=60))
    pendings = sending.submit([errand(signer)])
    still.request("evm_mine")
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(Unavailable, match="Stopped"):
        sending.wait(pendings, stop)

    still.request("anvil_mine", "0x2")
    assert sending.wait(pendings)[0]["status"] == "0x1"


def test_wait_followsATransactionThroughAReorganization(still: Chain, signer: Signer) -> None:
    sending = dispatch(still, replace(TERMS, confirmations=1, stuck=60))
    (pending,) = sending.submit([errand(signer)])
    before = still.request("evm_snapshot")
    still.request("evm_mine")
    mined = still.request("eth_getTransactionReceipt", pending.hashes[0])
    still.request("evm_revert", before)
    still.request("anvil_dropAllTransactions")
    raw = "0x" + signer_raw(pending)
    still.request("anvil_mine", "0x1")
    still.request("eth_sendRawTransaction", raw)
    still.request("anvil_mine", "0x3")

    (receipt,) = sending.wait([pending])

    assert receipt["blockHash"] != mined["blockHash"]


def signer_raw(pending: Pending) -> str:
    """The transaction itself, for a node that forgot it."""
    return pending.sender.signed(pending).hex()
