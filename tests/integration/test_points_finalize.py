"""Orders that were settled and left open, completed later."""

from __future__ import annotations

import pytest

from counterfoil.points.ledger import Mark
from tests.support.shell import Shell

pytestmark = pytest.mark.usefixtures("credited")


@pytest.fixture
def left_open(shell: Shell, credited: None) -> list[str]:
    """Signed orders: A and C are paid, B is not, and none is final."""
    lines = shell.office.three()
    shell.office.redeem(lines, finalize=False)
    return lines


def test_finalize_completesTheOrdersThatAreNamed(shell: Shell, left_open: list[str]) -> None:
    rows = shell.rows("points", "finalize", "A", "--json")

    assert [(row["status"], row["replayed"]) for row in rows] == [("final", False)]
    assert rows[0]["transaction"]
    assert shell.office.marks(left_open) == [Mark.FINALIZED, Mark.REJECTED, Mark.PAID]


def test_finalize_completesAllThatAreOpen(shell: Shell, left_open: list[str]) -> None:
    rows = shell.rows("points", "finalize", "--all", "--json")

    assert sorted(row["order_ref"] for row in rows) == ["A", "C"]
    assert shell.office.marks(left_open) == [Mark.FINALIZED, Mark.REJECTED, Mark.FINALIZED]
    assert shell.rows("points", "finalize", "--all", "--json") == []


@pytest.mark.usefixtures("left_open")
def test_finalize_answersTheSameASecondTime(shell: Shell) -> None:
    first = shell.rows("points", "finalize", "A", "C", "--json")
    block = shell.office.chain.block_number()

    second = shell.rows("points", "finalize", "A", "C", "--json")

    assert [row["transaction"] for row in second] == [row["transaction"] for row in first]
    assert [row["replayed"] for row in second] == [True, True]
    assert shell.office.chain.block_number() == block


@pytest.mark.usefixtures("left_open")
def test_finalize_refusesWhatWasNotPaid(shell: Shell) -> None:
    rows = shell.rows("points", "finalize", "B", "A", "X", "--json", status=1)

    assert [row["reason"] for row in rows] == ["not-paid", None, "not-paid"]


def test_finalize_leavesATerminalToItselfWhoseKeyIsElsewhere(
    shell: Shell, left_open: list[str]
) -> None:
    (shell.office.state.root / "keys" / "terminal-till-1").unlink()

    rows = shell.rows("points", "finalize", "--all", "--json", status=1)

    assert {row["order_ref"]: row["reason"] for row in rows} == {"A": "no-key", "C": None}
    assert shell.office.marks(left_open)[0] == Mark.PAID


@pytest.mark.usefixtures("left_open")
def test_finalize_saysThatAnOrderIsCancelled(shell: Shell) -> None:
    assert shell.run("points", "cancel", "A")[0] == 0

    (row,) = shell.rows("points", "finalize", "A", "--json")

    assert (row["status"], row["replayed"]) == ("final", True)
    assert row["transaction"]


@pytest.mark.parametrize("words", [[], ["A", "--all"]])
def test_finalize_needsOrdersOrAll(shell: Shell, words: list[str]) -> None:
    shell.refuses("points", "finalize", *words, status=2, saying=["--all"])
