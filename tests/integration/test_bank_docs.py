"""What docs/bank.md tells people to type, typed; and that its tables have all that there is."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import get_args

from counterfoil.artifacts import ROOT
from counterfoil.bank import problems
from counterfoil.bank.intake import SENTENCES
from counterfoil.bank.settings import Settings
from counterfoil.bank.wire import MAX_LINES, MAX_ORDERS, MAX_WAIT, EventKind
from counterfoil.local.ports import free
from counterfoil.local.stack import stop
from counterfoil.points.requests import FRESH
from counterfoil.state import State
from tests.support.processes import named
from tests.support.readme import blocks, checked
from tests.support.shell_script import run

DOCUMENT = ROOT / "docs" / "bank.md"
SALE = "python -m tests.support.waiting_order\n"


def text() -> str:
    return DOCUMENT.read_text("utf-8")


def test_bank_document_serves_a_node_and_has_a_customer_say_yes(tmp_path: Path) -> None:
    serving, asking, ending = blocks(DOCUMENT)
    try:
        script = checked(serving + SALE + asking + ending).replace("8601", str(free()))
        done = run(script, COUNTERFOIL_STATE=str(tmp_path))
    finally:
        stop(State(tmp_path))  # what a line before `counterfoil down` may have left running

    told = [json.loads(one) for one in re.findall(r"^\{.*\}$", done.stdout, re.MULTILINE)]
    ready, rules, balance, consent, links, asked = told
    assert ready["chain"] and rules["live"]
    assert {"points": 3800, "worth": "25.46"}.items() <= balance.items()
    assert consent == {"account": balance["account"], "confirm_above": "always", "currency": "CNY"}
    assert [one["account"] for one in links["confirmations"]] == [balance["account"]]
    assert (asked["state"], asked["lines"][0]["item"]) == ("waiting", "breakfast")
    assert named(str(tmp_path)) == []


def test_bank_document_names_every_status_of_an_error() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `([a-z-]+)`", text(), re.MULTILINE)

    assert {code: int(status) for status, code in rows}.items() >= problems.STATUS.items()


def test_bank_document_names_every_reason_of_the_nodes_own() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| `(\w+)` \| ", text(), re.MULTILINE)

    assert dict(rows).keys() == SENTENCES.keys()
    for reason, status in rows:
        begun, _, ended = reason.partition("-")
        ends = {"expired": "declined"}.get(ended, ended)
        assert status == (ends if begun == "confirmation" else "invalid")


def test_bank_document_names_every_event() -> None:
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| (?:yes|no) \|$", text(), re.MULTILINE)

    told = [kind for row in rows for kind in re.findall(r"`(\w+)`", row)]

    assert sorted(told) == sorted(get_args(EventKind))


def test_bank_document_has_the_times_and_limits_of_the_code() -> None:
    usual = asdict(Settings())
    for row in (
        f"| a quote | {usual['quote_seconds'] // 60} minutes |",
        f"| a customer's answer | {usual['confirm_seconds'] // 60} minutes, or",
        f"| a customer's link | {usual['status_days']} days from the order |",
        f"| a terminal's request | {FRESH} seconds around its time |",
        f"| `wait_seconds` | 10 unless told otherwise, {MAX_WAIT:g} at most |",
        f"| orders in one post, lines in one order | {MAX_ORDERS:,}, {MAX_LINES} |",
        f"more than {usual['accounts_a_minute']} customers in a minute |",
        f"more than {usual['refusals_a_minute']} orders of a terminal in a minute",
    ):
        assert row in text()
