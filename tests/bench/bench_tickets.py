"""``ticket open``: queries a second on Ganache, Kubo and two verifiers, each a process of its own,
and how well 10,000 queries give up their hidden duplicates. Six minutes on two cores.

The yardsticks are measured on the same nodes, half before and half after each round: files that the
desk's Kubo adds for four clients, and tickets that the chain mints in batches signed beforehand,
while nothing else is at work. The lower one is what ``open`` is held against.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from counterfoil import rollout
from counterfoil.attached import example_plan
from counterfoil.local import services
from counterfoil.local.stack import Stack, Wishes
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.opening import VERIFIERS
from counterfoil.tickets.queries import QueryFile
from tests.bench.figure import Figure
from tests.support.generated import generate, judged, write
from tests.support.ticket_load import adds_a_second, mints_a_second

QUERIES, HARD_QUERIES = 2_000, 10_000
ROUNDS = 5
FEW = 20
RAW = 500  # of each yardstick, before and after each round
SIZE = 2_800  # bytes of a case file in IPFS
CLIENTS = 4
TWO = VERIFIERS[:2]


def measure() -> Iterator[Figure]:
    """``open`` against its parts; then precision, recall, speed and memory on 10,000 queries."""
    with TemporaryDirectory() as folder, _stack(Path(folder) / "state") as state:
        _open_here(state, Path(folder), count=200, seed=1)  # nobody measures a cold start
        yield from _rounds(state, Path(folder))
        seconds, memory, rows = _open(state, Path(folder), HARD_QUERIES, seed=3)
        search = judged(generate(HARD_QUERIES, seed=3), rows)
        yield Figure("tickets_duplicates_precision", search.precision, "of those found", bar=1.0)
        yield Figure("tickets_duplicates_recall", search.recall, "of those hidden", bar=1.0)
        yield Figure("tickets_open_10000", HARD_QUERIES / seconds, "queries/s")
        yield Figure("tickets_open_10000_memory", memory, "MiB")


def _rounds(state: State, folder: Path) -> Iterator[Figure]:
    """The round whose ratio is the median: the machine isn't equally fast at all times."""
    yards, rounds = [_yardsticks(state)], []
    for number in range(ROUNDS):
        _open_here(state, folder, FEW, seed=100 + number)  # verifiers hear of the yardstick's
        rate = QUERIES / _open_here(state, folder, QUERIES, seed=10 + number)
        yards.append(_yardsticks(state))
        # A chain slows down as it grows: the mean is that of the seconds which each one takes.
        mean = {name: 2 / sum(1 / yard[name] for yard in yards[-2:]) for name in yards[0]}
        rounds.append((rate / min(mean.values()), rate, mean))
    _, rate, mean = sorted(rounds, key=itemgetter(0))[ROUNDS // 2]
    for name, value in mean.items():
        yield Figure(f"tickets_{name.partition(' ')[0]}", value, "a second")
    against = min(mean, key=lambda name: mean[name])
    yield Figure("tickets_open", rate, "queries/s", mean[against], against, bar=0.8)


@contextmanager
def _stack(folder: Path) -> Iterator[State]:
    state = State(folder)
    with Stack(state, names=TWO) as stack:
        running = stack.start(Wishes())
        with stack.verifiers():
            rollout.ensure(example_plan(), state, running.chain, lambda _line: None)
        yield state


def _yardsticks(state: State) -> dict[str, float]:
    with open_desk(state) as desk:
        signers = [state.signer(name) for name in TWO]
        return {
            "chain (batches signed beforehand)": mints_a_second(desk, signers, RAW),
            "kubo (adds, four clients)": adds_a_second(
                services.load(state).ipfs, RAW, SIZE, CLIENTS
            ),
        }


def _open_here(state: State, folder: Path, count: int, seed: int) -> float:
    """Seconds that opening so many new queries takes, without the start of Python."""
    file = write(folder / f"{seed}.jsonl", generate(count, seed, duplicates=False))
    now = datetime.now(UTC)
    began = time.monotonic()
    with open_desk(state) as desk:
        outcomes = {one.outcome for one in open_queries(desk, QueryFile(file, now=now), now=now)}
    seconds = time.monotonic() - began
    assert outcomes == {"minted"}
    return seconds


def _open(
    state: State, folder: Path, count: int, seed: int
) -> tuple[float, float, list[dict[str, object]]]:
    """Seconds and MiB that ``counterfoil ticket open`` takes for so many queries, duplicates among
    them, the start of Python too; and its rows."""
    file, out = write(folder / f"{seed}.jsonl", generate(count, seed)), folder / f"{seed}.out"
    words = ("-m", "counterfoil", "ticket", "open", str(file), "--state", str(state.root), "--json")
    with out.open("wb") as output:
        began = time.monotonic()
        process = subprocess.Popen([sys.executable, *words], stdout=output)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return seconds, used.ru_maxrss / 1024, [json.loads(line) for line in out.open()]
