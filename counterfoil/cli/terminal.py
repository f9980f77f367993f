"""``counterfoil terminal``: what a payment terminal does."""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli.output import FILE, bank_option, note, note_ignored, print_json, state_option
from counterfoil.points.desk import BankDesk
from counterfoil.points.ordersfile import read_orders
from counterfoil.points.outcomes import Outcome
from counterfoil.state import State


@click.group()
def terminal() -> None:
    """A payment terminal: sign orders."""


@terminal.command(epilog="Example: counterfoil terminal sign orders.csv > signed.jsonl")
@click.argument("file", type=FILE)
@click.option("--check", is_flag=True, help="Sign no order that the rules would refuse.")
@bank_option
@state_option
@click.option("--json", "_as_json", is_flag=True, help="No change: the answer is JSON anyway.")
@click.pass_context
def sign(
    context: click.Context,
    file: Path,
    check: bool,
    bank: str | None,
    folder: str | None,
    _as_json: bool,
) -> None:
    """Sign the orders of a CSV FILE with their terminals' keys, one JSON line each.

    An order that isn't signed comes as a finished result, which `points redeem` passes on.
    """
    desk = BankDesk.open(State.at(folder), bank)
    orders = read_orders(file, desk.ledger.record.currency)
    note_ignored(orders.ignored)
    unsigned = 0
    for answer in desk.terminals().sign(orders.orders, check=check):
        if isinstance(answer, Outcome):
            print_json(answer.as_row())
            unsigned += 1
        else:
            click.echo(answer.row)
    note(f"{len(orders.orders) - unsigned} signed, {unsigned} not.")
    context.exit(1 if unsigned else 0)
