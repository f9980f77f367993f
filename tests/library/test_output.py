"""Tables for people, in a terminal and in a pipe."""

from __future__ import annotations

import pytest

from counterfoil.cli.output import Rows


def test_a_row_in_a_pipe_is_never_folded(capsys: pytest.CaptureFixture[str]) -> None:
    rows = Rows(("token_id", "answer"), as_json=False)
    rows.add({"token_id": "0x" + "a" * 64, "answer": "b" * 200})
    rows.close()

    said = capsys.readouterr().out.splitlines()

    assert len(said) == 2
    assert said[1].split() == ["0x" + "a" * 64, "b" * 200]


def test_markup_in_a_value_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    rows = Rows(("note",), as_json=False)
    rows.add({"note": "[bold]not bold[/bold]"})
    rows.close()

    assert "[bold]not bold[/bold]" in capsys.readouterr().out
