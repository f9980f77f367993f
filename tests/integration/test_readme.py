"""What README tells people to type, typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.local import ganache
from counterfoil.local.launch import serving
from counterfoil.local.ports import free
from counterfoil.local.stack import stop
from counterfoil.state import State
from tests.support.readme import blocks, checked
from tests.support.shell_script import run

README = ROOT / "README.md"
BROWNIE, BANK, STAFF = blocks(README)


@pytest.fixture
def brownie_home(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A home in which Brownie's ``ganache-cli`` network is a Ganache of our own."""
    port = free()
    home = {"HOME": str(tmp_path), "COUNTERFOIL_STATE": str(tmp_path / "state")}
    activate = ". .venv/bin/activate && "
    run(f"{activate}brownie networks modify ganache-cli port={port}", **home)
    with serving(ganache.recipe(tmp_path / "chain", port, tmp_path / "ganache.log")):
        yield home


def test_readme_deploys_and_redeems_through_brownie(brownie_home: dict[str, str]) -> None:
    done = run(checked(BROWNIE), **brownie_home)

    assert "harbour: ledger deployed at 0x" in done.stdout
    assert "harbour: reusing the ledger at 0x" in done.stdout
    assert "H-001 paid  3.35" in done.stdout


def test_the_other_scripts_open_and_resolve_tickets(brownie_home: dict[str, str]) -> None:
    script = """
. .venv/bin/activate
brownie run open_tickets --network ganache-cli
brownie run resolve_ticket --network ganache-cli
brownie run deploy --network ganache-cli
"""
    done = run(checked(script), **brownie_home)

    assert len(re.findall("^[ABT]-[0-9]+ minted open 0x", done.stdout, re.MULTILINE)) == 32
    assert re.search("^0x[0-9a-f]{64}: closed$", done.stdout, re.MULTILINE)
    assert "All of it stood already." in done.stdout


def test_readme_redeems_a_file_and_works_a_ticket(tmp_path: Path) -> None:
    try:
        done = run(checked(BANK) + checked(STAFF), COUNTERFOIL_STATE=str(tmp_path))
    finally:
        stop(State(tmp_path))  # what a line before `counterfoil down` may have left running

    assert "C-101: 1900 points, worth 12.73 CNY" in done.stdout
    assert "3 taken back (700 points short), 1 refused." in done.stderr
    assert "Nothing is amiss." in done.stderr
