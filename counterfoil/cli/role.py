"""``counterfoil role``: who may mint, work and vouch for tickets."""

from __future__ import annotations

from typing import Any

import click
from eth_utils.address import is_address, to_checksum_address

from counterfoil.cli.lazy import Group
from counterfoil.cli.output import Rows, json_option, note, print_json, state_option
from counterfoil.errors import BadInput
from counterfoil.state import State
from counterfoil.ticket_desk import registry_of
from counterfoil.tickets.opening import ADMIN
from counterfoil.tickets.roles import ROLES

_ETHER = 10**18  # wei
_SIGNS_ONLY = "verifier"  # sends no transactions, and so needs no ether

_role_argument = click.argument("role", type=click.Choice(ROLES))
_who_argument = click.argument("who", metavar="WHO")


@click.group(cls=Group)
def role() -> None:
    """Say who may mint, work and vouch for tickets."""


@role.command("list", epilog="Example: counterfoil role list --json")
@state_option
@json_option
def list_(folder: str | None, as_json: bool) -> None:
    """List everybody who has a role, and the name of their key if it is kept here."""
    state = State.at(folder)
    names = {_address(state, name): name for name in _kept(state)}
    roles = registry_of(state).roles()
    rows = Rows(("role", "address", "key"), as_json=as_json)
    for one in ROLES:
        for address in roles.holders(one):
            rows.add({"role": one, "address": address, "key": names.get(address)})
    rows.close()


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
@_who_argument
@state_option
@json_option
def grant(role: Any, who: str, folder: str | None, as_json: bool) -> None:
    """Give WHO (an address, or a key kept here) a role."""
    state = State.at(folder)
    address, registry = _address(state, who), registry_of(state)
    changed = registry.roles().grant(state.signer(ADMIN), role, address)
    chain = registry.roles().contract.chain
    if role != _SIGNS_ONLY and address != who and chain.balance(address) < _ETHER:
        chain.fund(address, 10 * _ETHER)  # a key of ours on a chain of ours
    _say(as_json, role, address, changed, "has" if changed else "had before")


@role.command(epilog="Example: counterfoil role revoke verifier verifier-3")
@_role_argument
@_who_argument
@state_option
@json_option
def revoke(role: Any, who: str, folder: str | None, as_json: bool) -> None:
    """Take a role from WHO; it counts at once, and `counterfoil up` doesn't give it back."""
    state = State.at(folder)
    address, roles = _address(state, who), registry_of(state).roles()
    changed = roles.revoke(state.signer(ADMIN), role, address)
    _say(as_json, role, address, changed, "has no longer" if changed else "never had")
    contract = roles.contract
    if role == _SIGNS_ONLY and len(list(roles.holders("verifier"))) < contract.call("quorum"):
        note("Fewer verifiers than a quorum are left: nothing can be minted.")


def _address(state: State, who: str) -> str:
    if is_address(who) and who.startswith("0x"):
        return to_checksum_address(who)
    if not state.has_key(who):
        raise BadInput(
            "neither an address nor a key of this state folder",
            field=who[:64],
            fix="`counterfoil role key` makes one.",
        )
    return state.signer(who).address


def _kept(state: State) -> list[str]:
    prefixes = ("tickets-admin", "intake", "staff-", "verifier-")
    names = [name for prefix in prefixes for name in state.names(prefix)]
    return [name for name in names if not name.endswith("-box")]


def _say(as_json: bool, role: str, address: str, changed: bool, has: str) -> None:
    if as_json:
        print_json({"role": role, "address": address, "changed": changed})
    else:
        click.echo(f"{address} {has} the role {role}.")
