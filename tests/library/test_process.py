"""Processes: what we start is ended, and only that."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from counterfoil.errors import Unavailable
from counterfoil.local import ports, process
from counterfoil.local.process import Running
from tests.support.processes import nothing_left

READY = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch();"
SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + READY + SLEEP
PARENT = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]);" + READY + SLEEP
)


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """Every test ends what it starts."""
    with nothing_left():
        yield


def start(folder: Path, program: str, nice: int = 0) -> Running:
    """A Python program that touches ``ready`` in its folder, if it does, before we go on."""
    ready = folder / "ready"
    command = [sys.executable, "-c", program, str(ready)]
    running = process.spawn(command, log=folder / "logs" / "child.log", nice=nice)
    if READY in program:
        process.wait_until(ready.exists, running, name="child", log=folder / "log", deadline=20)
    return running


def test_spawn_givesASessionOfItsOwn(tmp_path: Path) -> None:
    running = start(tmp_path, READY + SLEEP)
    try:
        assert os.getsid(running.pid) == running.pid
    finally:
        process.stop(running)


def test_spawn_letsOthersGoFirstIfAsked(tmp_path: Path) -> None:
    running = start(tmp_path, READY + SLEEP, nice=7)
    group = Path(f"/proc/{running.pid}/autogroup")
    try:
        assert os.getpriority(os.PRIO_PROCESS, running.pid) == 7
        assert not group.exists() or group.read_text().split()[1:] in ([], ["nice", "7"])
    finally:
        process.stop(running)


def test_spawn_keepsTheFormerLogAside(tmp_path: Path) -> None:
    for word in ("first", "second"):
        process.stop(running := start(tmp_path, f"print({word!r}, flush=True);" + READY + SLEEP))
        assert not process.is_running(running)
        (tmp_path / "ready").unlink()

    assert (tmp_path / "logs" / "child.log").read_text().strip() == "second"
    assert (tmp_path / "logs" / "child.log.1").read_text().strip() == "first"


def test_stop_endsAndWaits(tmp_path: Path) -> None:
    running = start(tmp_path, READY + SLEEP)

    process.stop(running)

    assert not psutil.pid_exists(running.pid)


def test_stop_killsIfItDoesNotListen(tmp_path: Path) -> None:
    running = start(tmp_path, STUBBORN)

    process.stop(running, grace=0.2)

    assert not process.is_running(running)


def test_stop_endsChildrenToo(tmp_path: Path) -> None:
    running = start(tmp_path, PARENT)
    (child,) = psutil.Process(running.pid).children()

    process.stop(running)

    assert not child.is_running()


def test_stop_leavesAloneIfTheNumberIsAnothersNow(tmp_path: Path) -> None:
    running = start(tmp_path, READY + SLEEP)
    former = Running(running.pid, "another start")
    try:
        process.stop(former)

        assert not process.is_running(former)
        assert process.is_running(running)
    finally:
        process.stop(running)


def test_stop_isFineIfItHasEnded(tmp_path: Path) -> None:
    running = start(tmp_path, READY + SLEEP)
    process.stop(running)

    process.stop(running)


def test_isRunning_isFalseForAZombie(tmp_path: Path) -> None:
    running = start(tmp_path, READY + SLEEP)
    os.kill(running.pid, signal.SIGKILL)
    os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)

    assert not process.is_running(running)

    process.stop(running)


def test_listens_saysWhoHasThePort(tmp_path: Path) -> None:
    port = ports.free()
    server = f"import socket; s = socket.create_server(('127.0.0.1', {port}));"
    running = start(tmp_path, server + READY + SLEEP)
    try:
        assert process.listens(running, port)
        assert not process.listens(running, ports.free())
        assert not process.listens(Running(os.getpid(), "another start"), port)
    finally:
        process.stop(running)


def test_waitUntil_saysWhatTheLogSaysIfItEnds(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    running = start(tmp_path, "raise SystemExit('Error: no room')")

    with pytest.raises(Unavailable) as caught:
        process.wait_until(lambda: False, running, name="Child", log=log, deadline=20)

    process.stop(running)
    assert caught.value.line() == f"Child ended at once: Error: no room. Its log: {log}"


def test_waitUntil_givesUpAtTheDeadline(tmp_path: Path) -> None:
    running = start(tmp_path, READY + SLEEP)
    try:
        with pytest.raises(Unavailable, match=r"Child didn't answer within 0\.1 s\."):
            process.wait_until(
                lambda: False, running, name="Child", log=tmp_path / "x", deadline=0.1
            )
    finally:
        process.stop(running)


def test_firstToEnd_saysWhich(tmp_path: Path) -> None:
    other = start(tmp_path, READY + SLEEP)
    short = start(tmp_path, "pass")
    try:
        assert process.first_to_end([other, short]) == short
    finally:
        process.stop(other, short)


def test_uninterrupted_holdsCtrlCBackUntilTheEnd() -> None:
    reached = False

    with pytest.raises(KeyboardInterrupt), process.uninterrupted():
        signal.raise_signal(signal.SIGINT)
        reached = True

    assert reached


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_endsLikeInterrupt_raisesKeyboardInterrupt(number: int) -> None:
    former = signal.getsignal(number)

    with pytest.raises(KeyboardInterrupt), process.ends_like_interrupt():
        signal.raise_signal(number)

    assert signal.getsignal(number) == former
