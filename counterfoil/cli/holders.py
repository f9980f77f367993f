"""Who has a role, as commands take it and show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click
from eth_utils.address import is_address, to_checksum_address

from counterfoil.cli.output import Rows, print_json
from counterfoil.errors import BadInput
from counterfoil.roles import Roles
from counterfoil.state import State

who_argument = click.argument("who", metavar="WHO")


def address_of(state: State, who: str) -> str:
    """The address that is meant: one, or that of a key kept here.

    Raises:
        BadInput: it is neither.
    """
    if is_address(who) and who.startswith("0x"):
        return to_checksum_address(who)
    if not state.has_key(who):
        raise BadInput(
            "neither an address nor a key of this state folder",
            field=who[:64],
            fix="`counterfoil role key` makes one.",
        )
    return state.signer(who).address


def list_holders(
    state: State, roles: Roles, names: Sequence[str], kept: Iterable[str], as_json: bool
) -> None:
    """Everybody who has one of these roles; ``kept``: the keys that may be one of theirs."""
    keys = {state.signer(name).address: name for name in kept}
    rows = Rows(("role", "address", "key"), as_json=as_json)
    for role in names:
        for address in roles.holders(role):
            rows.add({"role": role, "address": address, "key": keys.get(address)})
    rows.close()


def say_change(as_json: bool, role: str, address: str, changed: bool, has: str) -> None:
    """What became of a role: a row, or a sentence."""
    if as_json:
        print_json({"role": role, "address": address, "changed": changed})
    else:
        click.echo(f"{address} {has} the role {role}.")
