"""What a desk does when its parts fail in the middle: a node stops, a verifier lies, a chain is
started again or is another one, a disk is full. On the real programs."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.ipfs.address import store_at
from counterfoil.ipfs.cid import digest_in
from counterfoil.local.services import CHAIN, IPFS
from counterfoil.verifier.verify import VerifierNode
from tests.support.cases import queries_file, row
from tests.support.liars import Digresser, Liar, Naysayer, Nodder, lying
from tests.support.ticket_shell import Shell
from tests.support.ticket_stack import Stack

PUT, ATTEST, SEND = b"/block/put", b"/attestations", b"eth_sendRawTransaction"


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    """Two queries of the test's own, one with a file of two blocks."""
    (tmp_path / "slip").write_bytes(b"a slip " * 30_000)
    name = "".join(filter(str.isalnum, tmp_path.name))
    slip = [{"name": "slip", "path": "slip"}]
    return queries_file(
        tmp_path,
        row(channel_ref=f"{name}-1", serial=f"{name}1", attachments=slip),
        row(channel_ref=f"{name}-2", serial=f"{name}2"),
    )


def _minted(tickets: Shell, queries: Path) -> list[str]:
    """The ids of the two tickets that the file becomes now."""
    answer = tickets("open", queries)
    assert answer.status == 0, answer.err
    assert [one["outcome"] for one in answer.rows] == ["minted", "minted"]
    return [str(one["token_id"]) for one in answer.rows]


def _is_put_off(tickets: Shell, queries: Path, *said: str) -> None:
    """The file can't be opened now, which is said in one line, and no ticket is made."""
    before = tickets("list").rows
    answer = tickets("open", queries)
    assert (answer.status, answer.out) == (3, ""), answer.err
    assert answer.err.count("\n") == 1
    assert all(word in answer.err for word in said), answer.err
    assert tickets("list").rows == before


@pytest.mark.parametrize("count", [1, 2])
def test_open_goesOnAfterKuboStoppedInTheMiddle(
    stack: Stack, tickets: Shell, queries: Path, count: int
) -> None:
    with stack.wire(IPFS) as wire:
        wire.arm(PUT, lambda: stack.kill(IPFS), count=count)
        answer = tickets("open", queries)

        assert wire.sprung
        assert (answer.status, answer.out) == (3, "")
        assert "counterfoil up" in answer.err
    stack.up()
    _minted(tickets, queries)


def test_open_goesOnAfterAVerifierStoppedInTheMiddle(
    stack: Stack, tickets: Shell, queries: Path
) -> None:
    with stack.wire("verifier-3") as wire:
        wire.arm(ATTEST, lambda: stack.kill("verifier-3"), answered=True)

        _minted(tickets, queries)


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
def test_open_goesOnAfterTheChainStoppedInTheMiddle(
    stack: Stack, tickets: Shell, queries: Path, answered: bool
) -> None:
    with stack.wire(CHAIN) as wire:
        wire.arm(SEND, lambda: stack.kill(CHAIN), answered=answered)
        answer = tickets("open", queries)

        assert wire.sprung
        assert (answer.status, answer.out) == (3, ""), answer.err
    stack.up()
    _minted(tickets, queries)


def test_show_takesAMissingBlockFromAnotherNode(
    stack: Stack, tickets: Shell, queries: Path
) -> None:
    token_id, _ = _minted(tickets, queries)
    stack.settle()
    shown = tickets("show", token_id).row
    store = store_at(stack.part(IPFS).address)
    digests = [digest_in(shown["cid"])]
    digests += [bytes.fromhex(one[2:]) for one in shown["case"]["attachments"][0]["blocks"]]
    for digest in digests:
        store.delete(digest)

    assert tickets("show", token_id).row == shown
    assert tickets("doctor", "--repair").status == 0  # read it was, but not kept
    store.close()


@pytest.mark.parametrize("kind", [Liar, Nodder, Naysayer, Digresser])
def test_open_changesNothingIfOneVerifierLies(
    stack: Stack, tickets: Shell, queries: Path, kind: type[VerifierNode]
) -> None:
    with lying(stack, kind, "verifier-2"):
        _minted(tickets, queries)


@pytest.mark.parametrize("kind", [Liar, Nodder, Digresser])
def test_open_mintsNothingIfTwoVerifiersLie(
    stack: Stack, tickets: Shell, queries: Path, kind: type[VerifierNode]
) -> None:
    with lying(stack, kind, "verifier-1", "verifier-2"):
        _is_put_off(tickets, queries, "1 of 2 verifiers signed")
    _minted(tickets, queries)


def test_open_keepsNothingOfWhatTwoVerifiersRefuse(
    stack: Stack, tickets: Shell, queries: Path
) -> None:
    before = tickets("list").rows
    with lying(stack, Naysayer, "verifier-1", "verifier-3"):
        answer = tickets("open", queries)

    assert answer.status == 1
    assert [one["outcome"] for one in answer.rows] == ["refused", "refused"]
    assert {one["problems"][0]["field"] for one in answer.rows} == {"case"}
    assert tickets("list").rows == before
    stack.check()
    _minted(tickets, queries)


def test_chain_goesOnWhereItWasIfItIsStartedAgain(
    stack: Stack, tickets: Shell, queries: Path
) -> None:
    one, two = _minted(tickets, queries)
    tickets("take", one)
    shown, history = tickets("show", one).row, tickets("history", one).rows
    stack.kill(CHAIN)
    away = tickets("show", one)

    assert (away.status, away.out) == (3, "")
    assert "counterfoil up" in away.err
    stack.up()
    assert tickets("show", one).row == shown
    assert tickets("history", one).rows == history
    assert tickets("note", two, "--note", "it goes on").row["version"] == 2


def _limit(soft: int) -> Callable[[], None]:
    """For a process to be: no file of its may grow beyond so many bytes, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))


def test_open_goesOnAfterTheDiskOfTheJournalsWasFull(
    stack: Stack, tickets: Shell, queries: Path
) -> None:
    """Journal, vault and what is owed to the nodes are one database; it is cut off ever later."""
    with sqlite3.connect(stack.folder / "tickets.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    log = stack.folder / "tickets.db-wal"
    ended = []
    for room in (0, 5_000, 20_000, 40_000, 60_000):
        size = log.stat().st_size if log.exists() else 0
        limit = _limit(size + room)
        with stack.command("ticket", "open", queries, "--json", preexec_fn=limit) as command:
            _, said = command.communicate(timeout=180)
        ended.append(command.returncode)
        if command.returncode:
            assert command.returncode == 3
            assert "counterfoil: the database failed: " in said
            assert said.count("\n") == 1

    assert ended[0] == 3
    _minted(tickets, queries)


def test_open_goesOnAfterTheDiskOfKuboWasFull(stack: Stack, tickets: Shell, queries: Path) -> None:
    with stack.full(IPFS, 1_000):
        _is_put_off(tickets, queries, "the IPFS node at", "failed")
    with stack.full(IPFS, 100_000):  # a case file fits, a piece of the slip doesn't
        _is_put_off(tickets, queries, "the IPFS node at", "failed")
    _minted(tickets, queries)


def test_open_needsNoMoreThanTwoVerifiersWithRoomOnTheirDisks(
    stack: Stack, tickets: Shell, queries: Path
) -> None:
    with stack.full("verifier-1-ipfs", 1_000):
        _minted(tickets, queries)


def test_move_changesNothingIfTheDiskOfKuboIsFull(
    stack: Stack, tickets: Shell, queries: Path
) -> None:
    token_id, _ = _minted(tickets, queries)
    before = tickets("show", token_id).row
    with stack.full(IPFS, 1_000):
        answer = tickets("take", token_id)

    assert (answer.status, answer.out) == (3, "")
    assert tickets("show", token_id).row == before
    assert tickets("take", token_id).row["status"] == "in-progress"


def test_chain_isAnotherOneIfItsDataAreGone(
    stack: Stack, capsys: pytest.CaptureFixture[str], queries: Path
) -> None:
    """The last test: what was there before belongs to a registry that is no more."""
    tickets = Shell(stack.folder, capsys)
    _minted(tickets, queries)
    stack.kill(CHAIN)
    shutil.rmtree(stack.folder / "chain")
    former = json.loads((stack.folder / "deployment.json").read_text())["registry"]
    stack.up()
    now = json.loads((stack.folder / "deployment.json").read_text())["registry"]

    assert (now["address"], now["block_hash"]) != (former["address"], former["block_hash"])
    assert tickets("list").rows == []
    token_ids = _minted(tickets, queries)
    assert [one["token_id"] for one in tickets("list").rows] == token_ids
