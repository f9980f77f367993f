"""``counterfoil audit``: whether anything is missing or amiss."""

from __future__ import annotations

import click

from counterfoil.audit import audit as audit_everything
from counterfoil.cli.output import Rows, json_option, note, state_option
from counterfoil.state import State


@click.command(epilog="Example: counterfoil audit --json")
@state_option
@json_option
@click.pass_context
def audit(context: click.Context, folder: str | None, as_json: bool) -> None:
    """Check every ledger and ticket against chain and IPFS; exit 0 only if nothing is amiss."""
    rows = Rows(("check", "found", "expected", "agrees"), as_json=as_json)
    amiss = 0
    for check in audit_everything(State.at(folder)):
        rows.add(
            {
                "check": check.name,
                "found": check.found,
                "expected": check.expected,
                "agrees": check.agrees,
            }
        )
        amiss += not check.agrees
    rows.close()
    note(f"{amiss} amiss." if amiss else "Nothing is amiss.")
    context.exit(1 if amiss else 0)
