"""Two machines over one PostgreSQL: a node whose links the others wouldn't know doesn't start."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from counterfoil.bank.node import open_node
from counterfoil.cli.main import run
from counterfoil.errors import BadInput
from counterfoil.state import State
from tests.support.bank_node import RATE
from tests.support.points_office import Office


@pytest.fixture
def elsewhere(office: Office, tmp_path: Path) -> State:
    """The bank's state folder on another machine, from before the first node's start."""
    shutil.copytree(office.state.root, tmp_path / "elsewhere")
    return State(tmp_path / "elsewhere")


def links_key(state: State) -> bytes:
    """The key with which a node makes links."""
    node = open_node(state, "harbour", RATE)
    node.stop()
    return node.intake.key


def test_node_isRefusedIfAnotherHasAnotherKeyForLinks(office: Office, elsewhere: State) -> None:
    key = links_key(office.state)

    with pytest.raises(BadInput, match="keys/harbour-links") as refused:
        open_node(elsewhere, "harbour", RATE)

    assert refused.value.code == "other-links-key"
    assert links_key(office.state) == key


def test_node_makesTheSameLinksOnceItHasTheKey(office: Office, elsewhere: State) -> None:
    key = links_key(office.state)

    shutil.copytree(office.state.root / "keys", elsewhere.root / "keys", dirs_exist_ok=True)

    assert links_key(elsewhere) == key


def test_serve_saysWhichFolderToCopy(
    office: Office, elsewhere: State, capsys: pytest.CaptureFixture[str]
) -> None:
    links_key(office.state)

    status = run(["bank", "serve", "--port", "1", "--state", str(elsewhere.root)])

    said = capsys.readouterr().err
    assert (status, said.count("\n")) == (2, 1)
    assert str(elsewhere.root) in said and "Copy keys/" in said
