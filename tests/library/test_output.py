"""What commands show: a bar for a person at a terminal, and for nobody else."""

from __future__ import annotations

import io
import sys

import pytest

from counterfoil.cli.output import progress


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
            move(1)
            move(1)

        assert ("Redeeming" in stream.getvalue()) == shown
