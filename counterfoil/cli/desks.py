"""What a command opens for its own time: it is closed when the command ends, however it does."""

from __future__ import annotations

import click

from counterfoil.points.desk import BankDesk
from counterfoil.state import State


def bank_desk(folder: str | None, bank: str | None) -> BankDesk:
    """The desk of a bank in a state folder, for the command that is running.

    Raises:
        BadInput: no such bank.
        Unavailable: nothing is deployed, or the chain is away or another one.
    """
    return click.get_current_context().with_resource(BankDesk.open(State.at(folder), bank))
