"""``counterfoil vault``: the keys of the case files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from counterfoil import vault_desk
from counterfoil.cli.lazy import Group
from counterfoil.cli.output import FILE, json_option, print_json, state_option
from counterfoil.state import State


@click.group(cls=Group)
def vault() -> None:
    """Look after the keys of the case files."""


@vault.command(epilog="Example: counterfoil vault status --json")
@state_option
@json_option
def status(folder: str | None, as_json: bool) -> None:
    """Where the master key comes from, and what is locked with it."""
    found = vault_desk.holdings(State.at(folder))
    if as_json:
        print_json(asdict(found))
        return
    years = ", ".join(map(str, found.epochs)) or "none"
    click.echo(f"Locked with a master key from: {found.kind}")
    click.echo(f"Case keys: {found.keys}, and {found.destroyed} destroyed")
    click.echo(f"Fingerprint keys of the years: {years}")


@vault.command(epilog="Example: counterfoil vault rotate --to passphrase")
@click.option(
    "--to",
    type=click.Choice(["file", "environment", "passphrase"]),
    help="Where the new master key comes from.  [default: as before]",
)
@state_option
@json_option
def rotate(to: Any, folder: str | None, as_json: bool) -> None:
    """Lock every case key with a new master key. No block in IPFS is touched.

    The new key is made (file), or taken from COUNTERFOIL_VAULT_NEW_KEY (environment) or
    COUNTERFOIL_VAULT_NEW_PASSPHRASE (passphrase; asked for where there is none).
    """
    count = vault_desk.rotate(State.at(folder), to)
    _say(as_json, {"rewrapped": count}, f"{count} keys are locked with the new master key.")


@vault.command(epilog="Example: counterfoil vault backup vault-2025-06-01.json")
@click.argument("file", type=FILE)
@state_option
@json_option
def backup(file: Path, folder: str | None, as_json: bool) -> None:
    """Write all keys into a new FILE, under a passphrase.

    It is asked for, or taken from COUNTERFOIL_BACKUP_PASSPHRASE. A back-up keeps the keys of cases
    that are erased later: destroy old ones.
    """
    count = vault_desk.back_up(State.at(folder), file)
    _say(as_json, {"file": str(file), "keys": count}, f"{count} case keys are in {file}.")


@vault.command(epilog="Example: counterfoil vault restore vault-2025-06-01.json")
@click.argument("file", type=FILE)
@state_option
@json_option
def restore(file: Path, folder: str | None, as_json: bool) -> None:
    """Take in the keys of a back-up that aren't here. An erased case stays erased."""
    count = vault_desk.restore(State.at(folder), file)
    _say(as_json, {"file": str(file), "restored": count}, f"{count} case keys were restored.")


def _say(as_json: bool, row: dict[str, Any], line: str) -> None:
    if as_json:
        print_json(row)
    else:
        click.echo(line)
