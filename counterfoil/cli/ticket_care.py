"""``counterfoil ticket doctor`` and ``outbox``: looking after what is there."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from counterfoil.cli.output import Rows, counted, json_option, note, progress, state_option
from counterfoil.cli.ticket_rows import finding_row, message_row
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets.doctor import examine
from counterfoil.tickets.outbox import delivered, due


@click.command(epilog="Example: counterfoil ticket doctor --repair")
@click.option("--repair", is_flag=True, help="Put right what can be put right.")
@state_option
@json_option
@click.pass_context
def doctor(context: click.Context, repair: bool, folder: str | None, as_json: bool) -> None:
    """Look for blocks that are unpinned, missing or damaged on any node, or shouldn't be there.

    Exit 0 if nothing is amiss, or is any more.
    """
    rows = Rows(("node", "state", "token_id", "cid", "repaired"), as_json=as_json)
    left = found = 0
    with open_desk(State.at(folder)) as desk, progress("Amiss so far") as move:
        for finding in counted(examine(desk, datetime.now(UTC), repair=repair), move):
            rows.add(finding_row(finding))
            found += 1
            left += not finding.repaired
    rows.close()
    if not found:
        note("Every block is where it has to be.")
    elif repair:
        note(f"{found} amiss, {found - left} put right.")
    else:
        note(f"{found} amiss. `counterfoil ticket doctor --repair` puts right what can be.")
    context.exit(1 if left else 0)


@click.command(epilog="Example: counterfoil ticket outbox --channel app --deliver --json")
@click.option("--channel", help="Only messages for this one.")
@click.option("--deliver", is_flag=True, help="Note them as delivered, each once it is printed.")
@state_option
@json_option
@click.pass_context
def outbox(
    context: click.Context, channel: str | None, deliver: bool, folder: str | None, as_json: bool
) -> None:
    """What the channels that raised queries are still to be told.

    Without --deliver the same messages come again the next time.
    """
    rows = Rows(("channel", "channel_ref", "status", "card_number", "answer"), as_json=as_json)
    unread = 0
    with open_desk(State.at(folder)) as desk:
        messages = list(due(desk, channel))
        for message in messages:
            rows.add(message_row(message))
            unread += message.problem is not None
        rows.close()
        sys.stdout.flush()  # a reader that is gone has been told nothing
        if deliver:
            delivered(desk, messages)
    told = len(messages) - unread
    note(f"{told} message{'' if told == 1 else 's'}{' delivered' if deliver else ''}.")
    if unread:
        note(f"{unread} can't be read now: `counterfoil ticket doctor`.")
    context.exit(1 if unread else 0)
