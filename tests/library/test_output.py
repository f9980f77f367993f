"""What commands show: a bar for a person at a terminal, and for nobody else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from counterfoil.cli.main import told
from counterfoil.cli.output import Rows, counted, progress
from counterfoil.errors import BadInput


class Terminal(io.StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


def test_progress_isForATerminalOnly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress("Redeeming", 2) as move:
            assert list(counted("ab", move)) == ["a", "b"]

        assert ("Redeeming" in stream.getvalue()) == shown


@pytest.mark.parametrize(
    ("bad", "shown"),
    [
        ([], ["order ref  reason", "A          -"]),
        (
            [{"order_ref": "B", "reason": "bad-row", "detail": "line 3: no"}],
            ["order ref  reason   detail", "A          -", "B          bad-row  line 3: no"],
        ),
        (
            [{"order_ref": "C", "detail": "differs"}],
            ["order ref  reason  detail", "A          -", "C          -       differs"],
        ),
    ],
)
def test_rows_sayWhatIsWrongWhereSomethingIs(
    capsys: pytest.CaptureFixture[str], bad: list[dict[str, str]], shown: list[str]
) -> None:
    rows = Rows(("order_ref", "reason", "detail"), as_json=False)
    rows.add({"order_ref": "A", "reason": None, "detail": "Paid."})
    for row in bad:
        rows.add(row)
    rows.close()

    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == shown


def test_told_endsAScriptAsACommandEnds(capsys: pytest.CaptureFixture[str]) -> None:
    @told
    def main(bank: str) -> None:
        if bank != "harbour":
            raise BadInput("no such bank", field="bank")

    main("harbour")
    with pytest.raises(SystemExit) as caught:
        main("x")

    assert caught.value.code == 2
    assert capsys.readouterr().err == "counterfoil: bank: no such bank\n"


@pytest.mark.parametrize("where", ["here()", "Thread(target=here).start()"])
def test_fault_isToldWithoutItsWords(where: str) -> None:
    """Nobody foresaw it, and it quotes the row that it came from."""
    program = f"""
from threading import Thread
from counterfoil.cli import main

def here():
    try:
        raise KeyError("6222021234567894")
    except KeyError as error:
        raise ValueError("6222021234567894") from error

main.run = lambda _: {where}
main.main()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert "6222021234567894" not in ended.stderr + ended.stdout
    assert "a fault of its own: ValueError, out of a KeyError" in ended.stderr
    assert "in here" in ended.stderr
    assert ended.returncode == ("Thread" not in where)


@pytest.mark.parametrize(
    "command", ["--version", "ticket --help", "print('an answer')"], ids=["echo", "help", "print"]
)
@pytest.mark.parametrize(
    ("place", "reason"),
    [("/dev/full", "no space left on device"), ("pipe", "broken pipe")],
)
def test_answerThatNobodyGets_isToldInOneLine(command: str, place: str, reason: str) -> None:
    program = "from counterfoil.cli import main\n"
    if command.startswith("print"):  # it waits in a buffer until the command has ended
        program += f"main.cli.main = lambda *_, **__: {command}\n"
    program += "main.main()"

    with output_at(place) as stream:
        ended = subprocess.run(
            [sys.executable, "-c", program, *command.split()],
            stdout=stream,
            stderr=subprocess.PIPE,
            text=True,
        )

    assert ended.stderr == f"counterfoil: the answer can't be written: {reason}. Run again.\n"
    assert ended.returncode == 3


@contextmanager
def output_at(place: str) -> Iterator[IO[bytes]]:
    """What can't be written to: a device, or a pipe whose reader is gone."""
    if place != "pipe":
        with Path(place).open("wb") as stream:
            yield stream
        return
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stream:
        yield stream
