"""``counterfoil ticket …`` inside the test's own process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from counterfoil.cli.main import run


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> dict[str, Any]:
        """Its one JSON line, of a command that did all that it was told."""
        assert self.status == 0, self.err
        (row,) = self.rows
        return row


@dataclass(frozen=True)
class Shell:
    """Commands on one state folder."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    words: tuple[str, ...] = ("ticket",)

    def __call__(self, *words: str | Path, as_json: bool = True) -> Answer:
        self.capsys.readouterr()
        options = ["--state", str(self.folder), *(["--json"] if as_json else [])]
        status = run([*self.words, *map(str, words), *options])
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        return Answer(status, said.out, said.err)
