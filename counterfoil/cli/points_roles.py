"""``counterfoil points``: who may do what at a bank, and stopping settlement."""

from __future__ import annotations

from typing import Any

import click

from counterfoil.cli.desks import bank_desk
from counterfoil.cli.holders import address_of, list_holders, say_change, who_argument
from counterfoil.cli.lazy import Group
from counterfoil.cli.output import bank_option, json_option, note, print_json, state_option
from counterfoil.points import administration
from counterfoil.points.roles import ROLES, admin_of
from counterfoil.points.shelves import fund

_role_argument = click.argument("role", type=click.Choice(ROLES))


@click.command(epilog="Example: counterfoil points pause --bank harbour")
@bank_option
@state_option
@json_option
def pause(bank: str | None, folder: str | None, as_json: bool) -> None:
    """Stop settling; credits, refunds, cancelling and record 3 go on."""
    _pause(bank, folder, as_json, paused=True)


@click.command(epilog="Example: counterfoil points unpause --bank harbour")
@bank_option
@state_option
@json_option
def unpause(bank: str | None, folder: str | None, as_json: bool) -> None:
    """Let a ledger settle again."""
    _pause(bank, folder, as_json, paused=False)


@click.group(cls=Group)
def role() -> None:
    """Say which keys publish rules, issue, settle and pause for a bank."""


@role.command("list", epilog="Example: counterfoil points role list --bank harbour --json")
@bank_option
@state_option
@json_option
def list_(bank: str | None, folder: str | None, as_json: bool) -> None:
    """List everybody who has a role, and the name of their key if it is kept here."""
    with bank_desk(folder, bank) as desk:
        kept = [one for one in desk.state.names(f"{desk.bank}-") if one.endswith(_ENDS)]
        list_holders(desk.state, desk.ledger.roles(), ROLES, kept, as_json)


@role.command(epilog="Example: counterfoil points role separate settler --bank harbour")
@_role_argument
@bank_option
@state_option
@json_option
def separate(role: Any, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Give a role a key of its own, and take it from the operator's.

    The bank's commands use the new key from then on; start a bank's node again that runs."""
    with bank_desk(folder, bank) as desk:
        address, changed = administration.separate(desk, role)
    say_change(as_json, role, address, changed, "alone has" if changed else "alone had before")


@role.command(epilog="Example: counterfoil points role grant pauser 0x… --bank harbour")
@_role_argument
@who_argument
@bank_option
@state_option
@json_option
def grant(role: Any, who: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Give WHO (an address, or a key kept here) a role."""
    with bank_desk(folder, bank) as desk:
        address = address_of(desk.state, who)
        changed = desk.ledger.roles().grant(admin_of(desk.state, desk.bank), role, address)
        if address != who:  # a key of ours on a chain of ours
            fund(desk.ledger.chain, address)
    say_change(as_json, role, address, changed, "has" if changed else "had before")


@role.command(epilog="Example: counterfoil points role revoke pauser 0x… --bank harbour")
@_role_argument
@who_argument
@bank_option
@state_option
@json_option
def revoke(role: Any, who: str, bank: str | None, folder: str | None, as_json: bool) -> None:
    """Take a role from WHO; it counts at once, and `counterfoil up` doesn't give it back."""
    with bank_desk(folder, bank) as desk:
        address = address_of(desk.state, who)
        changed = desk.ledger.roles().revoke(admin_of(desk.state, desk.bank), role, address)
    say_change(as_json, role, address, changed, "has no longer" if changed else "never had")


def _pause(bank: str | None, folder: str | None, as_json: bool, *, paused: bool) -> None:
    with bank_desk(folder, bank) as desk:
        changed = administration.pause(desk, paused)
        name = desk.bank
    if as_json:
        print_json({"bank": name, "paused": paused, "replayed": not changed})
    note(f"{name} {'is paused: nothing is settled' if paused else 'settles'}.")


_ENDS = tuple(f"-{one}" for one in ("operator", "admin", *ROLES))

COMMANDS = (pause, unpause, role)
