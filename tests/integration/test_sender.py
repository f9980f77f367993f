"""The one sender of a key on a chain that mines when it is told to."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.chain import Chain
from counterfoil.dispatch import Dispatch, Errand
from counterfoil.errors import Unavailable
from counterfoil.fees import GWEI, Terms
from counterfoil.keys import Signer
from counterfoil.sender import Pending, Superseded
from counterfoil.turns import FileTurns, NoTurns
from tests.support.anvil import anvil
from tests.support.waiting import until

TERMS = Terms(stuck=0.3, patience=20)
ETHER = 10**18


@pytest.fixture(scope="module")
def idle_anvil() -> Iterator[Chain]:
    """An Anvil that mines nothing by itself."""
    with anvil("--no-mining") as chain:
        yield chain


@pytest.fixture
def still(idle_anvil: Chain) -> Iterator[Chain]:
    """It, as it was before the test, with nothing waiting."""
    snapshot = idle_anvil.request("evm_snapshot")
    idle_anvil.request("anvil_setNextBlockBaseFeePerGas", hex(GWEI))  # no snapshot keeps it
    yield idle_anvil
    idle_anvil.request("evm_setAutomine", False)
    idle_anvil.request("anvil_dropAllTransactions")
    idle_anvil.request("evm_revert", snapshot)


@pytest.fixture
def signer(still: Chain) -> Signer:
    made = Signer.generate()
    still.request("anvil_setBalance", made.address, hex(100 * ETHER))
    return made


def dispatch(chain: Chain, terms: Terms = TERMS) -> Dispatch:
    return Dispatch(chain.node, chain.chain_id, NoTurns(), terms)


def errand(signer: Signer, note: bytes = b"") -> Errand:
    return Errand(signer, signer.address, note, 50_000)


def fee(chain: Chain, pending: Pending) -> int:
    """What the newest version offers, as the chain has it."""
    found = chain.request("eth_getTransactionByHash", pending.hashes[-1])
    return int(found["maxFeePerGas"], 16)


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


def test_wait_replacesWhatIsStuckForAnEighthMore(still: Chain, signer: Signer) -> None:
    sending = dispatch(still)
    (pending,) = sending.submit([errand(signer)])
    first = fee(still, pending)
    still.request("anvil_setNextBlockBaseFeePerGas", hex(3 * first))  # too much for the first

    miner = mine_when(still, lambda: pending.fee.price > 3 * first)
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

    miner = mine_when(still, lambda: len(pending.hashes) > 1)
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


HOLDER = """
import sys, time
from pathlib import Path
from counterfoil.turns import FileTurns
turns = FileTurns(Path(sys.argv[1]))
turns.take(sys.argv[2], 10)
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path, signer: Signer) -> Iterator[subprocess.Popen[str]]:
    """Another process whose turn it is."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "turns"), signer.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_submit_waitsForTheProcessWhoseTurnItIs(
    still: Chain, signer: Signer, tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    turns = FileTurns(tmp_path / "turns")
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line)
        holder.kill()  # a lock ends with its process

    turns.say = hear
    sending = Dispatch(still.node, still.chain_id, turns, TERMS)
    (pending,) = sending.submit([errand(signer)])

    assert said == [
        f"Waiting for process {holder.pid}, which sends with the key of {signer.address}."
    ]
    sending.leave([pending])


def test_submit_givesUpAfterItsPatience(
    still: Chain, signer: Signer, tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    turns = FileTurns(tmp_path / "turns")
    sending = Dispatch(still.node, still.chain_id, turns, replace(TERMS, patience=0.2))

    with pytest.raises(Unavailable, match=f"Process {holder.pid} sends") as caught:
        sending.submit([errand(signer)])

    assert caught.value.code == "turn"


def test_turn_isGivenBackWhenNothingIsUnderWay(
    still: Chain, signer: Signer, tmp_path: Path
) -> None:
    mine = Dispatch(still.node, still.chain_id, FileTurns(tmp_path), TERMS)
    other = FileTurns(tmp_path)
    pendings = mine.submit([errand(signer)])

    with pytest.raises(Unavailable):
        other.take(signer.address, 0)
    still.request("evm_mine")
    mine.wait(pendings)
    other.take(signer.address, 0)
    other.give(signer.address)


def test_submit_keepsNoTurnIfItFails(still: Chain, tmp_path: Path) -> None:
    poor = Signer.generate()
    sending = Dispatch(still.node, still.chain_id, FileTurns(tmp_path), TERMS)

    with pytest.raises(Unavailable, match="ether"):
        sending.submit([errand(poor)])

    FileTurns(tmp_path).take(poor.address, 0)
