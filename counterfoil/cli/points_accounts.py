"""``counterfoil points``: what one customer has, and did."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from counterfoil.cli.desks import bank_desk
from counterfoil.cli.output import (
    Rows,
    bank_option,
    json_option,
    print_json,
    state_option,
)
from counterfoil.money import format_minor
from counterfoil.points import enquiry
from counterfoil.points.statement import statement as movements

_MOVEMENTS = ("at", "movement", "points", "balance", "cash", "reference", "block")


@click.command(epilog="Example: counterfoil points balance C-1 --bank harbour --json")
@click.argument("customer")
@bank_option
@state_option
@json_option
def balance(customer: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """What CUSTOMER's points are worth, and when they lapse."""
    desk = bank_desk(folder, bank)
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


@click.command(epilog="Example: counterfoil points statement C-1 --bank harbour")
@click.argument("customer")
@bank_option
@state_option
@json_option
def statement(customer: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Every movement of CUSTOMER's points, oldest first, with the balance after it."""
    desk = bank_desk(folder, bank)
    currency = desk.ledger.record.currency
    rows = Rows(_MOVEMENTS, as_json=as_json)
    for movement in movements(desk.ledger, desk.journal, desk.account(customer)):
        at = datetime.fromtimestamp(movement.at, UTC).isoformat().replace("+00:00", "Z")
        cash = None if movement.cash is None else format_minor(movement.cash, currency)
        rows.add(asdict(movement) | {"at": at, "cash": cash, "currency": currency})
    rows.close()


COMMANDS = (balance, statement)
