"""docs/formats.md: its samples are what the library reads, its lists what the library gives."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from counterfoil.artifacts import ROOT
from counterfoil.cli.ticket_rows import opened_row
from counterfoil.points.customersfile import read_customers
from counterfoil.points.lotsfile import Credit, read_lots
from counterfoil.points.ordersfile import Wish, read_orders
from counterfoil.points.outcomes import Outcome
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import read_rules
from counterfoil.points.terminals import read_terminals
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.queries import Query, read_queries
from tests.support.cases import NOW

TEXT = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def sample(kind: str, place: int, folder: Path) -> Path:
    """One of the document's blocks of a kind, in a file."""
    found = re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[place]
    file = folder / f"{place}.{kind}"
    file.write_text(" ".join(found.split("\n")) if kind == "json" else found, encoding="utf-8")
    return file


def listed(start: str) -> list[str]:
    """The names in backticks of the paragraph that starts so, without what is in brackets."""
    paragraph = TEXT[TEXT.index(start) :].split("\n\n")[0].split(". ")[0]
    return re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", paragraph))


def test_rulesAndTerminals_areReadAsTheyStandThere(tmp_path: Path) -> None:
    example = read_rules(ROOT / "examples" / "harbour" / "rules.toml")

    assert read_rules(sample("toml", 0, tmp_path)) == example
    assert read_terminals(sample("toml", 1, tmp_path), "CNY").terminals[0].name == "till-1"


def test_creditsOrdersAndCustomers_areReadAsTheyStandThere(tmp_path: Path) -> None:
    credits = read_lots(sample("csv", 0, tmp_path))
    orders = read_orders(sample("csv", 1, tmp_path), "CNY")
    customers = read_customers(sample("csv", 2, tmp_path))

    assert [type(row) for row in credits.rows] == [Credit]
    assert [type(order) for order in orders.orders] == [Wish, Wish]
    assert customers.rows == ("C-120",)
    assert credits.ignored == orders.ignored == customers.ignored == ()


def test_query_isReadAsItStandsThere(tmp_path: Path) -> None:
    (tmp_path / "slip.png").write_bytes(b"slip")
    file = sample("json", 0, tmp_path)
    assert json.loads(file.read_text(encoding="utf-8"))

    (query,) = read_queries(file, now=NOW)

    assert isinstance(query, Query), query


def test_results_haveTheFieldsThatAreListed() -> None:
    assert listed("`order_ref`, `order_id`, `status`") == [field.name for field in fields(Outcome)]
    assert listed("What comes back: `row`") == list(opened_row(Opened(1, None, None, "invalid")))


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason])
def test_reasons_standInTheOrderInWhichTheyAreChecked(reason: Reason) -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (invalid|rejected) \| (.+) \|$", TEXT, re.MULTILINE)

    status = "invalid" if reason < Reason.EXPIRED else "rejected"
    assert rows[reason - 1] == (reason.code, status, reason.sentence)
    assert len(rows) == len(Reason) - 1
