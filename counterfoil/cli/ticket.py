"""``counterfoil ticket``: raise and look up tickets from the shell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from counterfoil.cli.lazy import Group
from counterfoil.cli.output import (
    FILE,
    counted,
    json_option,
    note,
    print_json,
    progress,
    state_option,
)
from counterfoil.cli.ticket_care import doctor, outbox
from counterfoil.cli.ticket_files import attach, fetch
from counterfoil.cli.ticket_options import handler_of, said, token_argument
from counterfoil.cli.ticket_rows import Row, late_row, opened_row, step_row, ticket_row
from counterfoil.cli.ticket_sheet import present, show_history, show_opened, show_tickets
from counterfoil.cli.ticket_steps import STEPS
from counterfoil.errors import BadInput
from counterfoil.state import State
from counterfoil.ticket_desk import open_desk
from counterfoil.tickets import lifecycle, trail
from counterfoil.tickets.casefile import STATUSES
from counterfoil.tickets.clocks import late
from counterfoil.tickets.fingerprint import Composite, Typed, normalise, token_id_of
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.listing import list_tickets
from counterfoil.tickets.queries import QueryFile


@click.group(cls=Group)
def ticket() -> None:
    """Raise, look up and work tickets."""


@ticket.command("open", epilog="Example: counterfoil ticket open queries.jsonl --json")
@click.argument("file", type=FILE)
@state_option
@json_option
@click.pass_context
def open_(context: click.Context, file: Path, folder: str | None, as_json: bool) -> None:
    """Make a ticket of each query in FILE, or find the one it has."""
    now = _now()
    queries = QueryFile(file, now=now)
    rows: list[Row] = []
    ended: Counter[str] = Counter()
    amiss = False
    try:
        with open_desk(State.at(folder)) as desk, progress("Opening", len(queries)) as move:
            for opened in open_queries(desk, queries, now=now):
                row = opened_row(opened)
                amiss |= bool(row["problems"])
                ended[opened.outcome] += 1
                if as_json:
                    print_json(row)
                else:
                    rows.append(row)
                move(1)
    finally:  # what was done before an error is shown before the error
        if rows:
            show_opened(rows)
    counts = "; ".join(f"{count} {outcome}" for outcome, count in sorted(ended.items()))
    note(f"{counts or 'No query in the file'}.")
    context.exit(1 if amiss else 0)


@ticket.command(
    epilog="Example: echo 6222021234567894 | counterfoil ticket find --card-number - "
    "--amount 128.50 --currency CNY --time 2025-03-04T09:15:00+08:00 --serial RRN:506309123456"
)
@click.option("--card-number", required=True, help="`-` reads standard input.", callback=said)
@click.option("--amount", required=True)
@click.option("--currency", required=True)
@click.option("--time", required=True, help="ISO 8601 with an offset.")
@click.option("--serial", required=True, help="RRN:, ARN: or STAN: and the number.")
@state_option
@json_option
def find(folder: str | None, as_json: bool, **typed: str) -> None:
    """Find the ticket of a query by its four fields."""
    composite = normalise(Typed(**typed), now=_now())
    if not isinstance(composite, Composite):
        told = "; ".join(f"{one.field}: {one.problem}" for one in composite)
        raise BadInput(told)
    with open_desk(State.at(folder)) as desk:
        token_id = token_id_of(composite, desk.epoch_key)
        present(lifecycle.read(desk, token_id), as_json)


@ticket.command(epilog="Example: counterfoil ticket show 0x5b1c… --json")
@token_argument
@state_option
@json_option
def show(token_id: bytes, folder: str | None, as_json: bool) -> None:
    """Show a ticket and its case, every byte checked against the chain."""
    with open_desk(State.at(folder)) as desk:
        present(lifecycle.read_all(desk, token_id), as_json)


@ticket.command(epilog="Example: counterfoil ticket history 0x5b1c…")
@token_argument
@state_option
@json_option
def history(token_id: bytes, folder: str | None, as_json: bool) -> None:
    """Show every event that the chain has about a ticket, from its opening to where it stands.

    It is an error if an event is missing between.
    """
    with open_desk(State.at(folder)) as desk:
        steps = trail.history(desk.registry, token_id)
    _show_rows([step_row(step) for step in steps], as_json, show_history)


@ticket.command("list", epilog="Example: counterfoil ticket list --status open --handler staff-1")
@click.option("--status", type=click.Choice(STATUSES), help="Only tickets that stand there.")
@click.option("--handler", help="Only this one's: an address, or a key in the state folder.")
@click.option("--channel", help="Only those whose query this channel raised, first or again.")
@click.option("--overdue", is_flag=True, help="Only tickets whose time is over.")
@state_option
@json_option
def list_(overdue: bool, folder: str | None, as_json: bool, **wanted: Any) -> None:
    """List tickets, oldest first."""
    state = State.at(folder)
    if wanted["handler"] is not None:
        wanted["handler"] = handler_of(state, wanted["handler"], "--handler")
    with open_desk(state) as desk, progress("Reading") as move:
        tickets = counted(list_tickets(desk, **wanted), move)
        if overdue:
            rows = [late_row(one) for one in late(desk, int(_now().timestamp()), tickets)]
        else:
            rows = [ticket_row(one) for one in tickets]
    _show_rows(rows, as_json, show_tickets)


for step in (*STEPS, attach, fetch, doctor, outbox):
    ticket.add_command(step)


def _show_rows(rows: list[Row], as_json: bool, table: Callable[[list[Row]], None]) -> None:
    for row in rows if as_json else ():
        print_json(row)
    if rows and not as_json:
        table(rows)
    elif not rows:
        note("No ticket.")


def _now() -> datetime:
    return datetime.now(UTC)
