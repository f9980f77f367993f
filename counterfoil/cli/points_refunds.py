"""``counterfoil points refund`` and ``cancel``: points given back."""

from __future__ import annotations

import re

import click

from counterfoil.cli.amounts import minor_of
from counterfoil.cli.desks import bank_desk
from counterfoil.cli.output import bank_option, json_option, note, print_json, state_option
from counterfoil.errors import BadInput
from counterfoil.money import format_minor
from counterfoil.points import naming
from counterfoil.points.desk import BankDesk
from counterfoil.points.journal import OrderEntry
from counterfoil.points.refunding import Refunding
from counterfoil.points.refundjournal import Kind

_ID = re.compile(r"[!-~]{1,64}")
_refund_id = click.option(
    "--refund-id",
    default="",
    help="Your own id for this, done once. Without it, the same again is a second one, but if the "
    "first was cut short.",
)


_terminal = click.option(
    "--terminal",
    default="",
    help="Name of the terminal that placed the order, if several have paid orders of this "
    "reference. An order's id (0x...) in the place of ORDER_REF says it too.",
)


@click.command(epilog="Example: counterfoil points refund H-001 1.20 --bank harbour")
@click.argument("order_ref")
@click.argument("cash")
@_refund_id
@_terminal
@bank_option
@state_option
@json_option
def refund(
    order_ref: str,
    cash: str,
    refund_id: str,
    terminal: str,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Give back CASH of the order paid under ORDER_REF, as points into the lots it drew from."""
    desk = bank_desk(folder, bank)
    minor = minor_of(cash, desk.ledger.record.currency, "CASH")
    _do(desk, naming.paid_order(desk, order_ref, terminal), "refund", minor, refund_id, as_json)


@click.command(epilog="Example: counterfoil points cancel H-001 --bank harbour")
@click.argument("order_ref")
@_terminal
@bank_option
@state_option
@json_option
def cancel(
    order_ref: str, terminal: str, bank: str | None, folder: str | None, as_json: bool
) -> None:
    """Call off the order paid under ORDER_REF that its terminal never finalized."""
    desk = bank_desk(folder, bank)
    _do(desk, naming.paid_order(desk, order_ref, terminal), "cancel", None, "", as_json)


def _do(
    desk: BankDesk, order: OrderEntry, kind: Kind, cash: int | None, refund_id: str, as_json: bool
) -> None:
    if refund_id and not _ID.fullmatch(refund_id):
        raise BadInput(
            "is not 1 to 64 printable ASCII characters without spaces", field="--refund-id"
        )
    desk.ledger.chain.turns.say = note
    done, replayed = Refunding.at(desk).give_back(order.order_id, kind, cash, refund_id)
    currency = desk.ledger.record.currency
    given, left = (format_minor(minor or 0, currency) for minor in (done.cash, done.left))
    if as_json:
        print_json(
            {
                "order_ref": order.order_ref,
                "order_id": order.order_id,
                "refund_id": done.refund_id,
                "cash": given,
                "points": done.points,
                "left": left,
                "currency": currency,
                "transaction": done.transaction,
                "block": done.block,
                "replayed": replayed,
            }
        )
        return
    before = " before" if replayed else ""
    click.echo(
        f"{order.order_ref}: {done.points} points for {given} {currency} given back{before},"
        f" {left} left."
    )


COMMANDS = (refund, cancel)
