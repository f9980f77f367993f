"""``counterfoil points offers`` and ``quote``: what points can pay for, before anybody orders."""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli.amounts import minor_of
from counterfoil.cli.desks import bank_desk
from counterfoil.cli.output import INPUT, Rows, bank_option, json_option, print_json, state_option
from counterfoil.errors import BadInput
from counterfoil.money import format_minor
from counterfoil.points import enquiry
from counterfoil.points.basket import basket_of, read_basket
from counterfoil.points.enquiry import Quote
from counterfoil.points.reasons import Reason

_LINES = ("item", "quantity", "unit_price", "cash", "reason")


@click.command(epilog="Example: counterfoil points offers C-1 till-1 --bank harbour")
@click.argument("customer")
@click.argument("terminal")
@click.option("--first", type=click.IntRange(1), default=1, help="Number of the first item.")
@click.option("--count", type=click.IntRange(1), help="Show so many items.  [default: all]")
@bank_option
@state_option
@json_option
def offers(
    customer: str,
    terminal: str,
    first: int,
    count: int | None,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Which items of TERMINAL's catalogue CUSTOMER can pay for with points now, one piece each."""
    desk = bank_desk(folder, bank)
    currency = desk.ledger.record.currency
    rows = Rows(("item", "redeemable", "points", "cash", "reason"), as_json=as_json)
    for offer in enquiry.offers(
        desk.ledger,
        desk.deployment.offers,
        desk.account(customer),
        terminal,
        first=first,
        count=count,
    ):
        rows.add(
            {
                "item": offer.item,
                "redeemable": offer.redeemable,
                "points": offer.points,
                "cash": format_minor(offer.cash, currency),
                "reason": _code(offer.reason),
            }
        )
    rows.close()


@click.command(
    epilog="Example: counterfoil points quote C-1 till-1 --line tea:2:3.50 --line hamper:1:50.00 "
    "--cash 20.00"
)
@click.argument("customer")
@click.argument("terminal")
@click.option("--line", "words", multiple=True, metavar="ITEM:QUANTITY:PRICE", help="Repeatable.")
@click.option("--file", type=INPUT, help="The basket in CSV: item,quantity,unit_price.")
@click.option("--points", type=click.IntRange(0, 2**32 - 1), help="Take just so many points.")
@click.option("--cash", metavar="AMOUNT", help="Pay at most so much with points.")
@bank_option
@state_option
@json_option
def quote(
    customer: str,
    terminal: str,
    words: tuple[str, ...],
    file: Path | None,
    points: int | None,
    cash: str | None,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """What CUSTOMER can pay with points of a basket at TERMINAL now: the most, if nothing is asked.

    What it says, `points redeem` accepts; where points pay nothing, it would give the same reason.
    """
    if (file is None) == (not words):
        raise BadInput("give the basket by --line or by --file", field="--line")
    if points is not None and cash is not None:
        raise BadInput("can't be given with --points", field="--cash")
    desk = bank_desk(folder, bank)
    currency = desk.ledger.record.currency
    basket = read_basket(file, currency) if file else basket_of(words, currency)
    quoted = enquiry.quote(
        desk.ledger,
        desk.deployment.offers,
        desk.account(customer),
        terminal,
        basket,
        points=points,
        cash=None if cash is None else minor_of(cash, currency, "--cash"),
    )
    _show(customer, terminal, quoted, currency, as_json)


def _show(customer: str, terminal: str, quoted: Quote, currency: str, as_json: bool) -> None:
    lines = [
        {
            "item": one.line.item,
            "quantity": one.line.quantity,
            "unit_price": format_minor(one.line.price, currency),
            "cash": format_minor(one.cash, currency),
            "reason": _code(one.reason),
        }
        for one in quoted.lines
    ]
    cash, rest = quoted.cash, quoted.total - quoted.cash
    row = {
        "customer_id": customer,
        "terminal": terminal,
        "redeemable": quoted.reason == Reason.NONE,
        "points": quoted.points,
        "cash": format_minor(cash, currency),
        "rest": format_minor(rest, currency),
        "currency": currency,
        "rules_version": quoted.rules_version,
        "reason": _code(quoted.reason),
        "detail": quoted.reason.sentence if quoted.reason else "Points can pay this.",
        "lines": lines,
    }
    if as_json:
        print_json(row)
        return
    click.echo(
        f"{quoted.points} points pay {row['cash']} {currency}, {row['rest']} is left to pay."
    )
    if quoted.reason:
        click.echo(f"Not payable ({row['reason']}): {row['detail']}")
    rows = Rows(_LINES, as_json=False)
    for line in lines:
        rows.add(line)
    rows.close()


def _code(reason: Reason) -> str | None:
    return reason.code if reason else None


COMMANDS = (offers, quote)
