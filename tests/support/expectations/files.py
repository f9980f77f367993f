"""The expected files: which there are, what is in each, and how each is written."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import asdict
from datetime import date
from pathlib import Path

from tests.support.expectations import orders, queries
from tests.support.expectations.bank import Bank, read_bank, read_terminals
from tests.support.expectations.lots import Credit, Issued, balances, issue
from tests.support.expectations.orders import Ledger, Verdict

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
BANKS = ("harbour", "summit")


def _frozen(path: Path) -> set[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["customer_id"] for row in csv.DictReader(file)}


def _credit_row(credit: Credit) -> dict[str, object]:
    row = asdict(credit)
    del row["earned_on"]
    row["expires_on"] = credit.expires_on.isoformat() if credit.expires_on else None
    return row


def _span(issued: Issued) -> dict[str, str]:
    return {
        "valid_from": issued.valid_from.isoformat(),
        "valid_until": issued.valid_until.isoformat(),
    }


def lots_expected(bank: Bank, issued: Issued) -> dict[str, object]:
    """What ``lots.expected.json`` of one bank says: rows, totals, balances."""
    counted = [credit for credit in issued.credits if not credit.replayed]
    tally = Counter(credit.status for credit in counted)
    held = sum(sum(periods.values()) for periods in issued.lots.values())
    return {
        "bank": bank.name,
        **_span(issued),
        "rows": [_credit_row(credit) for credit in issued.credits],
        "totals": {
            "issued": tally["issued"],
            "refused": tally["refused"],
            "replayed": len(issued.credits) - len(counted),
            "customers": len(issued.lots),
            "points": held,
        },
        "balances": balances(issued.lots, bank),
    }


def _order_row(verdict: Verdict, bank: Bank) -> dict[str, object]:
    return {
        "order_ref": verdict.ref,
        "file": verdict.file,
        "status": verdict.status,
        "reason": verdict.reason,
        "points": verdict.points,
        "cash": None if verdict.cash is None else bank.show(verdict.cash),
    }


def orders_expected(bank: Bank, issued: Issued, verdicts: list[Verdict]) -> dict[str, object]:
    """What ``orders.expected.json`` of one bank says; ``issued`` holds what is left by now."""
    tally = Counter(verdict.status for verdict in verdicts)
    paid = [verdict for verdict in verdicts if verdict.status == "paid"]
    return {
        "bank": bank.name,
        "currency": bank.currency,
        **_span(issued),
        "orders": [_order_row(verdict, bank) for verdict in verdicts],
        "totals": {
            "paid": tally["paid"],
            "rejected": tally["rejected"],
            "invalid": tally["invalid"],
            "points": sum(verdict.points or 0 for verdict in paid),
            "cash": bank.show(sum(verdict.cash or 0 for verdict in paid)),
        },
        "balances": balances(issued.lots, bank),
    }


def _bank_files(name: str, today: date) -> dict[Path, object]:
    folder = EXAMPLES / name
    bank = read_bank(folder / "rules.toml")
    terminals = read_terminals(EXAMPLES / "terminals.toml", bank.currency)
    issued = issue(folder / "lots.csv", bank, today)
    files: dict[Path, object] = {folder / "lots.expected.json": lots_expected(bank, issued)}
    ledger = Ledger(bank, terminals, issued.lots, _frozen(folder / "frozen.csv"), today)
    asked = orders.read_csv(folder / "orders.csv", bank.currency)
    for file, read in (
        ("crafted.jsonl", orders.read_crafted),
        ("foreign.jsonl", orders.read_foreign),
    ):
        if (folder / file).exists():
            asked += read(folder / file)
    verdicts = [ledger.settle(order) for order in asked]
    files[folder / "orders.expected.json"] = orders_expected(bank, issued, verdicts)
    return files


def expected(today: date) -> dict[Path, object]:
    """Every expected file's path with what it holds on ``today``."""
    files: dict[Path, object] = {}
    for name in BANKS:
        files |= _bank_files(name, today)
    files[EXAMPLES / "queries.expected.json"] = queries.opened(EXAMPLES / "queries.jsonl")
    return files


def written(content: object) -> str:
    """The text of an expected file: rows one to a line, so that a change shows as one line."""
    if isinstance(content, list):
        rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in content)
        return f"[\n  {rows}\n]\n"
    assert isinstance(content, dict)
    parts = [f'  "{key}": {_value(value)}' for key, value in content.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _value(value: object) -> str:
    if isinstance(value, list):
        rows = ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in value)
        return f"[\n    {rows}\n  ]"
    return json.dumps(value, ensure_ascii=False)
