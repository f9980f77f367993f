"""Processes that we start and end again, and never anyone else's.

A process is known by its number and by when it began, because numbers are used again. What is
started gets a session of its own, so that a Ctrl-C in the terminal reaches us and not it: we end
it, in our order.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

from counterfoil.errors import Unavailable
from counterfoil.local.nice import let_others_first, nicely

GRACE = 8.0  # seconds between "please end" and "end"
_POLL = 0.02  # seconds between two looks at a condition
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Running:
    """A process as it is recorded: its number, and when it began."""

    pid: int
    began: str


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    chatty: bool = False,
    nice: int = 0,
) -> Running:
    """Start ``command`` (an absolute path and its arguments) in a session of its own.

    What it says goes to ``log``, whose former content moves to ``log`` + ``.1``; of a ``chatty``
    one only what it says on stderr. ``nice``: 0 to 19, how far it lets others go first.
    """
    command = nicely(command, nice)
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    heard = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawn(
        command[0],
        list(command),
        {**os.environ, **(environment or {})},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull if chatty else str(log), heard, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, str(log), heard, 0o600),
        ],
        setsid=True,
        setsigdef=[*_SIGNALS, signal.SIGPIPE],  # Python ignores SIGPIPE; a child should not
    )
    if nice:
        let_others_first(pid, nice)
    return Running(pid, _began(pid))


def is_running(process: Running) -> bool:
    """Whether that very process still works."""
    found = _find(process)
    try:
        return found is not None and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def listens(process: Running, port: int) -> bool:
    """Whether that very process has this TCP port open."""
    found = _find(process)
    try:
        return found is not None and any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for connection in found.connections("tcp")
        )
    except psutil.Error:  # it ended, or ends, while we look
        return False


def stop(*processes: Running, grace: float = GRACE) -> None:
    """End these processes and their children: asked first, made to after ``grace`` seconds.

    One that has ended is left alone, and so is a stranger that has its number now.

    Raises:
        Unavailable: one of them can't be ended.
    """
    with uninterrupted():
        found = [one for process in processes if (one := _find(process)) is not None]
        family = [*found, *(child for one in found for child in _children(one))]
        _signal(family, signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=grace)
        _signal(alive, signal.SIGKILL)
        _, alive = psutil.wait_procs(alive, timeout=grace)
    if alive:
        numbers = ", ".join(str(one.pid) for one in alive)
        raise Unavailable(f"Process {numbers} doesn't end.", fix=f"Look at it: `ps {numbers}`.")


def first_to_end(processes: Sequence[Running]) -> Running:
    """Wait until one of these processes has ended, and say which."""
    while True:
        for process in processes:
            if not is_running(process):
                return process
        psutil.wait_procs([one for p in processes if (one := _find(p))][:1], timeout=0.5)


def wait_until(
    answers: Callable[[], bool], process: Running, *, name: str, log: Path, deadline: float
) -> None:
    """Wait until a process that was just started does its work.

    Args:
        answers: whether it does.
        deadline: seconds.

    Raises:
        Unavailable: it ended, or doesn't answer in time; with the gist of its log.
    """
    end = time.monotonic() + deadline
    while not answers():
        if not is_running(process):
            raise Unavailable(f"{name} ended at once{last_words(log)}.", fix=f"Its log: {log}")
        if time.monotonic() > end:
            raise Unavailable(
                f"{name} didn't answer within {deadline:g} s{last_words(log)}.",
                fix=f"Its log: {log}",
            )
        time.sleep(_POLL)


def last_words(log: Path) -> str:
    """The last telling line of a log as ``: …``, or nothing."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    telling = [line.strip() for line in lines if line.strip() and not _is_trace(line)]
    said = next((line for line in reversed(telling) if "error" in line.lower()), "")
    return f": {(said or telling[-1])[:200].rstrip('.')}" if telling else ""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until the block is done.

    By Python's handlers and not by a signal mask, because a mask is one thread's and the signal
    may come in through another.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Python handles signals in the main thread only: nothing can come in here
        return
    held: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        held.append(number)

    former = {number: signal.signal(number, hold) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if held:
            signal.raise_signal(held[0])


@contextmanager
def ends_like_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise KeyboardInterrupt too, so that what was started is ended."""
    former = {
        number: signal.signal(number, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _find(process: Running) -> psutil.Process | None:
    try:
        found = psutil.Process(process.pid)
        return found if _began(process.pid) == process.began else None
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return None


def _began(pid: int) -> str:
    """When a process began, told so that setting the clock doesn't change it where that goes.

    Linux counts ticks since boot: field 22 of proc_pid_stat(5), after the name in brackets.
    """
    if not _BOOT.exists():
        return repr(psutil.Process(pid).create_time())
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return f"{_BOOT.read_text(encoding='ascii').strip()}:{fields[19]}"


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        children: list[psutil.Process] = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return children


def _signal(processes: Sequence[psutil.Process], number: int) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue  # it was quicker


def _is_trace(line: str) -> bool:
    return line.lstrip().startswith(("at ", "goroutine ", "Node.js v"))
