"""The demo as a user runs it, interrupted, and told wrong expectations."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.demo import play as demo
from tests.support.processes import named

INTERRUPTED = 130
DEMO = [sys.executable, str(ROOT / "scripts" / "demo.py")]


@pytest.fixture(autouse=True)
def nothing_runs_after() -> Iterator[None]:
    """No node of the demo's folder outlives its run."""
    yield
    assert named(str(ROOT / "build" / "demo")) == []


def test_the_demo_runs_both_flows_and_everything_agrees() -> None:
    done = subprocess.run(DEMO, capture_output=True, text=True, timeout=240, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "harbour: 18 paid, 22 rejected, 8 invalid; 116100 points for 777.87 CNY" in done.stdout
    assert "summit: 18 paid, 12 rejected, 2 invalid; 124500 points for 492.98 CNY" in done.stdout
    assert "tickets: 32 minted, 12 duplicates, 6 invalid" in done.stdout
    assert done.stdout.rstrip().endswith("All 38 checks agree.")


def test_ctrl_c_ends_the_demo_in_one_line() -> None:
    with subprocess.Popen(
        DEMO, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "credits issued" in line:
                break
        os.kill(running.pid, signal.SIGINT)
        rest = running.stderr.read()

    assert running.returncode == INTERRUPTED
    assert rest.splitlines()[-1] == "counterfoil: interrupted"
    assert "Traceback" not in rest


def test_the_demo_fails_if_an_expectation_is_not_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = tmp_path / "examples"
    shutil.copytree(ROOT / "examples", examples)
    expected = examples / "summit" / "orders.expected.json"
    document = json.loads(expected.read_text(encoding="utf-8"))
    document["orders"][0]["points"] += 1
    expected.write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(demo, "EXAMPLES", examples)

    assert demo.play(tmp_path / "state") == 1

    out = capsys.readouterr().out
    assert "AMISS   summit: orders as expected: 31, expected 32" in out
    assert out.rstrip().endswith("1 of 38 checks are amiss.")
