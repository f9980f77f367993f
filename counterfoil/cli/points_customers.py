"""``counterfoil points freeze`` and ``sweep``: accounts by name, or all those of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from counterfoil.cli.desks import bank_desk
from counterfoil.cli.output import (
    INPUT,
    Rows,
    bank_option,
    json_option,
    note,
    note_ignored,
    print_json,
    progress,
    state_option,
)
from counterfoil.errors import BadInput
from counterfoil.points.administration import sweep as swept
from counterfoil.points.customersfile import BadCustomer, read_customers
from counterfoil.points.desk import BankDesk
from counterfoil.points.reasons import Reason

_file_option = click.option(
    "--file", type=INPUT, help="Instead of names, a CSV file with the column customer_id."
)
_Customers = Sequence[str | BadCustomer]
_Row = Mapping[str, object]


@click.command(epilog="Example: counterfoil points freeze C-1 --bank harbour")
@click.argument("customer", required=False)
@_file_option
@click.option("--thaw", is_flag=True, help="Let the account pay again.")
@bank_option
@state_option
@json_option
@click.pass_context
def freeze(
    context: click.Context,
    customer: str | None,
    file: Path | None,
    thaw: bool,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Stop CUSTOMER's points from being spent, or those of all customers of a file."""
    listed = _listed(file, named=customer is not None)
    desk = bank_desk(folder, bank)
    if customer is None:
        title = "Thawing" if thaw else "Freezing"
        bad = _show(_frozen(desk, listed, not thaw), len(listed), title, "frozen", as_json)
        note(f"{len(listed) - bad} {'thawed' if thaw else 'frozen'}, {bad} invalid.")
        context.exit(1 if bad else 0)
    changed = desk.freeze(customer, not thaw)
    if as_json:
        print_json({"customer_id": customer, "frozen": not thaw, "replayed": not changed})
    note(f"{customer} is {'thawed' if thaw else 'frozen'}.")


@click.command(epilog="Example: counterfoil points sweep C-1 C-2 --bank harbour")
@click.argument("customers", nargs=-1)
@_file_option
@bank_option
@state_option
@json_option
@click.pass_context
def sweep(
    context: click.Context,
    customers: tuple[str, ...],
    file: Path | None,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Let lapse what is due in the accounts of CUSTOMERS, or of all customers of a file."""
    listed = _listed(file, named=bool(customers))
    desk = bank_desk(folder, bank)
    if not customers:
        bad = _show(_lapsed(desk, listed), len(listed), "Sweeping", "lapsed", as_json)
        note(f"{len(listed) - bad} swept, {bad} invalid.")
        context.exit(1 if bad else 0)
    lapsed = sum(swept(desk, customers))
    if as_json:
        print_json({"accounts": len(customers), "lapsed": lapsed})
    note(f"{lapsed} points lapsed.")


def _listed(file: Path | None, *, named: bool) -> _Customers:
    """The rows of the file, if that was given instead of names."""
    if (file is not None) == named:
        raise BadInput("name customers or a file of them", field="--file")
    if file is None:
        return ()
    found = read_customers(file)
    note_ignored(found.ignored)
    return found.rows


def _frozen(desk: BankDesk, listed: _Customers, frozen: bool) -> Iterator[_Row]:
    for one in listed:
        if isinstance(one, BadCustomer):
            yield _bad(one, "frozen")
        else:
            changed = desk.freeze(one, frozen)
            yield _done(one, not changed) | {"frozen": frozen}


def _lapsed(desk: BankDesk, listed: _Customers) -> Iterator[_Row]:
    lapsed = swept(desk, [one for one in listed if isinstance(one, str)])
    for one in listed:
        if isinstance(one, BadCustomer):
            yield _bad(one, "lapsed")
        else:
            points = next(lapsed)
            yield _done(one, not points) | {"lapsed": points}


def _done(customer: str, replayed: bool) -> dict[str, object]:
    return {"customer_id": customer, "reason": None, "detail": "Done.", "replayed": replayed}


def _bad(row: BadCustomer, column: str) -> _Row:
    reason = Reason.BAD_ROW.code
    told = {"customer_id": "", "reason": reason, "detail": row.problem, "replayed": False}
    return told | {column: None}


def _show(found: Iterator[_Row], count: int, title: str, column: str, as_json: bool) -> int:
    """Show the rows as they come; how many of them are bad."""
    rows = Rows(("customer_id", column, "reason", "replayed", "detail"), as_json=as_json)
    bad = 0
    with progress(title, count) as move:
        for row in found:
            rows.add(row)
            bad += row["reason"] is not None
            move(1)
    rows.close()
    return bad


COMMANDS = (freeze, sweep)
