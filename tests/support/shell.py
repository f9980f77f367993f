"""A user at the shell of one bank."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from counterfoil.cli.main import run
from tests.support.points_office import Office


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell in a folder with a state of its own."""

    office: Office
    screen: pytest.CaptureFixture[str]

    def file(self, name: str, text: str | bytes) -> str:
        """The path of a new file."""
        path = self.office.files / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit status, stdout, stderr."""
        self.screen.readouterr()
        status = run([*words])
        said = self.screen.readouterr()
        return status, said.out, said.err

    def rows(self, *words: str, status: int = 0) -> list[dict[str, Any]]:
        """The JSON rows of a command that ends with this status."""
        found, out, err = self.run(*words)
        assert found == status, err
        return [json.loads(line) for line in out.splitlines()]

    def refuses(self, *words: str, status: int, saying: Sequence[str]) -> None:
        """The command ends with one line on stderr that says this, and did nothing."""
        block = self.office.chain.block_number()
        found, out, err = self.run(*words)
        assert (found, out) == (status, "")
        assert err.count("\n") == 1
        assert err.startswith("counterfoil: ")
        assert all(word in err for word in saying), err
        assert self.office.chain.block_number() == block
