"""Staff and verifiers come and go from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.cli.main import run
from counterfoil.tickets.opening import VERIFIERS
from tests.support.cases import queries_file, row
from tests.support.ticket_shell import Shell
from tests.support.ticket_stack import Stack


@pytest.fixture
def role(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(stack.folder, capsys, ("role",))


def _verifiers(role: Shell) -> list[str]:
    return [one["key"] for one in role("list").rows if one["role"] == "verifier"]


def test_grant_makesAColleagueStaff(
    stack: Stack, role: Shell, tickets: Shell, tmp_path: Path
) -> None:
    opened = tickets("open", queries_file(tmp_path, row(serial="R1", channel_ref="R1"))).row
    assert tickets("assign", opened["token_id"], "--to", "staff-2").status == 2

    address = role("key", "staff-2").row["address"]
    assert tickets("assign", opened["token_id"], "--to", "staff-2").status == 1  # not staff yet
    granted = role("grant", "resolver", "staff-2").row
    assert granted == {"role": "resolver", "address": address, "changed": True}
    assert role("grant", "resolver", address).row == granted | {"changed": False}

    assert tickets("assign", opened["token_id"], "--to", "staff-2").row["handler"] == address
    taken = tickets("take", opened["token_id"], "--as", "staff-2").row
    assert (taken["status"], taken["handler"]) == ("in-progress", address)
    role("revoke", "resolver", "staff-2")
    assert tickets("note", opened["token_id"], "--note", "x", "--as", "staff-2").status == 1


def test_revoke_isForGood(stack: Stack, role: Shell, tickets: Shell, tmp_path: Path) -> None:
    assert _verifiers(role) == list(VERIFIERS)
    assert role("revoke", "verifier", "verifier-2").row["changed"] is True
    stack.up()
    assert _verifiers(role) == ["verifier-1", "verifier-3"]

    opened = tickets("open", queries_file(tmp_path, row(serial="R2", channel_ref="R2")))
    assert opened.row["outcome"] == "minted"
    answer = role("revoke", "verifier", "verifier-3")
    assert "nothing can be minted" in answer.err
    more = queries_file(tmp_path, row(serial="R3", channel_ref="R3"))
    assert tickets("open", more).status == 3
    for name in ("verifier-2", "verifier-3"):
        assert role("grant", "verifier", name).row["changed"] is True
    assert tickets("open", more).row["outcome"] == "minted"


@pytest.mark.parametrize(
    ("words", "said"),
    [(("grant", "resolver", "nobody"), "role key"), (("grant", "king", "x"), "king")],
)
def test_role_saysWhatIsWrong(role: Shell, words: tuple[str, ...], said: str) -> None:
    answer = role(*words)

    assert (answer.status, answer.out) == (2, "")
    assert said in answer.err


def test_list_isATableToo(role: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert "supervisor" in role("list", as_json=False).out
    assert run(["role", "--help"]) == 0
