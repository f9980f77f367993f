"""Whether a bank's run came to what its files' expectations say, read back from the chain."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from counterfoil.demo.banks import BankRun
from counterfoil.model import Check
from counterfoil.money import format_minor
from counterfoil.points import enquiry
from counterfoil.points.audit import audit
from counterfoil.points.ledger import Mark
from counterfoil.points.orders import order_in
from counterfoil.points.outcomes import Outcome


def check_bank(run: BankRun, folder: Path) -> Iterator[Check]:
    """Results against the expected files, then the chain against the results."""
    name = run.desk.bank
    lots = json.loads((folder / "lots.expected.json").read_text(encoding="utf-8"))
    orders = json.loads((folder / "orders.expected.json").read_text(encoding="utf-8"))
    keys: tuple[str, ...] = ("line", "status", "reason", "replayed", "expires_on")
    issued = [row.as_row() for row in run.issued]
    yield _same(f"{name}: credits as expected", _picked(issued, keys), _picked(lots["rows"], keys))
    keys = ("order_ref", "status", "reason", "points", "cash")
    rows = [answer.as_row() for answer in run.outcomes]
    yield _same(f"{name}: orders as expected", _picked(rows, keys), _picked(orders["orders"], keys))
    yield _same(
        f"{name}: balances on chain as expected", _balances(run, orders), orders["balances"]
    )
    yield from _records(run)
    for check in audit(run.desk.ledger):
        yield Check(f"{name}: {check.name}", check.found, check.expected)


def _records(run: BankRun) -> Iterator[Check]:
    """Each answer against the chain's own three records."""
    name, ledger = run.desk.bank, run.desk.ledger
    answered = [answer for answer in run.outcomes if answer.status != "invalid"]
    ids = [_bytes(answer) for answer in answered]
    recorded = {
        bytes(order_id)
        for event in ledger.contract.events("OrdersRecorded", first=ledger.record.block)
        for order_id in event.arguments["orderIds"]
    }
    yield Check(f"{name}: record 1 of each answered order", len(recorded & {*ids}), len(ids))
    verdicts = ledger.verdicts(ids)
    codes = [verdicts[order_id].reason.code if order_id in verdicts else "?" for order_id in ids]
    yield _same(
        f"{name}: record 2 on chain as told",
        codes,
        [answer.reason or "none" for answer in answered],
    )
    marks = [_mark(run, answer) for answer in answered]
    told = [Mark.FINALIZED if answer.status == "paid" else Mark.REJECTED for answer in answered]
    yield _same(f"{name}: record 3 of each paid order", marks, told)


def _mark(run: BankRun, answer: Outcome) -> Mark:
    entry = run.desk.journal.orders([str(answer.order_id)])[str(answer.order_id)]
    order = order_in(json.loads(entry.row)["message"])
    return run.desk.ledger.mark(order.terminal, order.sequence)


def _balances(run: BankRun, expected: dict[str, Any]) -> list[dict[str, Any]]:
    desk = run.desk
    currency = desk.ledger.record.currency
    found = []
    for row in expected["balances"]:
        held = enquiry.balance(desk.ledger, desk.account(row["customer_id"]))
        found.append(
            {
                "customer_id": row["customer_id"],
                "points": held.points,
                "worth": format_minor(held.worth, currency),
                "currency": currency,
                "lots": [{"points": lot.points, "expires_on": lot.expires_on} for lot in held.lots],
            }
        )
    return found


def _picked(rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> list[list[Any]]:
    return [[row.get(key) for key in keys if key in row] for row in rows]


def _same(name: str, found: Sequence[Any], expected: Sequence[Any]) -> Check:
    """How many of the expected rows are just so; in full where a row too many came."""
    if len(found) != len(expected):
        return Check(name, len(found), len(expected))
    same = sum(one == other for one, other in zip(found, expected, strict=True))
    return Check(name, same, len(expected))


def _bytes(answer: Outcome) -> bytes:
    return bytes.fromhex(str(answer.order_id).removeprefix("0x"))
