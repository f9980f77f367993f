"""Turns on a PostgreSQL: one key, several processes, no folder in common."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from counterfoil.advisory import PostgresTurns
from counterfoil.errors import Unavailable
from tests.support.points_office import BANK, Office, order

ADDRESS, OTHER = "0x" + "11" * 20, "0x" + "22" * 20
SECONDS = 60
HOLDER = """
import sys, time
from counterfoil.advisory import PostgresTurns
turns = PostgresTurns(sys.argv[1])
turns.take(sys.argv[2], 10)
print("held", flush=True)
sys.stdin.readline()
turns.give(sys.argv[2])
print("given", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def holder(postgres_url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process whose turn it is, until it reads a line."""
    command = [sys.executable, "-c", HOLDER, postgres_url, ADDRESS]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_take_waitsForTheProcessWhoseTurnItIs(
    postgres_url: str, holder: subprocess.Popen[str]
) -> None:
    turns = PostgresTurns(postgres_url)
    said: list[str] = []

    def hear(line: str) -> None:
        said.append(line)
        holder.kill()  # a lock ends with its process

    turns.say = hear
    turns.take(ADDRESS, SECONDS)

    assert said == [f"Waiting for process {holder.pid}, which sends with the key of {ADDRESS}."]
    turns.give(ADDRESS)


def test_take_givesUpAfterItsPatience(postgres_url: str, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(Unavailable, match=f"Process {holder.pid} sends") as caught:
        PostgresTurns(postgres_url).take(ADDRESS, 0.2)

    assert caught.value.code == "turn"


def test_take_succeedsOnceTheTurnIsGivenBack(
    postgres_url: str, holder: subprocess.Popen[str]
) -> None:
    assert holder.stdin is not None and holder.stdout is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "given\n"

    PostgresTurns(postgres_url).take(ADDRESS, 0)


@pytest.mark.usefixtures("holder")
def test_take_waitsForNobodyWithAnotherKey(postgres_url: str) -> None:
    PostgresTurns(postgres_url).take(OTHER, 0)


def test_take_worksAgainAfterTheServerEndedTheSession(postgres_url: str) -> None:
    turns, another = PostgresTurns(postgres_url), PostgresTurns(postgres_url)
    turns.take(ADDRESS, 0)
    with psycopg.connect(postgres_url, autocommit=True) as link:
        link.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            [f"counterfoil {os.getpid()}"],
        )

    another.take(ADDRESS, SECONDS)  # the server let go of it
    turns.give(ADDRESS)
    with pytest.raises(Unavailable) as caught:
        turns.take(ADDRESS, 0)
    assert caught.value.code == "turn"
    another.give(ADDRESS)
    turns.take(ADDRESS, 0)


def test_take_isUnavailableWhileTheServerIsAway(postgres_url: str) -> None:
    turns = PostgresTurns(postgres_url.replace("postgresql://", "postgresql://nobody-"))

    with pytest.raises(Unavailable) as caught:
        turns.take(ADDRESS, SECONDS)

    assert caught.value.code == "database"


def test_redeem_paysOnceIfTwoMachinesRedeemTheSameFileAtOnce(
    office: Office, credited: None
) -> None:
    office.issue(*(office.credit(f"X-{n}", customer=f"X-{n}") for n in range(60)))
    rows = [order(f"X-{n}", customer=f"X-{n}", till=f"till-{1 + n % 2}") for n in range(60)]
    file = office.files / "signed.jsonl"
    file.write_text("\n".join(office.lines(*rows)), "utf-8")
    second = office.files / "second machine"
    shutil.copytree(office.state.root, second)

    runs = [redeeming(file, folder) for folder in (office.state.root, second)]
    ends = [run.communicate(timeout=SECONDS) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], [said for _, said in ends]
    one, other = ([json.loads(line) for line in out.splitlines()] for out, _ in ends)
    assert [paid(row) for row in one] == [paid(row) for row in other]
    assert len({row["order_id"] for row in one}) == 60
    assert office.events("OrderPaid") == 60
    assert {office.points(f"X-{n}") for n in range(60)} == {4500}


def redeeming(file: Path, state: Path) -> subprocess.Popen[str]:
    """The command, at work."""
    words = ("points", "redeem", str(file), "--json", "--bank", BANK, "--state", str(state))
    return subprocess.Popen(
        [sys.executable, "-m", "counterfoil", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def paid(row: dict[str, Any]) -> tuple[str, str, int]:
    """By which transaction an order was paid."""
    assert row["status"] == "paid"
    return row["order_ref"], row["transaction"], row["block"]
