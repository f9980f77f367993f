"""What docs/operating.md tells people to type, typed; and that it names every reason there is."""

from __future__ import annotations

import re
from pathlib import Path

from counterfoil.artifacts import ROOT
from counterfoil.local.stack import stop
from counterfoil.state import State
from tests.support.readme import blocks, checked
from tests.support.shell_script import run

OPERATING = ROOT / "docs" / "operating.md"
ROOMS = ("tickets", "verifier", "ipfs")


def test_everyCommand_doesWhatItIsSaidToDo(tmp_path: Path) -> None:
    script = "".join(map(checked, blocks(OPERATING)))
    try:
        done = run(script, COUNTERFOIL_STATE=str(tmp_path))
    finally:
        stop(State(tmp_path))  # what a line before `counterfoil down` may have left running

    assert "Every block is where it has to be." in done.stderr
    assert "urgent" in done.stdout
    assert "Locked with a master key from: file" in done.stdout
    assert "The case is erased." in done.stdout
    assert re.search("0 case keys were restored", done.stdout)


def _codes() -> set[str]:
    """Every code that a part of the ticket desk may end with, as its source spells it."""
    files = [file for room in ROOMS for file in (ROOT / "counterfoil" / room).rglob("*.py")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return set(re.findall(r'code="([A-Za-z-]+)"', text))


def test_everyReason_isInTheTable() -> None:
    told = set(re.findall(r"`([A-Za-z-]+)`", OPERATING.read_text(encoding="utf-8")))

    assert len(_codes()) > 20
    assert _codes() - told == set()
