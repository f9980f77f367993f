"""``counterfoil terminal add``, ``move``, ``list`` and ``show``: which terminals a bank has."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from counterfoil.cli.desks import bank_desk
from counterfoil.cli.output import (
    INPUT,
    Rows,
    bank_option,
    json_option,
    note,
    print_json,
    state_option,
)
from counterfoil.money import format_minor
from counterfoil.points import tills
from counterfoil.points.terminals import Terminal, checked_address, checked_name, read_terminals
from counterfoil.points.tills import TillState

_COLUMNS = ("terminal", "catalogue", "enabled", "contract", "signs_here", "takings_today", "key")


@click.command(epilog="Example: counterfoil terminal add till-7 --catalogue cafe")
@click.argument("name")
@click.option("--catalogue", required=True, help="By its name in terminals.toml.")
@click.option("--file", type=INPUT, help="terminals.toml with the catalogue, if it is new.")
@click.option("--address", help="Who signs for it.  [default: a new local development key]")
@click.option("--erc1271", is_flag=True, help="The address is a contract that judges signatures.")
@bank_option
@state_option
@json_option
def add(
    name: str,
    catalogue: str,
    file: Path | None,
    address: str | None,
    erc1271: bool,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Register terminal NAME. Its address names it for good, whatever key signs for it later."""
    terminal = Terminal(
        name=checked_name(name, "NAME"),
        catalogue=catalogue,
        address=None if address is None else checked_address(address, "--address"),
    )
    desk = bank_desk(folder, bank)
    listed = None if file is None else read_terminals(file, desk.ledger.record.currency)
    added = tills.add(desk, terminal, listed, contract=erc1271)
    if as_json:
        row = {"terminal": name, "address": added.address, "catalogue": catalogue}
        print_json(row | {"replayed": added.replayed})
    note(f"{name} {'was registered already' if added.replayed else 'is registered'}.")


@click.command(epilog="Example: counterfoil terminal move till-7 --catalogue bakery")
@click.argument("name")
@click.option("--catalogue", required=True, help="By its name in terminals.toml.")
@click.option("--file", type=INPUT, help="terminals.toml with the catalogue, if it is new.")
@bank_option
@state_option
@json_option
def move(
    name: str,
    catalogue: str,
    file: Path | None,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Put terminal NAME on another catalogue.

    Orders that it has signed and the bank has not settled are read by the new one: disable it and
    wait out their deadlines first. The bank's node and the terminal's page read the new catalogue
    when they start anew, and `up` follows its files, where they name the terminal.
    """
    desk = bank_desk(folder, bank)
    listed = None if file is None else read_terminals(file, desk.ledger.record.currency)
    before = tills.move(desk, name, catalogue, listed)
    replayed = before.catalogue == catalogue
    if as_json:
        print_json({"terminal": name, "catalogue": catalogue, "replayed": replayed})
    note(f"{name} {'was on' if replayed else 'is on'} {catalogue}{' already' * replayed}.")
    if before.enabled and not replayed:
        note("Orders that it signed before are read by this catalogue too: it was enabled.")


@click.command("list", epilog="Example: counterfoil terminal list --bank harbour")
@bank_option
@state_option
@json_option
def list_(bank: str | None, folder: str | None, as_json: bool) -> None:
    """The bank's terminals, as the ledger has them now."""
    desk = bank_desk(folder, bank)
    rows = Rows(_COLUMNS, as_json=as_json)
    for till in tills.tills(desk):
        rows.add(_row(till, desk.ledger.record.currency))
    rows.close()


@click.command(epilog="Example: counterfoil terminal show till-1 --bank harbour")
@click.argument("name")
@bank_option
@state_option
@json_option
def show(name: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Terminal NAME as the ledger has it now, and what it sells: the most that points may pay for
    one piece of each item."""
    desk = bank_desk(folder, bank)
    currency = desk.ledger.record.currency
    row = _row(tills.till(desk, name), currency)
    catalogue = desk.ledger.record.catalogue_of(name)
    items = [
        {"item": item, "cap": format_minor(cap, currency)}
        for item, cap in zip(catalogue.items, catalogue.caps, strict=True)
    ]
    if as_json:
        print_json(row | {"items": items})
        return
    for field, value in row.items():
        shown = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        click.echo(f"{field.replace('_', ' '):14} {shown}")
    rows = Rows(("item", "cap"), as_json=False)
    for item in items:
        rows.add(item)
    rows.close()


def _row(till: TillState, currency: str) -> dict[str, object]:
    row = asdict(till)
    takings = format_minor(till.takings_today, currency)
    return {"terminal": row.pop("name")} | row | {"takings_today": takings, "currency": currency}


COMMANDS = (add, move, list_, show)
