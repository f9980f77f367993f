"""Options and arguments of the ticket commands."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import click
from eth_utils.address import to_checksum_address

from counterfoil.cli.output import json_option, state_option
from counterfoil.errors import BadInput
from counterfoil.state import State
from counterfoil.tickets.opening import STAFF

Command = Callable[..., Any]
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_TOKEN = re.compile(r"0x[0-9a-fA-F]{64}")


def said(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """The value of a text option; ``-`` stands for standard input, where nobody else sees it."""
    return sys.stdin.read().strip() if value == "-" else value


def saying(name: str, text: str, *, required: bool = False) -> Callable[[Command], Command]:
    """A text option that goes into the case as its ``note``."""
    told = f"{text} `-` reads standard input."
    return click.option(name, "note", metavar="TEXT", help=told, required=required, callback=said)


def token_id(text: str) -> bytes:
    """The 32 bytes of a ticket's id as it is written.

    Raises:
        BadInput: it isn't written so.
    """
    if not _TOKEN.fullmatch(text):
        raise BadInput("a ticket's id is 0x and 64 hex digits", field="ID")
    return bytes.fromhex(text[2:])


token_argument = click.argument(
    "token_id", metavar="ID", callback=lambda _context, _argument, value: token_id(value)
)
_staff_option = click.option(
    "--as", "staff", default=STAFF, help="Key that acts.", show_default=True
)


def acting(command: Command) -> Command:
    """What a step on one ticket takes: ``ID``, ``--as`` and the options of every command."""
    return token_argument(_staff_option(state_option(json_option(command))))


def handler_of(state: State, name: str, option: str) -> str:
    """An address as given, or that of a key that the state folder keeps.

    Raises:
        BadInput: it is neither.
    """
    if _ADDRESS.fullmatch(name):
        return to_checksum_address(name)
    if not state.has_key(name):
        raise BadInput("neither an address nor a key of this state folder", field=option)
    return state.signer(name).address
