"""``counterfoil ticket attach`` and ``fetch``: files of a case, in and out."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from counterfoil.cli.output import FILE, json_option, print_json, state_option
from counterfoil.cli.ticket_options import acting, saying, token_argument
from counterfoil.cli.ticket_sheet import present
from counterfoil.errors import BadInput
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets import lifecycle
from counterfoil.tickets.attachments import MAX_ATTACHMENT, File
from counterfoil.tickets.fetching import fetch as fetched
from counterfoil.tickets.registry import Action


@click.command(epilog="Example: counterfoil ticket attach 0x5b1c… slip.png")
@acting
@click.argument("file", type=FILE)
@saying("--note", "What it is.")
def attach(
    token_id: bytes, file: Path, note: str | None, staff: str, folder: str | None, as_json: bool
) -> None:
    """Attach a file of up to 25 MB, encrypted, to a ticket's case."""
    attached = File(file.name, _read(file))
    with open_desk(State.at(folder), staff=staff) as desk:
        sheet = lifecycle.move(
            desk, token_id, Action.NOTE, now=datetime.now(UTC), note=note, files=[attached]
        )
        present(sheet, as_json)


@click.command(epilog="Example: counterfoil ticket fetch 0x5b1c… slip.png --to slip.png")
@token_argument
@click.argument("name")
@click.option("--to", type=FILE, required=True, help="A new file.")
@state_option
@json_option
def fetch(token_id: bytes, name: str, to: Path, folder: str | None, as_json: bool) -> None:
    """Write an attached file, decrypted, to a new file that only you can read.

    NAME is the file's name or its id in the case. Every byte is checked against the chain.
    """
    with open_desk(State.at(folder)) as desk:
        found = fetched(desk, token_id, name)
    _write(to, found.data)
    if as_json:
        entry = found.attachment
        print_json({"file": str(to), "id": entry.id, "type": entry.type, "size": entry.size})
    else:
        click.echo(f"{len(found.data)} bytes are in {to}.")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_ATTACHMENT + 1)  # what is over is refused, and needn't be read
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror}", file=str(file)) from None


def _write(file: Path, data: bytes) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
        except OSError:
            file.unlink()
            raise
    except FileExistsError:
        raise BadInput("is there already", file=str(file), fix="Name another file.") from None
    except OSError as error:
        raise BadInput(f"can't be written: {error.strerror}", file=str(file)) from None
