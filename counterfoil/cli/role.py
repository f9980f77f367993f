"""``counterfoil role``: who may mint, work and vouch for tickets."""

from __future__ import annotations

from typing import Any

import click

from counterfoil.cli.holders import address_of, list_holders, say_change, who_argument
from counterfoil.cli.lazy import Group
from counterfoil.cli.output import json_option, note, print_json, state_option
from counterfoil.state import State
from counterfoil.ticket_desk import registry_of
from counterfoil.tickets.opening import ADMIN
from counterfoil.tickets.roles import ROLES

_ETHER = 10**18  # wei
_SIGNS_ONLY = "verifier"  # sends no transactions, and so needs no ether

_role_argument = click.argument("role", type=click.Choice(ROLES))


@click.group(cls=Group)
def role() -> None:
    """Say who may mint, work and vouch for tickets."""


@role.command("list", epilog="Example: counterfoil role list --json")
@state_option
@json_option
def list_(folder: str | None, as_json: bool) -> None:
    """List everybody who has a role, and the name of their key if it is kept here."""
    state = State.at(folder)
    list_holders(state, registry_of(state).roles(), ROLES, _kept(state), as_json)


@role.command(epilog="Example: counterfoil role key staff-2")
@click.argument("name")
@state_option
@json_option
def key(name: str, folder: str | None, as_json: bool) -> None:
    """Make a key under this NAME unless there is one, and print its address."""
    state = State.at(folder)
    address = state.signer(name).address
    if as_json:
        print_json({"key": name, "address": address})
    else:
        click.echo(address)


@role.command(epilog="Example: counterfoil role grant resolver staff-2")
@_role_argument
@who_argument
@state_option
@json_option
def grant(role: Any, who: str, folder: str | None, as_json: bool) -> None:
    """Give WHO (an address, or a key kept here) a role."""
    state = State.at(folder)
    address, registry = address_of(state, who), registry_of(state)
    changed = registry.roles().grant(state.signer(ADMIN), role, address)
    chain = registry.roles().contract.chain
    if role != _SIGNS_ONLY and address != who and chain.balance(address) < _ETHER:
        chain.fund(address, 10 * _ETHER)  # a key of ours on a chain of ours
    say_change(as_json, role, address, changed, "has" if changed else "had before")


@role.command(epilog="Example: counterfoil role revoke verifier verifier-3")
@_role_argument
@who_argument
@state_option
@json_option
def revoke(role: Any, who: str, folder: str | None, as_json: bool) -> None:
    """Take a role from WHO; it counts at once, and `counterfoil up` doesn't give it back."""
    state = State.at(folder)
    address, roles = address_of(state, who), registry_of(state).roles()
    changed = roles.revoke(state.signer(ADMIN), role, address)
    say_change(as_json, role, address, changed, "has no longer" if changed else "never had")
    contract = roles.contract
    if role == _SIGNS_ONLY and len(list(roles.holders("verifier"))) < contract.call("quorum"):
        note("Fewer verifiers than a quorum are left: nothing can be minted.")


def _kept(state: State) -> list[str]:
    prefixes = ("tickets-admin", "intake", "staff-", "verifier-")
    names = [name for prefix in prefixes for name in state.names(prefix)]
    return [name for name in names if not name.endswith("-box")]
