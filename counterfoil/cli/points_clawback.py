"""``counterfoil points claw-back``: credits taken back."""

from __future__ import annotations

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
    progress,
    state_option,
)
from counterfoil.errors import BadInput
from counterfoil.points.clawfile import BadClaw, Claw, claw_of, read_claws

_COLUMNS = (
    *("claw_reference", "reference", "status", "reason", "points", "shortfall", "replayed"),
    "detail",
)


@click.command(
    "claw-back",
    epilog="Example: counterfoil points claw-back --reference HB-2026-0001 --points 300 "
    "--claw-reference return-77",
)
@click.argument("file", type=INPUT, required=False)
@click.option("--reference", default="", help="Of the credit, instead of a FILE.")
@click.option("--points", default="", help="How many of its points.  [default: all that are left]")
@click.option(
    "--claw-reference",
    default="",
    help="Your own id for this, done once.  [default: the credit's reference]",
)
@bank_option
@state_option
@json_option
@click.pass_context
def claw_back(
    context: click.Context,
    file: Path | None,
    reference: str,
    points: str,
    claw_reference: str,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Take credits back whose purchase was returned: one, or those of a CSV FILE with the columns
    reference,points,claw_reference (the last two may be empty or left out).

    An account never falls below zero: what was spent or has lapsed is the shortfall.
    """
    asked = _asked(file, reference, points, claw_reference)
    desk = bank_desk(folder, bank)
    rows = Rows(_COLUMNS, as_json=as_json)
    refused = short = 0
    with progress("Taking back", len(asked)) as move:
        for answer in desk.clawing().claw_back(asked):
            rows.add(answer.as_row())
            refused += answer.status == "refused"
            short += answer.shortfall or 0
            move(1)
    rows.close()
    note(f"{len(asked) - refused} taken back ({short} points short), {refused} refused.")
    context.exit(1 if refused else 0)


def _asked(
    file: Path | None, reference: str, points: str, claw_reference: str
) -> tuple[Claw | BadClaw, ...]:
    if (file is None) == (not reference):
        raise BadInput("name a credit or a FILE", field="--reference")
    if file is None:
        return (claw_of(reference, points, claw_reference),)
    if points or claw_reference:
        raise BadInput("goes with --reference; in a FILE it is a column", field="--points")
    claws = read_claws(file)
    note_ignored(claws.ignored)
    return claws.rows


COMMANDS = (claw_back,)
