"""The clocks of tickets, read from the chain's events and the cases' priorities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from counterfoil.errors import Refused, Tampered, Unavailable
from counterfoil.model import Event
from counterfoil.tickets.casefile import Priority, Status
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.listing import list_tickets
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.sla import Clock, clock
from counterfoil.tickets.standing import Ticket, status_of

_RESTING: tuple[Status, ...] = (
    *("resolved", "closed", "rejected", "withdrawn", "erasure-requested", "erased"),
)


@dataclass(frozen=True, slots=True)
class Late:
    """A ticket whose time is over. ``priority`` is None if its case can't be read now; it then
    counts as ``normal``."""

    ticket: Ticket
    priority: Priority | None
    clock: Clock


def due_at(desk: Desk, ticket: Ticket, priority: Priority) -> int | None:
    """When a ticket has to be answered (Unix seconds); None while its clock stands."""
    moves = _moves(desk.registry, ticket, desk.registry.events("TicketMoved", ticket.token_id), {})
    return clock(moves, desk.allowances[priority], moves[-1][0]).due_at


def late(desk: Desk, now: int, tickets: Iterable[Ticket] | None = None) -> Iterator[Late]:
    """Those of all tickets, or of these, whose time is over at ``now`` (Unix seconds), in their
    order.

    Only cases that may be late are opened, to see their priority.

    Raises:
        Unavailable: chain or IPFS don't answer.
    """
    events: dict[int, list[Event]] = {}
    for event in desk.registry.all_events("TicketMoved"):
        events.setdefault(int(event.arguments["tokenId"]), []).append(event)
    times: dict[int, int] = {}
    least = min(desk.allowances.values())
    for ticket in list_tickets(desk) if tickets is None else tickets:
        if ticket.status in _RESTING:
            continue
        mine = events.get(int.from_bytes(ticket.token_id), [])
        moves = _moves(desk.registry, ticket, mine, times)
        until = max(now, moves[-1][0])
        if not clock(moves, least, until).overdue:
            continue
        priority = _priority(desk, ticket)
        found = clock(moves, desk.allowances[priority or "normal"], until)
        if found.overdue:
            yield Late(ticket, priority, found)


def _moves(
    registry: Registry, ticket: Ticket, events: list[Event], times: dict[int, int]
) -> list[tuple[int, Status]]:
    """When the ticket came to which status; ``times`` keeps those of blocks for the next."""
    moves: list[tuple[int, Status]] = [(ticket.opened_at, "open")]
    for event in events:
        status = status_of(int(event.arguments["to"]))
        if status is None or status == moves[-1][1]:
            continue
        if event.block not in times:
            times[event.block] = registry.block_time(event.block)
        moves.append((times[event.block], status))
    return moves


def _priority(desk: Desk, ticket: Ticket) -> Priority | None:
    try:
        return desk.cases.read(ticket.token_id, ticket.digest).process.priority
    except (Tampered, Refused):
        return None
    except Unavailable as error:
        if error.code != "block-missing":
            raise
        return None
