"""``counterfoil bank``: a bank's node, and the keys of the bank's own channels."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import click

from counterfoil.bank.consents import ChannelKeys
from counterfoil.bank.settings import Settings
from counterfoil.bank.tables import CHANNEL_KEYS
from counterfoil.cli.amounts import minor_of
from counterfoil.cli.lazy import Group
from counterfoil.cli.output import bank_option, json_option, note, print_json, state_option
from counterfoil.database import open_database
from counterfoil.deployment import load
from counterfoil.errors import BadInput
from counterfoil.local.ports import HOST
from counterfoil.state import State

_LIMITS = {
    "confirm_seconds": (1, "Seconds that a customer has to answer."),
    "quote_seconds": (1, "Seconds that a quote is good for."),
    "status_days": (1, "Days that a customer's link opens a payment."),
    "accounts_a_minute": (0, "Customers a minute above which a terminal raises an alarm."),
    "refusals_a_minute": (0, "Orders refused a minute above which it raises one."),
    "listeners": (1, "Event streams that may be open at once."),
}
"""Settings by name: the least that each may be, and what it is."""

Command = TypeVar("Command", bound=Callable[..., None])


def _limits(command: Command) -> Command:
    """An option for each of those, with the variable that sets it too."""
    for name, (_, said) in reversed(_LIMITS.items()):
        command = click.option(
            "--" + name.replace("_", "-"),
            default=getattr(Settings(), name),
            show_default=True,
            envvar=f"COUNTERFOIL_BANK_{name.upper()}",
            help=said,
        )(command)
    return command


@click.group(cls=Group)
def bank() -> None:
    """Answer terminals, the bank's own channel and customers over HTTP."""


@bank.command(epilog="Example: counterfoil bank serve --bank harbour --port 8601")
@bank_option
@click.option("--host", default=HOST, show_default=True, envvar="COUNTERFOIL_BANK_HOST")
@click.option("--port", required=True, type=int, envvar="COUNTERFOIL_BANK_PORT")
@click.option(
    "--confirm-above",
    default="100",
    show_default=True,
    envvar="COUNTERFOIL_CONFIRM_ABOVE",
    help="Cash above which a customer is asked before points are spent, or `never`.",
)
@click.option(
    "--pages",
    default="",
    envvar="COUNTERFOIL_PAGES",
    help="Where the customers' pages are: links lead there, and answers from there count.  "
    "[default: links have no address]",
)
@click.option(
    "--rate",
    default=50.0,
    show_default=True,
    envvar="COUNTERFOIL_BANK_RATE",
    help="Requests a second that one terminal may make.",
)
@click.option(
    "--order-rate",
    default=2000.0,
    show_default=True,
    envvar="COUNTERFOIL_BANK_ORDER_RATE",
    help="Orders a second that one terminal may post.",
)
@_limits
@state_option
def serve(
    bank: str | None,
    host: str,
    port: int,
    confirm_above: str,
    pages: str,
    rate: float,
    order_rate: float,
    folder: str | None,
    **limits: int,
) -> None:
    """Answer until Ctrl-C. Journals are in the state folder, or where COUNTERFOIL_DATABASE_URL
    says: several nodes over one PostgreSQL share the work."""
    from counterfoil.bank.node import open_node  # a web server: for this command only
    from counterfoil.bank.service import serve as answer
    from counterfoil.bank.wire import MAX_ORDERS

    state = State.at(folder)
    currency = load(state).bank(bank).currency
    for option, value in (("--rate", rate), ("--order-rate", order_rate)):
        if value <= 0:
            raise BadInput("is not over 0", field=option)
    for name, (least, _) in _LIMITS.items():
        if limits[name] < least:
            raise BadInput(f"is under {least}", field="--" + name.replace("_", "-"))
    settings = Settings(
        confirm_above=_above(confirm_above, currency),
        pages=pages.rstrip("/"),
        rate=rate,
        burst=max(1, int(rate * 4)),
        order_rate=order_rate,
        order_burst=max(MAX_ORDERS, int(order_rate * 10)),
        **limits,
    )
    node = open_node(state, bank, settings)
    note(f"{node.desk.bank} listens at http://{host}:{port}")
    answer(node, host, port)


@bank.group()
def key() -> None:
    """The keys with which the bank's own channels come in."""


@key.command(epilog="Example: counterfoil bank key add app --bank harbour")
@click.argument("name")
@bank_option
@state_option
@json_option
def add(name: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Make a key for channel NAME and print it, this once. Its former key counts no more."""
    keys, of = _keys(folder, bank)
    made = keys.add(_name(name), int(time.time()))
    if as_json:
        print_json({"bank": of, "name": name, "key": made})
    else:
        click.echo(made)


@key.command(epilog="Example: counterfoil bank key drop app --bank harbour")
@click.argument("name")
@bank_option
@state_option
@json_option
def drop(name: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Let the key of channel NAME count no more."""
    keys, of = _keys(folder, bank)
    keys.drop(_name(name))
    if as_json:
        print_json({"bank": of, "name": name})
    note(f"The key of {name} counts no more.")


@key.command("list", epilog="Example: counterfoil bank key list --bank harbour")
@bank_option
@state_option
@json_option
def names(bank: str | None, folder: str | None, as_json: bool) -> None:
    """Which channels have a key."""
    keys, of = _keys(folder, bank)
    found = keys.names()
    if as_json:
        print_json({"bank": of, "names": found})
    else:
        click.echo("\n".join(found) or "None.")


def _keys(folder: str | None, bank: str | None) -> tuple[ChannelKeys, str]:
    state = State.at(folder)
    name = load(state).bank(bank).bank
    engine = open_database(state.database_url("bank"), CHANNEL_KEYS.metadata)
    click.get_current_context().call_on_close(engine.dispose)
    return ChannelKeys(engine, name), name


def _name(name: str) -> str:
    if not (name.isascii() and name.replace("-", "").isalnum() and len(name) <= 32):
        raise BadInput("is not 1 to 32 letters, digits and hyphens", field="NAME")
    return name


def _above(text: str, currency: str) -> int | None:
    return None if text == "never" else minor_of(text, currency, "--confirm-above", zero=True)
