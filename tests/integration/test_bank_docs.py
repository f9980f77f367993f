"""What docs/bank.md tells people to type, typed; and that its table has every error's status."""

from __future__ import annotations

import json
import re
from pathlib import Path

from counterfoil.artifacts import ROOT
from counterfoil.bank import problems
from counterfoil.local.ports import free
from counterfoil.local.stack import stop
from counterfoil.state import State
from tests.support.processes import named
from tests.support.readme import blocks, checked
from tests.support.shell_script import run

DOCUMENT = ROOT / "docs" / "bank.md"


def test_bank_document_serves_a_node(tmp_path: Path) -> None:
    (block,) = blocks(DOCUMENT)
    try:
        script = checked(block).replace("8601", str(free()))
        done = run(script, COUNTERFOIL_STATE=str(tmp_path))
    finally:
        stop(State(tmp_path))  # what a line before `counterfoil down` may have left running

    told = [json.loads(one) for one in re.findall(r"^\{.*\}$", done.stdout, re.MULTILINE)]
    assert {"points": 3800, "worth": "25.46"}.items() <= told[-2].items()
    assert told[-1]["confirm_above"] == "always"
    assert named(str(tmp_path)) == []


def test_bank_document_names_every_status_of_an_error() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `([a-z-]+)`", DOCUMENT.read_text("utf-8"), re.MULTILINE)

    assert {code: int(status) for status, code in rows}.items() >= problems.STATUS.items()
