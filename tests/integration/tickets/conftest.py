"""A ticket desk on a real Ganache and real Kubos, for one test after another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.cli.main import run
from tests.support.cases import queries_file, row
from tests.support.ticket_shell import Shell

EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder on which everything runs."""
    state = tmp_path_factory.mktemp("tickets") / "state"
    assert run(["up", "--detach", "--state", str(state)]) == 0
    yield state
    assert run(["down", "--state", str(state)]) == 0


@pytest.fixture
def tickets(folder: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The command."""
    return Shell(folder, capsys)


@pytest.fixture
def token_id(tickets: Shell, tmp_path: Path) -> str:
    """A ticket of the test's own."""
    one = row(channel_ref=tmp_path.name, serial=tmp_path.name.replace("_", "").replace("-", ""))
    opened = tickets("open", queries_file(tmp_path, one)).row
    assert opened["outcome"] == "minted"
    return str(opened["token_id"])
