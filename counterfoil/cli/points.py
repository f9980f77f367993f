"""``counterfoil points``: credits, settlement, balances, offers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from counterfoil.cli import (
    points_accounts,
    points_clawback,
    points_customers,
    points_finalize,
    points_offers,
    points_reconcile,
    points_refunds,
    points_roles,
)
from counterfoil.cli.desks import bank_desk
from counterfoil.cli.lazy import Group
from counterfoil.cli.output import (
    INPUT,
    Rows,
    bank_option,
    json_option,
    note,
    note_ignored,
    progress,
    state_option,
)
from counterfoil.points.lotsfile import read_lots
from counterfoil.points.signedfile import read_signed

_ISSUED = ("reference", "status", "reason", "points", "expires_on", "replayed", "detail")
_ORDERS = ("order_ref", "status", "reason", "points", "cash", "replayed", "detail")


@click.group(cls=Group)
def points() -> None:
    """A bank's points: credits, settlement, balances, offers, quotes."""


@points.command(epilog="Example: counterfoil points issue lots.csv --bank harbour")
@click.argument("file", type=INPUT)
@bank_option
@state_option
@json_option
@click.pass_context
def issue(
    context: click.Context, file: Path, bank: str | None, folder: str | None, as_json: bool
) -> None:
    """Credit the points of a CSV FILE: customer_id,points,earned_on,reference."""
    lots = read_lots(file)
    desk = bank_desk(folder, bank)
    note_ignored(lots.ignored)
    rows = Rows(_ISSUED, as_json=as_json)
    refused = before = 0
    with progress("Issuing", len(lots.rows)) as move:
        for answer in desk.issuing().issue(lots.rows):
            rows.add(answer.as_row())
            refused += answer.status == "refused"
            before += answer.replayed
            move(1)
    rows.close()
    note(f"{len(lots.rows) - refused} issued, {refused} refused" + _before(before))
    context.exit(1 if refused else 0)


@points.command(epilog="Example: counterfoil points redeem signed.jsonl --bank harbour --json")
@click.argument("file", type=INPUT)
@click.option(
    "--until",
    type=click.Choice(["settled", "finalized"]),
    default="finalized",
    show_default=True,
    help="Which record to stop after.",
)
@bank_option
@state_option
@json_option
@click.pass_context
def redeem(
    context: click.Context,
    file: Path,
    until: str,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Record, settle and finalize the signed orders of a JSON Lines FILE."""
    desk = bank_desk(folder, bank)
    entries = read_signed(file, desk.ledger.record.currency)
    settlement = desk.settlement(note, finalize=until == "finalized")
    rows = Rows(_ORDERS, as_json=as_json)
    counted: Counter[str] = Counter()
    before = 0
    with progress("Redeeming") as move:
        for answer in settlement.settle(entries, move):
            rows.add(answer.as_row())
            counted[answer.status] += 1
            before += answer.replayed
    rows.close()
    summary = ", ".join(f"{counted[name]} {name}" for name in ("paid", "rejected", "invalid"))
    note(summary + _before(before))
    context.exit(0 if counted["paid"] == counted.total() else 1)


def _before(rows: int) -> str:
    return f"; {rows} of them done before." if rows else "."


for command in (
    *points_accounts.COMMANDS,
    *points_clawback.COMMANDS,
    *points_customers.COMMANDS,
    *points_finalize.COMMANDS,
    *points_offers.COMMANDS,
    *points_refunds.COMMANDS,
    *points_reconcile.COMMANDS,
    *points_roles.COMMANDS,
):
    points.add_command(command)
