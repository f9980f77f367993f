"""``counterfoil points reconcile``: journals, terminals' file and chain compared."""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict, fields
from pathlib import Path

import click

from counterfoil.bank.taken import Taken
from counterfoil.cli.desks import bank_desk
from counterfoil.cli.output import (
    INPUT,
    Rows,
    bank_option,
    json_option,
    note,
    progress,
    state_option,
)
from counterfoil.points.findings import Finding
from counterfoil.points.reconcile import reconcile as compared
from counterfoil.points.signedfile import signed_alone

_COLUMNS = tuple(field.name for field in fields(Finding))


@click.command(epilog="Example: counterfoil points reconcile --file signed.jsonl --csv > amiss.csv")
@click.option("--file", type=INPUT, help="The terminals' signed orders (JSON Lines).")
@click.option(
    "--older-than",
    type=click.IntRange(0),
    default=3600,
    show_default=True,
    help="Seconds after which a paid order should be final, and what was begun be done.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Answer in CSV on stdout.")
@bank_option
@state_option
@json_option
@click.pass_context
def reconcile(
    context: click.Context,
    file: Path | None,
    older_than: int,
    as_csv: bool,
    bank: str | None,
    folder: str | None,
    as_json: bool,
) -> None:
    """Compare the bank's journals, the terminals' FILE and the chain; exit 0 only if they agree.

    Orders, credits, claw-backs and refunds are compared. An order of the FILE that the ledger can't
    answer (replayed, bad-signature, unknown-terminal) is told as unanswerable; that fails nothing.
    """
    desk = bank_desk(folder, bank)
    signed = None if file is None else signed_alone(file)
    found = compared(
        *(desk, signed),
        older_than=older_than,
        now=desk.now(),
        watch=progress,
        taken=Taken(desk).among,
    )
    findings = list(found)
    if as_csv:
        writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(finding) for finding in findings)
    else:
        rows = Rows(_COLUMNS, as_json=as_json)
        for finding in findings:
            rows.add(asdict(finding))
        rows.close()
    amiss = sum(finding.amiss for finding in findings)
    told = len(findings) - amiss
    aside = f" {told} orders can't be answered by anybody." if told else ""
    note((f"{amiss} amiss." if amiss else "Nothing is amiss.") + aside)
    context.exit(1 if amiss else 0)


COMMANDS = (reconcile,)
