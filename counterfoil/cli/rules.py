"""``counterfoil rules``: what a bank promises."""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli.amounts import minor_of
from counterfoil.cli.desks import bank_desk
from counterfoil.cli.lazy import Group
from counterfoil.cli.output import FILE, bank_option, json_option, note, print_json, state_option
from counterfoil.errors import BadInput
from counterfoil.local import asked
from counterfoil.money import format_minor
from counterfoil.points.administration import publish as publish_rules
from counterfoil.points.explain import explain as explained
from counterfoil.points.rules import LAPSE, Rules, read_rules
from counterfoil.state import State


@click.group(cls=Group)
def rules() -> None:
    """A bank's rules: show, publish, explain."""


@rules.command(epilog="Example: counterfoil rules show --bank harbour --json")
@click.argument("version", type=click.IntRange(1), required=False)
@bank_option
@state_option
@json_option
def show(version: int | None, bank: str | None, folder: str | None, as_json: bool) -> None:
    """The live rules, or those of VERSION."""
    desk = bank_desk(folder, bank)
    live = desk.ledger.current_rules()
    number = version or live
    if number > live:
        raise BadInput(f"is {number}, and version {live} is the last", field="VERSION")
    row = {"bank": desk.bank, "version": number} | _row(
        desk.ledger.rules(number), desk.ledger.record.currency
    )
    if as_json:
        print_json(row)
        return
    for name, value in row.items():
        click.echo(f"{name.replace('_', ' '):18} {value}")


@rules.command(epilog="Example: counterfoil rules publish harbour.toml --bank harbour")
@click.argument("file", type=FILE)
@bank_option
@state_option
@json_option
def publish(file: Path, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Make the rules in FILE (rules.toml) the live ones, as a new version."""
    wanted = read_rules(file)
    done = publish_rules(bank_desk(folder, bank or wanted.bank), wanted)
    asked.keep_rules(State.at(folder), wanted.bank, file)  # the next `up` doesn't go back to others
    if as_json:
        print_json({"bank": wanted.bank, "version": done.version, "replayed": done.replayed})
    note(f"Version {done.version} {'was live already' if done.replayed else 'is live'}.")


@rules.command(epilog="Example: counterfoil rules explain --points 12345 --price 30.00")
@click.option(
    "--points",
    type=click.IntRange(0),
    default=10_000,
    show_default=True,
    help="What the customer holds.",
)
@click.option("--price", default="50", show_default=True, help="What the purchase costs.")
@bank_option
@state_option
@json_option
def explain(points: int, price: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """The live rules in words, with an example worked through."""
    desk = bank_desk(folder, bank)
    currency = desk.ledger.record.currency
    live = desk.ledger.rules(desk.ledger.current_rules())
    cost = minor_of(price, currency, "--price")
    sentences = list(explained(live, currency, held=points, price=cost))
    if as_json:
        print_json({"bank": desk.bank, "sentences": sentences})
        return
    for sentence in sentences:
        click.echo(sentence)


def _row(live: Rules, currency: str) -> dict[str, object]:
    """The rules by the names of rules.toml."""
    return {
        "currency": currency,
        "points": live.rate.points,
        "minor_units": live.rate.minor_units,
        "minimum_points": live.minimum_points,
        "increment": live.increment,
        "max_order": format_minor(live.max_order, currency),
        "max_account_day": format_minor(live.max_account_day, currency),
        "max_terminal_day": format_minor(live.max_terminal_day, currency),
        "sunset_seconds": live.sunset_seconds,
        "refund_days": live.refund_days,
        "restored": "lapse" if live.grace_days == LAPSE else f"grace:{live.grace_days}",
    }
