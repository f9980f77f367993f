"""What a test may not leave behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.support.waiting import until


def named(word: str) -> list[psutil.Process]:
    """The processes on whose command line this word stands."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and any(word in one for one in words):
            found.append(process)
    return found


def hang(pid: int) -> None:
    """Stop a process where it stands. Its threads go on for a moment after the signal."""
    process = psutil.Process(pid)
    process.send_signal(signal.SIGSTOP)
    until(lambda: process.status() == psutil.STATUS_STOPPED)


@contextmanager
def hung(port: int) -> Iterator[None]:
    """Whatever of ours listens on this port hangs for the length of a block."""
    pid = next(
        one.pid
        for one in psutil.Process().children(recursive=True)
        if any(link.laddr.port == port for link in one.connections("tcp") if not link.raddr)
    )
    hang(pid)
    try:
        yield
    finally:
        psutil.Process(pid).send_signal(signal.SIGCONT)


@contextmanager
def nothing_left() -> Iterator[None]:
    """The block ends with no child of ours that was not there before, zombies included."""
    before = set(psutil.Process().children(recursive=True))
    yield
    left = set(psutil.Process().children(recursive=True)) - before
    assert not left, f"left running: {left}"
