"""``counterfoil points``: credits, settlement, balances, offers."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from counterfoil.cli.output import (
    FILE,
    Rows,
    bank_option,
    json_option,
    note,
    note_ignored,
    print_json,
    state_option,
)
from counterfoil.money import format_minor
from counterfoil.points import enquiry
from counterfoil.points.desk import BankDesk
from counterfoil.points.lotsfile import read_lots
from counterfoil.points.signedfile import read_signed
from counterfoil.state import State

_ISSUED = ("reference", "status", "reason", "points", "expires_on", "replayed")
_ORDERS = ("order_ref", "status", "reason", "points", "cash", "currency", "block", "replayed")


@click.group()
def points() -> None:
    """A bank's points: credits, settlement, balances, offers."""


@points.command(epilog="Example: counterfoil points issue lots.csv --bank harbour")
@click.argument("file", type=FILE)
@bank_option
@state_option
@json_option
@click.pass_context
def issue(
    context: click.Context, file: Path, bank: str | None, folder: str | None, as_json: bool
) -> None:
    """Credit the points of a CSV FILE: customer_id,points,earned_on,reference."""
    lots = read_lots(file)
    desk = BankDesk.open(State.at(folder), bank)
    note_ignored(lots.ignored)
    rows = Rows(_ISSUED, as_json=as_json)
    refused = 0
    for answer in desk.issuing().issue(lots.rows):
        rows.add(answer.as_row())
        refused += answer.status == "refused"
    rows.close()
    note(f"{len(lots.rows) - refused} issued, {refused} refused.")
    context.exit(1 if refused else 0)


@points.command(epilog="Example: counterfoil points redeem signed.jsonl --bank harbour --json")
@click.argument("file", type=FILE)
@click.option(
    "--until",
    type=click.Choice(["settled", "finalized"]),
    default="finalized",
    show_default=True,
    help="Which record to stop after.",
)
@bank_option
@state_option
@json_option
@click.pass_context
def redeem(
    context: click.Context,
    file: Path,
    until: str,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Record, settle and finalize the signed orders of a JSON Lines FILE."""
    desk = BankDesk.open(State.at(folder), bank)
    entries = list(read_signed(file, desk.ledger.record.currency))
    settlement = desk.settlement(note, finalize=until == "finalized")
    rows = Rows(_ORDERS, as_json=as_json)
    counted: Counter[str] = Counter()
    for answer in settlement.settle(entries):
        rows.add(answer.as_row())
        counted[answer.status] += 1
    rows.close()
    note(", ".join(f"{counted[name]} {name}" for name in ("paid", "rejected", "invalid")) + ".")
    context.exit(0 if counted["paid"] == counted.total() else 1)


@points.command(epilog="Example: counterfoil points balance C-1 --bank harbour --json")
@click.argument("customer")
@bank_option
@state_option
@json_option
def balance(customer: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """What CUSTOMER's points are worth, and when they lapse."""
    desk = BankDesk.open(State.at(folder), bank)
    found = enquiry.balance(desk.ledger, desk.account(customer))
    currency = desk.ledger.record.currency
    worth = format_minor(found.worth, currency)
    if as_json:
        print_json(
            {
                "customer_id": customer,
                "points": found.points,
                "worth": worth,
                "currency": currency,
                "lots": [asdict(lot) for lot in found.lots],
                "frozen": found.frozen,
            }
        )
        return
    click.echo(f"{customer}: {found.points} points, worth {worth} {currency}")
    if found.frozen:
        click.echo("The account is frozen.")
    rows = Rows(("points", "expires_on"), as_json=False)
    for lot in found.lots:
        rows.add(asdict(lot))
    rows.close()


@points.command(epilog="Example: counterfoil points offers C-1 till-1 --bank harbour")
@click.argument("customer")
@click.argument("terminal")
@bank_option
@state_option
@json_option
def offers(
    customer: str, terminal: str, bank: str | None, folder: str | None, as_json: bool
) -> None:
    """Which items of TERMINAL's catalogue CUSTOMER can pay for with points now, one piece each."""
    desk = BankDesk.open(State.at(folder), bank)
    currency = desk.ledger.record.currency
    rows = Rows(("item", "redeemable", "points", "cash", "reason"), as_json=as_json)
    account = desk.account(customer)
    for offer in enquiry.offers(desk.ledger, desk.deployment.offers, account, terminal):
        rows.add(
            {
                "item": offer.item,
                "redeemable": offer.redeemable,
                "points": offer.points,
                "cash": format_minor(offer.cash, currency),
                "reason": offer.reason.code if offer.reason else None,
            }
        )
    rows.close()


@points.command(epilog="Example: counterfoil points freeze C-1 --bank harbour")
@click.argument("customer")
@click.option("--thaw", is_flag=True, help="Let the account pay again.")
@bank_option
@state_option
def freeze(customer: str, thaw: bool, bank: str | None, folder: str | None) -> None:
    """Stop CUSTOMER's points from being spent."""
    BankDesk.open(State.at(folder), bank).freeze(customer, not thaw)
    note(f"{customer} is {'thawed' if thaw else 'frozen'}.")
