"""docs/formats.md: its samples are what the library reads, its lists what the library gives."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.cli.ticket_rows import opened_row
from counterfoil.points.clawfile import Claw, read_claws
from counterfoil.points.clawing import ClawedBack
from counterfoil.points.customersfile import read_customers
from counterfoil.points.findings import Finding, Kind
from counterfoil.points.issuing import Issued
from counterfoil.points.lotsfile import Credit, read_lots
from counterfoil.points.ordersfile import BadOrder, Wish, read_orders
from counterfoil.points.outcomes import Outcome
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import read_rules
from counterfoil.points.terminals import read_terminals
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.queries import Query, read_queries
from tests.support.cases import NOW
from tests.support.formats import TEXT, listed, sample


def test_rulesAndTerminals_areReadAsTheyStandThere(tmp_path: Path) -> None:
    example = read_rules(ROOT / "examples" / "harbour" / "rules.toml")

    assert read_rules(sample("toml", 0, tmp_path)) == example
    assert read_terminals(sample("toml", 1, tmp_path), "CNY").terminals[0].name == "till-1"


def test_files_areReadAsTheyStandThere(tmp_path: Path) -> None:
    credits = read_lots(sample("csv", 0, tmp_path))
    claws = read_claws(sample("csv", 1, tmp_path))
    orders = read_orders(sample("csv", 2, tmp_path), "CNY")
    customers = read_customers(sample("csv", 3, tmp_path))

    assert [type(row) for row in credits.rows] == [Credit]
    assert [type(order) for order in orders.orders] == [Wish, Wish]
    assert claws.rows == (
        Claw(2, "HB-0001", 300, "return-77"),
        Claw(3, "HB-0002", None, "HB-0002"),
    )
    assert customers.rows == ("C-120",)
    assert credits.ignored == claws.ignored == orders.ignored == customers.ignored == ()


def test_query_isReadAsItStandsThere(tmp_path: Path) -> None:
    (tmp_path / "slip.png").write_bytes(b"slip")
    file = sample("json", 0, tmp_path)
    assert json.loads(file.read_text(encoding="utf-8"))

    (query,) = read_queries(file, now=NOW)

    assert isinstance(query, Query), query


def test_results_haveTheFieldsThatAreListed() -> None:
    assert listed("`order_ref`, `order_id`, `status`") == [field.name for field in fields(Outcome)]
    assert listed("Of each credit comes back:") == [field.name for field in fields(Issued)]
    assert listed("Of each claw-back comes back:") == [field.name for field in fields(ClawedBack)]
    assert listed("What comes back:") == list(opened_row(Opened(1, None, None, "invalid")))


@pytest.mark.parametrize("deadline", ["2027-01-31T09:00:00", "2027-01-31"])
def test_deadline_needsTheOffsetThatIsAskedFor(tmp_path: Path, deadline: str) -> None:
    said = "2027-01-31T09:00:00+08:00"
    file = sample("csv", 2, tmp_path)
    text = file.read_text(encoding="utf-8")
    assert said in text
    file.write_text(text.replace(said, deadline), encoding="utf-8")

    orders = read_orders(file, "CNY").orders

    assert [type(order) for order in orders] == [Wish, BadOrder]
    assert "A deadline is ISO 8601 with an offset" in TEXT


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason])
def test_reasons_standInTheOrderInWhichTheyAreChecked(reason: Reason) -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (invalid|rejected) \| (.+) \|$", TEXT, re.MULTILINE)

    status = "invalid" if reason < Reason.EXPIRED else "rejected"
    assert rows[reason - 1] == (reason.code, status, reason.sentence)
    assert len(rows) == len(Reason) - 1


def test_findings_areThoseOfTheTable() -> None:
    part = TEXT[TEXT.index("## What disagrees") :].split("\n## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE) == list(get_args(Kind))
    assert listed("Each row has `kind`") == [field.name for field in fields(Finding)]
