"""``counterfoil points refund`` and ``cancel``: points given back."""

from __future__ import annotations

import click

from counterfoil.cli.output import bank_option, json_option, print_json, state_option
from counterfoil.errors import BadInput
from counterfoil.money import format_minor, parse_minor
from counterfoil.points import refunds
from counterfoil.points.desk import BankDesk
from counterfoil.points.refunds import Refund
from counterfoil.state import State


@click.command(epilog="Example: counterfoil points refund H-001 1.20 --bank harbour")
@click.argument("order_ref")
@click.argument("cash")
@bank_option
@state_option
@json_option
def refund(order_ref: str, cash: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Give back CASH of the order paid under ORDER_REF, as points into the lots it drew from."""
    desk = BankDesk.open(State.at(folder), bank)
    try:
        minor = parse_minor(cash, desk.ledger.record.currency)
    except BadInput as error:
        raise BadInput(error.problem, field="CASH") from error
    _show(desk, order_ref, refunds.refund(desk, order_ref, minor), as_json)


@click.command(epilog="Example: counterfoil points cancel H-001 --bank harbour")
@click.argument("order_ref")
@bank_option
@state_option
@json_option
def cancel(order_ref: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Call off the order paid under ORDER_REF that its terminal never finalized."""
    desk = BankDesk.open(State.at(folder), bank)
    _show(desk, order_ref, refunds.cancel(desk, order_ref), as_json)


def _show(desk: BankDesk, order_ref: str, done: Refund, as_json: bool) -> None:
    currency = desk.ledger.record.currency
    cash, left = (format_minor(minor, currency) for minor in (done.cash, done.left))
    if as_json:
        print_json(
            {
                "order_ref": order_ref,
                "order_id": "0x" + done.order_id.hex(),
                "cash": cash,
                "points": done.points,
                "left": left,
                "currency": currency,
                "transaction": done.transaction,
                "block": done.block,
            }
        )
        return
    click.echo(f"{order_ref}: {done.points} points for {cash} {currency} given back, {left} left.")


COMMANDS = (refund, cancel)
