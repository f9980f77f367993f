"""What ``counterfoil ticket`` says to a person, above all when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from tests.support.cases import queries_file, row
from tests.support.ticket_shell import Shell

EXAMPLES = ROOT / "examples"


def test_tables_showWhatTheRowsSay(tickets: Shell, token_id: str) -> None:
    for words in (("show", token_id), ("history", token_id), ("list",)):
        answer = tickets(*words, as_json=False)
        assert answer.status == 0
        assert "open" in answer.out
    sheet = tickets("show", token_id, as_json=False).out
    assert "hashed again" in sheet
    assert "128.50 CNY" in sheet


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("show", "0x12"), 2, "64 hex digits"),
        (("show", "0x" + "00" * 32), 1, "no ticket"),
        (("history", "0x" + "00" * 32), 1, "no ticket"),
        (("close", "{}"), 1, "can't take the step close"),
        (("note", "{}"), 2, "--note"),
        (("note", "{}", "--note", ""), 2, "note"),
        (("take", "{}", "--as", "nobody"), 2, "nobody"),
        (("assign", "{}", "--to", "nobody"), 2, "--to"),
        (("assign", "{}", "--to", "0x" + "11" * 20), 1, "NotStaff"),
        (("attach", "{}", "/no/such/file"), 2, "/no/such/file"),
        (("priority", "{}", "soon"), 2, "soon"),
        (("open", "/no/such/file"), 2, "/no/such/file"),
    ],
)
def test_commands_sayInOneLineWhatIsWrong(
    tickets: Shell, token_id: str, words: tuple[str, ...], status: int, said: str
) -> None:
    answer = tickets(*(word.replace("{}", token_id) for word in words))

    assert answer.status == status
    assert said in answer.err
    assert answer.out == ""
    assert tickets("show", token_id).row["version"] == 1


def test_open_doesNothingIfTheFileIsMalformed(tickets: Shell, tmp_path: Path) -> None:
    file = queries_file(tmp_path, row(channel_ref="malformed", serial="M1"))
    file.write_text(file.read_text() + "{\n")
    before = len(tickets("list").rows)
    answer = tickets("open", file)

    assert (answer.status, answer.out) == (2, "")
    assert f"{file}:2" in answer.err
    assert len(tickets("list").rows) == before
