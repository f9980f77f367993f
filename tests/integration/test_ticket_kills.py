"""Killed from outside at any step, `ticket open` leaves nothing that a second run doesn't mend: one
ticket for each query, no block too many, nothing lost. So does what staff do with a ticket."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from counterfoil.local.services import CHAIN, IPFS
from tests.support.cases import queries_file, row
from tests.support.ticket_shell import Shell
from tests.support.ticket_stack import Stack

ROUNDS = 4
LONGEST = 180  # seconds for one command, on a machine that has much else to do
PUT, ATTEST, SEND = b"/block/put", b"/attestations", b"eth_sendRawTransaction"
DROP = b"/block/rm"


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    """Four queries of the test's own, three of them different, one with a file of two blocks."""
    (tmp_path / "slip").write_bytes(b"a slip " * 30_000)
    name = "".join(filter(str.isalnum, tmp_path.name))
    slip = [{"name": "slip", "path": "slip"}]
    rows = [
        row(channel_ref=f"{name}-1", serial=f"{name}1", attachments=slip),
        row(channel_ref=f"{name}-2", serial=f"{name}2"),
        row(channel="branch", channel_ref=f"{name}-3", serial=f"{name}3"),
        row(channel="branch", channel_ref=f"{name}-4", serial=f"{name}1"),
    ]
    return queries_file(tmp_path, *rows)


def _opened(tickets: Shell, queries: Path, before: int) -> None:
    """A second run ends as the first one should have, and so does a third."""
    again = tickets("open", queries)
    assert again.status == 0, again.err
    assert [one["outcome"] for one in again.rows] == ["minted", "minted", "minted", "duplicate"]
    assert again.rows[3]["token_id"] == again.rows[0]["token_id"]
    assert len(tickets("list").rows) == before + 3
    assert tickets("show", again.rows[0]["token_id"]).row["verified"] is True
    assert tickets("history", again.rows[0]["token_id"]).rows[0]["action"] == "open"
    assert tickets("open", queries).rows == [one | {"replayed": True} for one in again.rows]


def _killed(
    stack: Stack, role: str, request_: bytes, count: int, answered: bool, *words: str | Path
) -> None:
    """Run a command that is killed at its ``count``-th request of a kind to one part."""
    victims: list[subprocess.Popen[str]] = []
    with stack.wire(role) as wire:
        wire.arm(request_, lambda: victims[0].kill(), count=count, answered=answered)
        victims.append(stack.command("ticket", *words))
        victims[0].communicate(timeout=LONGEST)

        assert wire.sprung
        assert victims[0].returncode == -signal.SIGKILL


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("role", "request_", "count"),
    [
        (IPFS, PUT, 1),  # a piece of an attachment
        (IPFS, PUT, 2),  # case files
        ("verifier-2", ATTEST, 1),
        (CHAIN, SEND, 1),  # the first channel's tickets
        (CHAIN, SEND, 2),  # the second channel's
        (CHAIN, SEND, 3),  # the mark of the duplicate
    ],
)
def test_open_isMendedByRunningAgainIfKilled(
    stack: Stack,
    tickets: Shell,
    queries: Path,
    role: str,
    request_: bytes,
    count: int,
    answered: bool,
) -> None:
    before = len(tickets("list").rows)
    _killed(stack, role, request_, count, answered, "open", queries)
    _opened(tickets, queries, before)


def test_open_isMendedByRunningAgainHoweverOftenItIsKilled(
    stack: Stack, tickets: Shell, queries: Path
) -> None:
    """At times that nobody chose; each run goes on from where the last one was cut off."""
    before, chance = len(tickets("list").rows), random.Random()
    began = time.monotonic()
    stack.command("ticket", "list").communicate(timeout=LONGEST)
    starting = time.monotonic() - began
    for _ in range(ROUNDS):
        with stack.command("ticket", "open", queries) as victim:
            try:
                victim.communicate(timeout=starting * chance.uniform(0.5, 1.5))
            except subprocess.TimeoutExpired:
                victim.kill()
            assert victim.wait() in (0, -signal.SIGKILL)
    _opened(tickets, queries, before)


@pytest.fixture
def token_id(tickets: Shell, queries: Path) -> str:
    """A ticket of the test's own, with a file of two blocks."""
    return str(tickets("open", queries).rows[0]["token_id"])


@pytest.mark.parametrize(
    ("role", "request_", "count", "answered"),
    [
        (IPFS, PUT, 1, True),  # the file
        (CHAIN, SEND, 1, False),
        (CHAIN, SEND, 1, True),
    ],
)
def test_attach_isDoneOrNotIfKilled(
    stack: Stack,
    tickets: Shell,
    token_id: str,
    tmp_path: Path,
    role: str,
    request_: bytes,
    count: int,
    answered: bool,
) -> None:
    tickets("take", token_id)
    _killed(stack, role, request_, count, answered, "attach", token_id, tmp_path / "slip")

    shown = tickets("show", token_id).row
    done = request_ == SEND and answered
    assert (shown["version"], len(shown["case"]["attachments"])) == ((3, 2) if done else (2, 1))
    assert shown["verified"] is True
    after = tickets("note", token_id, "--note", "and on").row
    assert after["version"] == shown["version"] + 1
    assert tickets("history", token_id).rows[-1]["action"] == "note"


@pytest.mark.parametrize(
    ("role", "request_", "count", "answered"),
    [
        (CHAIN, SEND, 1, True),  # asked for on chain
        (IPFS, DROP, 2, True),  # a file half gone
        (IPFS, DROP, 3, False),  # the key is gone, the versions aren't
        (CHAIN, SEND, 2, False),
        (CHAIN, SEND, 2, True),
    ],
)
def test_erase_goesOnIfKilled(
    stack: Stack,
    tickets: Shell,
    token_id: str,
    role: str,
    request_: bytes,
    count: int,
    answered: bool,
) -> None:
    _killed(stack, role, request_, count, answered, "erase", token_id)

    tickets("erase", token_id)
    shown = tickets("show", token_id).row
    assert (shown["status"], shown["case"]) == ("erased", None)
    assert [one["action"] for one in tickets("history", token_id).rows[-2:]] == [
        "request-erasure",
        "erase",
    ]
