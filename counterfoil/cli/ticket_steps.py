"""``counterfoil ticket take`` and its like: one step on one ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from counterfoil.cli.ticket_options import Command, acting, handler_of, saying
from counterfoil.cli.ticket_sheet import present
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets import lifecycle
from counterfoil.tickets.casefile import PRIORITIES
from counterfoil.tickets.registry import Action


@click.command(epilog="Example: counterfoil ticket assign 0x5b1c… --to staff-2")
@acting
@click.option("--to", required=True, help="Address, or the name of a key in the state folder.")
@saying("--note", "Why.")
def assign(
    token_id: bytes, to: str, note: str | None, staff: str, folder: str | None, as_json: bool
) -> None:
    """Give a ticket to another member of staff."""
    address = handler_of(State.at(folder), to, "--to")
    with open_desk(State.at(folder), staff=staff) as desk:
        present(
            lifecycle.assign(desk, token_id, address, now=datetime.now(UTC), note=note), as_json
        )


@click.command(epilog="Example: counterfoil ticket priority 0x5b1c… urgent")
@acting
@click.argument("priority", type=click.Choice(PRIORITIES))
@saying("--note", "Why.")
def priority(
    token_id: bytes,
    priority: Any,
    note: str | None,
    staff: str,
    folder: str | None,
    as_json: bool,
) -> None:
    """Give a ticket another priority, and so another due time."""
    with open_desk(State.at(folder), staff=staff) as desk:
        said = f"priority {priority}" + (f": {note}" if note else "")
        sheet = lifecycle.move(
            desk, token_id, Action.NOTE, now=datetime.now(UTC), note=said, priority=priority
        )
        present(sheet, as_json)


@click.command(epilog="Example: counterfoil ticket erase 0x5b1c… --note 'asked to be forgotten'")
@acting
@saying("--note", "Why.")
def erase(token_id: bytes, note: str | None, staff: str, folder: str | None, as_json: bool) -> None:
    """Make a case unreadable for good; its trail on chain stays."""
    with open_desk(State.at(folder), staff=staff) as desk:
        present(lifecycle.erase(desk, token_id, now=datetime.now(UTC), note=note), as_json)


def _step(
    action: Action, does: str, say: Callable[[Command], Command], example: str
) -> click.Command:
    """The command of one plain step."""

    @click.command(
        action.word, help=does, epilog=f"Example: counterfoil ticket {action.word} 0x5b1c…{example}"
    )
    @acting
    @say
    def step(
        token_id: bytes, note: str | None, staff: str, folder: str | None, as_json: bool
    ) -> None:
        with open_desk(State.at(folder), staff=staff) as desk:
            present(
                lifecycle.move(desk, token_id, action, now=datetime.now(UTC), note=note), as_json
            )

    return step


_WHY = saying("--note", "Why.")
STEPS: tuple[click.Command, ...] = (
    assign,
    priority,
    erase,
    _step(Action.TAKE, "Start to work on a ticket; it becomes yours.", _WHY, ""),
    _step(Action.NOTE, "Add a note.", saying("--note", "What.", required=True), " --note -"),
    _step(
        Action.ASK,
        "Ask the customer, and wait for the reply.",
        saying("--question", "What to ask.", required=True),
        " --question 'Which shop was it?'",
    ),
    _step(
        Action.REPLY,
        "Note the customer's reply, and go on.",
        saying("--note", "The reply.", required=True),
        " --note -",
    ),
    _step(
        Action.RESOLVE,
        "Answer the query.",
        saying("--answer", "What the customer is told.", required=True),
        " --answer 'The shop has refunded it.'",
    ),
    _step(Action.CLOSE, "Close a resolved ticket.", _WHY, ""),
    _step(Action.REOPEN, "Open a ticket again that has ended.", _WHY, " --note 'new evidence'"),
    _step(Action.REJECT, "End a ticket that can't be worked on.", _WHY, " --note 'not our card'"),
    _step(Action.WITHDRAW, "End a ticket that the customer takes back.", _WHY, ""),
)
"""Every command that changes a ticket."""
