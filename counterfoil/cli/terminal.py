"""``counterfoil terminal``: what a payment terminal does."""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli import tills
from counterfoil.cli.desks import bank_desk
from counterfoil.cli.lazy import Group
from counterfoil.cli.output import (
    FILE,
    INPUT,
    bank_option,
    json_option,
    note,
    note_ignored,
    print_json,
    progress,
    state_option,
)
from counterfoil.local.ports import HOST
from counterfoil.points import administration
from counterfoil.points.ordersfile import read_orders
from counterfoil.points.outcomes import Outcome
from counterfoil.points.terminals import checked_address
from counterfoil.state import State


@click.group(cls=Group)
def terminal() -> None:
    """Payment terminals: serve, add, move, list, show, sign, disable, enable, rotate."""


@terminal.command(epilog="Example: counterfoil terminal sign orders.csv > signed.jsonl")
@click.argument("file", type=INPUT)
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
    desk = bank_desk(folder, bank)
    orders = read_orders(file, desk.ledger.record.currency)
    note_ignored(orders.ignored)
    unsigned = 0
    with progress("Signing", len(orders.orders)) as move:
        for answer in desk.terminals().sign(orders.orders, check=check):
            if isinstance(answer, Outcome):
                print_json(answer.as_row())
                unsigned += 1
            else:
                click.echo(answer.row)
            move(1)
    note(f"{len(orders.orders) - unsigned} signed, {unsigned} not.")
    context.exit(1 if unsigned else 0)


@terminal.command(
    epilog="Example: counterfoil terminal serve --terminal till-1 --port 8801 "
    "--bank-url http://127.0.0.1:8701"
)
@click.option("--terminal", "name", required=True, envvar="COUNTERFOIL_TERMINAL", help="Its name.")
@click.option(
    "--bank-url",
    required=True,
    envvar="COUNTERFOIL_BANK_URL",
    help="Where the bank's node answers.",
)
@click.option("--host", default=HOST, show_default=True, envvar="COUNTERFOIL_TERMINAL_HOST")
@click.option("--port", required=True, type=int, envvar="COUNTERFOIL_TERMINAL_PORT")
@click.option(
    "--known-as",
    multiple=True,
    metavar="HOST",
    envvar="COUNTERFOIL_TERMINAL_KNOWN_AS",
    help="Another host in the address of its page, such as till.shop.example; may be repeated. "
    "Loopback and --host are known anyway, and a browser that asks for any other is refused.",
)
@click.option(
    "--prices",
    type=FILE,
    envvar="COUNTERFOIL_PRICES",
    help="What the shop charges: a TOML file with a table for each catalogue.",
)
@click.option(
    "--hand-over",
    default=30,
    show_default=True,
    type=click.IntRange(0, 3600),
    help="Seconds until a paid sale completes by itself; it can be cancelled before.",
)
@bank_option
@state_option
def serve(
    name: str,
    bank_url: str,
    host: str,
    port: int,
    known_as: tuple[str, ...],
    prices: Path | None,
    hand_over: int,
    bank: str | None,
    folder: str | None,
) -> None:
    """Be the till of terminal NAME, as pages for a browser, until Ctrl-C.

    It keeps its sales in the state folder, and goes on with them after a stop or a power cut.
    """
    from counterfoil.terminal.opening import counter_of, open_till  # a web server: for this only
    from counterfoil.terminal.service import serve as answer

    state = State.at(folder)
    counter = counter_of(state, name, bank)
    till, pulse = open_till(state, counter, bank_url, prices=prices, hand_over=hand_over)
    note(f"{name} of {counter.record.bank} listens at http://{host}:{port}")
    answer(till, pulse, host, port, known_as)


@terminal.command(epilog="Example: counterfoil terminal disable till-1 --bank harbour")
@click.argument("name")
@bank_option
@state_option
@json_option
def disable(name: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Refuse new orders of terminal NAME. Its refunds go on."""
    _enable(name, False, bank, folder, as_json)


@terminal.command(epilog="Example: counterfoil terminal enable till-1 --bank harbour")
@click.argument("name")
@bank_option
@state_option
@json_option
def enable(name: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Take orders of terminal NAME again."""
    _enable(name, True, bank, folder, as_json)


@terminal.command(epilog="Example: counterfoil terminal rotate till-1 --key 0x5Fb…")
@click.argument("name")
@click.option("--key", required=True, metavar="ADDRESS", help="Address of the new key.")
@bank_option
@state_option
@json_option
def rotate(name: str, key: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Let a new key sign for terminal NAME; new orders of the old one are refused from then on.

    Its name, history and sequences stay. To sign here, put the key into keys/terminal-NAME.
    """
    address = checked_address(key, "--key")
    changed = administration.rotate_key(bank_desk(folder, bank), name, address)
    if as_json:
        print_json({"terminal": name, "key": address, "replayed": not changed})
    note(f"{name}: {address} {'signs' if changed else 'signed already'}.")


for command in tills.COMMANDS:
    terminal.add_command(command)


def _enable(name: str, enabled: bool, bank: str | None, folder: str | None, as_json: bool) -> None:
    desk = bank_desk(folder, bank)
    changed = administration.enable_terminal(desk, name, enabled)
    if as_json:
        print_json({"terminal": name, "enabled": enabled, "replayed": not changed})
    note(f"{name} {'is' if changed else 'was already'} {'enabled' if enabled else 'disabled'}.")
