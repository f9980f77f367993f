"""``counterfoil up``, ``down`` and ``doctor`` as a user runs them, on the real programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from counterfoil import deployment
from counterfoil.artifacts import ROOT
from counterfoil.chain import Chain
from counterfoil.local import services
from counterfoil.local.stack import stop
from counterfoil.state import State
from counterfoil.tickets.opening import VERIFIERS
from tests.support.processes import named

COUNTERFOIL = str(Path(sys.executable).with_name("counterfoil"))
PARTS = ["Anvil", "Kubo", *(f"Kubo of {name}" for name in VERIFIERS), *VERIFIERS]
PARTS += ["bank-harbour", "bank-summit", "till-of-harbour", "till-of-summit"]
DEADLINE = 60  # seconds for anything here


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    """A new state folder, for which nothing runs any more when the test is over."""
    monkeypatch.delenv("IPFS_API", raising=False)
    monkeypatch.setenv("COUNTERFOIL_STATE", str(tmp_path / "state"))
    state = State(tmp_path / "state")
    yield state
    left = named(str(state.root))
    stop(state)
    assert not left, f"left running: {left}"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """A command that has ended."""
    return subprocess.run(
        [COUNTERFOIL, *words], capture_output=True, text=True, timeout=DEADLINE, check=False
    )


@contextmanager
def foreground(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A command that stays."""
    with subprocess.Popen(
        [COUNTERFOIL, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as command:
        try:
            yield command
        finally:
            command.terminate()


def wait_for(condition: Callable[[], bool], command: subprocess.Popen[str]) -> None:
    """Wait until this is so, as long as the command works."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert command.poll() is None, command.stderr and command.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.005)  # between two looks


def stands(state: State) -> bool:
    """Whether the contracts are deployed, the registry last."""
    found = deployment.find(state)
    return found is not None and found.registry is not None


def test_up_startsGoesOnAndEnds(state: State) -> None:
    first = json.loads(run("up", "--detach", "--chain", "anvil", "--json").stdout)
    again = run("up", "--detach", "--json")
    running = services.load(state)

    assert first["reused"] is False
    assert json.loads(again.stdout) == first | {"reused": True}
    assert "Anvil runs already" in again.stderr
    assert (first["chain"], first["ipfs"]) == (running.chain, running.ipfs)
    assert sorted(first["banks"]) == ["harbour", "summit"]
    chain = Chain.connect(first["chain"])
    assert all(chain.has_code(one) for one in (*first["banks"].values(), first["tickets"]))

    assert run("down").stdout == f"Ended {', '.join(PARTS)}.\n"
    third = json.loads(run("up", "--detach", "--json").stdout)
    assert third == first | {"reused": True}
    assert json.loads(run("down", "--json").stdout)["ended"] == PARTS


def test_up_goesOnWithTheFilesOfTheLastTime(state: State, tmp_path: Path) -> None:
    text = (ROOT / "examples" / "harbour" / "rules.toml").read_text(encoding="utf-8")
    rules = tmp_path / "acme.toml"
    rules.write_text(text.replace('"harbour"', '"acme"'), encoding="utf-8")
    first = run("up", "--detach", "--chain", "anvil", "--rules", str(rules), "--json")
    rules.write_text(rules.read_text().replace("minor_units = 67", "minor_units = 50"))
    assert run("rules", "publish", str(rules)).returncode == 0
    rules.unlink()

    again = run("up", "--detach", "--json")

    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == json.loads(first.stdout) | {"reused": True}
    assert list(json.loads(again.stdout)["banks"]) == ["acme"]
    live = json.loads(run("rules", "show", "--json").stdout)
    assert (live["version"], live["minor_units"]) == (2, 50)
    run("down")


def test_down_isFineIfNothingRuns(state: State) -> None:
    answer = run("down")

    assert (answer.returncode, answer.stdout) == (0, f"Nothing runs for {state.root}.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_endsAllIfInterruptedInTheForeground(state: State, number: int) -> None:
    with foreground("up", "--chain", "anvil") as command:
        wait_for(lambda: stands(state) and named(str(state.root)) != [], command)
        command.send_signal(number)
        _, said = command.communicate(timeout=DEADLINE)

    assert command.returncode in (0, 130), said  # 130 if the last lines were still to come
    assert "Traceback" not in said
    assert services.read(state).processes == ()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_endsAllIfInterruptedWhileItStarts(state: State, number: int) -> None:
    with foreground("up", "--chain", "ganache") as command:
        wait_for(lambda: services.read(state).processes != (), command)
        command.send_signal(number)
        _, said = command.communicate(timeout=DEADLINE)

    assert command.returncode == 130, said
    assert "Traceback" not in said
    assert services.read(state).processes == ()


def test_up_endsIfDownEndsItsParts(state: State) -> None:
    with foreground("up", "--chain", "anvil") as command:
        assert command.stderr is not None
        assert any(line == "Ctrl-C ends it.\n" for line in command.stderr)

        down = run("down")

        assert down.stdout == f"Ended {', '.join(PARTS)}.\n", down.stderr
        assert command.wait(DEADLINE) == 0, command.stderr.read()


def test_up_saysIfAPartEndsByItself(state: State) -> None:
    with foreground("up", "--chain", "anvil") as command:
        assert command.stderr is not None
        assert any(line == "Ctrl-C ends it.\n" for line in command.stderr)

        os.kill(services.load(state).processes[0].pid, signal.SIGKILL)

        assert command.wait(DEADLINE) == 3
        assert command.stderr.read().startswith("counterfoil: Anvil ended by itself")


def test_up_startsNothingIfAFileIsBad(state: State, tmp_path: Path) -> None:
    bad = tmp_path / "rules.toml"
    bad.write_text("bank = [", encoding="utf-8")

    answer = run("up", "--rules", str(bad))

    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert str(bad) in answer.stderr
    assert not state.root.exists()


def test_up_isOneLineIfNodeIsMissing(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    answer = run("up", "--detach")

    assert (answer.returncode, answer.stdout) == (3, "")
    assert answer.stderr == (
        "counterfoil: Node.js is missing. "
        "Install Node 20 or newer, on Debian: apt-get install nodejs npm\n"
    )


def test_doctor_isWellHere(state: State) -> None:
    answer = run("doctor", "--json")
    rows = [json.loads(line) for line in answer.stdout.splitlines()]

    assert answer.returncode == 0
    assert {"part", "found", "version", "fix", "needed"} == set(rows[0])
    assert all(row["found"] for row in rows if row["needed"])


def test_doctor_saysWhatIsMissing(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    answer = run("doctor")

    assert answer.returncode == 3
    assert (
        "\n    Install Node 20 or newer, on Debian: apt-get install nodejs npm\n" in answer.stdout
    )
