"""One process at a time sends with a key: the others wait for their turn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.chain import Chain
from counterfoil.dispatch import Dispatch
from counterfoil.errors import Unavailable
from counterfoil.keys import Signer
from counterfoil.turns import FileTurns
from tests.support.errands import TERMS, errand

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
