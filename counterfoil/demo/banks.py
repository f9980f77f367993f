"""The points half: one bank's credits, orders and totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from counterfoil.cli.output import Rows
from counterfoil.files import read_jsonl
from counterfoil.money import format_minor, parse_minor
from counterfoil.points.customersfile import read_customers
from counterfoil.points.desk import BankDesk
from counterfoil.points.issuing import Issued
from counterfoil.points.lotsfile import read_lots
from counterfoil.points.ordersfile import read_orders
from counterfoil.points.outcomes import Outcome
from counterfoil.points.signedfile import SignedOrder, read_signed
from counterfoil.points.signing import CraftedOrder

_COLUMNS = ("order_ref", "status", "reason", "points", "cash", "block")


@dataclass(frozen=True, slots=True)
class BankRun:
    """What one bank's files came to."""

    desk: BankDesk
    issued: tuple[Issued, ...]
    outcomes: tuple[Outcome, ...]


def run_bank(desk: BankDesk, folder: Path, say: Callable[[str], None]) -> BankRun:
    """Issue, freeze, sign, record, settle and finalize what the bank's folder holds."""
    lots = read_lots(folder / "lots.csv")
    issued = tuple(desk.issuing().issue(lots.rows))
    say(f"{desk.bank}: {sum(row.status == 'issued' for row in issued)} credits issued")
    for customer in read_customers(folder / "frozen.csv").rows:
        if isinstance(customer, str):
            desk.freeze(customer)
    entries = list(_entries(desk, folder))
    say(f"{desk.bank}: {len(entries)} orders signed, recording and settling")
    outcomes = tuple(desk.settlement(say).settle(entries))
    _show(desk, outcomes)
    return BankRun(desk, issued, outcomes)


def _entries(desk: BankDesk, folder: Path) -> Iterator[SignedOrder | Outcome]:
    """Orders of the CSV, orders with their cash decided elsewhere, orders signed elsewhere."""
    currency = desk.ledger.record.currency
    terminals = desk.terminals()
    yield from terminals.sign(read_orders(folder / "orders.csv", currency).orders)
    if (folder / "crafted.jsonl").exists():
        yield from terminals.sign(_crafted(folder / "crafted.jsonl"))
    if (folder / "foreign.jsonl").exists():
        yield from read_signed(folder / "foreign.jsonl", currency)


def _crafted(file: Path) -> list[CraftedOrder]:
    orders = []
    for _, value in read_jsonl(file):
        assert isinstance(value, dict)
        lines = tuple(
            (str(line["item"]), int(line["quantity"]), int(line["price"]), int(line["cash"]))
            for line in value.pop("lines")
        )
        orders.append(CraftedOrder(**value, lines=lines))
    return orders


def _show(desk: BankDesk, outcomes: Sequence[Outcome]) -> None:
    rows = Rows(_COLUMNS, as_json=False)
    for answer in outcomes:
        rows.add(answer.as_row())
    rows.close()
    counted = Counter(answer.status for answer in outcomes)
    paid = [answer for answer in outcomes if answer.status == "paid"]
    currency = desk.ledger.record.currency
    cash = sum(parse_minor(answer.cash or "0", currency, zero=True) for answer in paid)
    print(
        f"{desk.bank}: {counted['paid']} paid, {counted['rejected']} rejected, "
        f"{counted['invalid']} invalid; {sum(answer.points or 0 for answer in paid)} points "
        f"for {format_minor(cash, currency)} {currency}\n"
    )
