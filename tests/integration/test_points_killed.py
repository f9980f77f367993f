"""A command that is killed in the middle of a large file, and run again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from counterfoil.local import anvil, ports
from counterfoil.points.audit import audit
from tests.support.points_crowd import BANK, POINTS, Crowd, crowd
from tests.support.waiting import until

ROWS = 10_000
BAD = 50  # every so manieth row is no order
SEEN = 2_000  # answers after which the first run is killed


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Crowd]:
    """A bank on an Anvil of its own."""
    with crowd(anvil.recipe(None, ports.free(), tmp_path / "anvil.log")) as made:
        yield made


def file_of(bank: Crowd) -> Path:
    """Ten thousand rows, some of them bad, some of them twice."""
    rows = list(bank.rows(0, ROWS))
    for place in range(0, ROWS, BAD):
        rows[place] = json.dumps({"order_ref": f"B-{place}", "signature": 7})
    rows[ROWS - 1] = rows[1]
    file = bank.files / "signed.jsonl"
    file.write_text("".join(row + "\n" for row in rows), "utf-8")
    return file


def command(bank: Crowd, *words: str) -> list[str]:
    options = ["--json", "--state", str(bank.state.root), "--bank", BANK]
    return [sys.executable, "-m", "counterfoil", "points", *words, *options]


def answers_in(text: str) -> list[dict[str, Any]]:
    """The rows of an output; the last line may be cut off."""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def killed(bank: Crowd, file: Path) -> list[dict[str, Any]]:
    """The answers of a run that was killed in the middle."""
    out = bank.files / "first.jsonl"
    with out.open("wb") as stream:
        process = subprocess.Popen(command(bank, "redeem", str(file)), stdout=stream)
        until(lambda: out.read_bytes().count(b"\n") >= SEEN, 180)
        process.kill()
        process.wait()
    return answers_in(out.read_text("utf-8"))


def test_redeem_losesAndDoublesNothingIfItIsKilled(bank: Crowd) -> None:
    file = file_of(bank)
    seen = killed(bank, file)
    assert SEEN <= len(seen) < ROWS

    run = subprocess.run(command(bank, "redeem", str(file)), capture_output=True, text=True)
    answers = answers_in(run.stdout)

    assert run.returncode == 1, run.stderr
    assert len(answers) == ROWS
    good = ROWS - ROWS // BAD
    assert Counter(row["reason"] for row in answers) == {None: good, "bad-row": ROWS // BAD}
    assert answers[: len(seen)] == [row | {"replayed": row["status"] == "paid"} for row in seen]
    assert answers[-1] == answers[1] | {"order_ref": "O-1", "replayed": True}
    assert not answers[-2]["replayed"]
    ledger = bank.desk.ledger
    assert ledger.contract.call("totals").redeemed == (good - 1) * POINTS
    assert [check for check in audit(ledger) if not check.agrees] == []
    reconciled = subprocess.run(
        command(bank, "reconcile", "--older-than", "0"), capture_output=True, text=True
    )
    assert (reconciled.returncode, answers_in(reconciled.stdout)) == (0, [])
