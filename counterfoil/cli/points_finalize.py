"""``counterfoil points finalize``: record 3 of orders that were left open."""

from __future__ import annotations

import click

from counterfoil.cli.desks import bank_desk
from counterfoil.cli.output import Rows, bank_option, json_option, note, progress, state_option
from counterfoil.errors import BadInput
from counterfoil.points.finalizing import finalize as finalized

_COLUMNS = ("order_ref", "status", "reason", "transaction", "replayed", "detail")


@click.command(epilog="Example: counterfoil points finalize H-001 H-002 --bank harbour")
@click.argument("order_refs", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every paid order that is open.")
@click.option(
    "--terminal",
    default="",
    help="Name of the terminal that placed them, if several have paid orders of these references. "
    "An order's id (0x...) in the place of its reference says it too.",
)
@bank_option
@state_option
@json_option
@click.pass_context
def finalize(
    context: click.Context,
    order_refs: tuple[str, ...],
    everything: bool,
    terminal: str,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Complete the orders paid under ORDER_REFS that `redeem --until settled` left open, with
    their terminals' keys."""
    if everything == bool(order_refs):
        raise BadInput("name the orders to complete, or say --all", field="ORDER_REFS")
    if everything and terminal:
        raise BadInput("goes with ORDER_REFS, not with --all", field="--terminal")
    desk = bank_desk(folder, bank)
    rows = Rows(_COLUMNS, as_json=as_json)
    done = refused = 0
    with progress("Finalizing", len(order_refs) or None) as move:
        for answer in finalized(desk, order_refs, note, terminal):
            rows.add(answer.as_row())
            refused += answer.status == "refused"
            done += answer.status == "final"
            move(1)
    rows.close()
    note(f"{done} final, {refused} refused.")
    context.exit(1 if refused else 0)


COMMANDS = (finalize,)
