"""What docs/till.md tells people to type, typed; and what `up` starts of it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import requests

from counterfoil.artifacts import ROOT
from counterfoil.local.ports import free
from counterfoil.local.stack import stop
from counterfoil.state import State
from tests.support.processes import named
from tests.support.readme import blocks, checked

DOCUMENT = ROOT / "docs" / "till.md"
SECONDS = 300


def test_till_document_serves_a_second_till(tmp_path: Path) -> None:
    (block,) = blocks(DOCUMENT)
    script = checked(block).replace("8872", str(free()))
    environment = os.environ | {"COUNTERFOIL_STATE": str(tmp_path)}
    try:
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    finally:
        stop(State(tmp_path))  # what a line before `counterfoil down` may have left running

    assert done.returncode == 0, done.stdout + done.stderr
    assert "<title>New sale · Counterfoil</title>" in done.stdout
    assert "till-2 of harbour listens at" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert named(str(tmp_path)) == []


def test_till_document_shows_and_names_files_that_are_there() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    links = [part.partition(")")[0].partition("#")[0] for part in text.split("](")[1:]]

    assert any(link.startswith("screens/") for link in links)
    assert all((DOCUMENT.parent / link).exists() for link in links)


def test_up_starts_a_till_for_each_bank(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    command = [str(ROOT / ".venv/bin/counterfoil"), "up", "--detach", "--chain", "anvil", "--json"]
    try:
        done = subprocess.run(
            [*command, "--state", str(state.root)], capture_output=True, timeout=SECONDS, check=True
        )
        tills = json.loads(done.stdout)["tills"]
        pages = {bank: requests.get(url, timeout=30).text for bank, url in tills.items()}
    finally:
        stop(state)

    assert sorted(pages) == ["harbour", "summit"]
    assert all(f"Till · {bank}" in page for bank, page in pages.items())
