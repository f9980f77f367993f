"""The trail of a ticket: every event that the chain has about it, in order.

What the registry emits beside a step's own event says nothing of its own and makes no row: the
ERC-721 ``Transfer`` just before ``TicketOpened``, ``TicketMoved`` and ``TicketAssigned`` is the
step's new handler, and an ERC-4906 ``MetadataUpdate`` is its new version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from counterfoil.errors import Refused, Tampered
from counterfoil.model import Event
from counterfoil.tickets.casefile import Status
from counterfoil.tickets.registry import Action, Registry
from counterfoil.tickets.standing import Ticket, status_of

_EVENTS = ("TicketOpened", "SeenAgain", "TicketMoved", "TicketAssigned", "Transfer", "Approval")
_STEPS = ("TicketOpened", "TicketMoved", "TicketAssigned")


@dataclass(frozen=True, slots=True)
class Step:
    """One event. ``at`` is Unix seconds; only a step that appends a version has one, with its
    digest."""

    at: int
    block: int
    transaction: str
    actor: str
    """Address that signed the transaction."""
    action: str
    before: Status | None
    after: Status | None
    version: int | None = None
    digest: bytes | None = None
    channel: str | None = None
    """Of ``open`` and ``seen-again``."""
    handler: str | None = None
    """The new one, of a step that changed it; of ``approve``, who may take the ticket over, the
    zero address if nobody any more."""


def trail(registry: Registry, token_id: bytes) -> list[Step]:
    """The steps of one ticket, oldest first; none if there is no such ticket."""
    events = [event for name in _EVENTS for event in registry.events(name, token_id)]
    events.sort(key=lambda event: (event.block, event.log_index))
    steps: list[Step] = []
    status: Status | None = None
    beside: Event | None = None
    for event, following in pairwise((*events, None)):
        if event is None:
            break
        if _is_beside(event, following):
            beside = event
            continue
        step = _step(registry, event, beside, status)
        status, beside = step.after, None
        steps.append(step)
    return steps


def history(registry: Registry, token_id: bytes) -> list[Step]:
    """The trail of a ticket, which has no gap and ends where the ticket stands.

    Raises:
        Refused: there is no such ticket (``no-such-ticket``).
        Tampered: the events don't lead to where it stands; the node left out or changed one
            (``history``).
    """
    ticket, steps = registry.ticket(token_id), trail(registry, token_id)
    while ticket != (now := registry.ticket(token_id)):  # somebody works on it at this moment
        ticket, steps = now, trail(registry, token_id)
    if ticket is None:
        raise Refused(f"there is no ticket 0x{token_id.hex()}", code="no-such-ticket")
    if not _leads_to(steps, ticket):
        raise Tampered(
            f"the events of ticket 0x{token_id.hex()} don't lead to where it stands",
            fix="Ask another node of the chain.",
            code="history",
        )
    return steps


def channel_of(event: Event) -> str | None:
    """The channel that an event names, if it names one."""
    name = event.arguments.get("channel")
    return None if name is None else bytes(name).rstrip(b"\0").decode(errors="replace")


def _leads_to(steps: Sequence[Step], ticket: Ticket) -> bool:
    versions = [step for step in steps if step.version is not None]
    handlers = [step.handler for step in steps if step.handler and step.action != "approve"]
    return (
        [step.version for step in versions] == list(range(1, ticket.version + 1))
        and all(one.after == two.before for one, two in pairwise(steps))
        and (steps[-1].after, versions[-1].digest) == (ticket.status, ticket.digest)
        and handlers[-1:] == [ticket.handler]
    )


def _is_beside(event: Event, following: Event | None) -> bool:
    """Whether a ``Transfer`` is but a part of the step whose event follows at once."""
    return (
        event.name == "Transfer"
        and following is not None
        and following.name in _STEPS
        and (following.block, following.log_index) == (event.block, event.log_index + 1)
    )


def _step(registry: Registry, event: Event, beside: Event | None, status: Status | None) -> Step:
    told = event.arguments
    before, after, action = status, status, _ACTIONS.get(event.name, "")
    if event.name == "TicketOpened":
        after = "open"
    if event.name == "TicketMoved":
        before, after = status_of(told["from"]), status_of(told["to"])
        action = Action(told["action"]).word
    digest = told.get("digest")
    return Step(
        at=registry.block_time(event.block),
        block=event.block,
        transaction=event.transaction,
        actor=registry.sender(event.transaction),
        action=action,
        before=before,
        after=after,
        version=told.get("version", 1 if event.name == "TicketOpened" else None),
        digest=None if digest is None else bytes(digest),
        channel=channel_of(event),
        handler=_handler(event, beside),
    )


def _handler(event: Event, beside: Event | None) -> str | None:
    changes = beside or event
    if changes.name == "Approval":
        return str(changes.arguments["account"])
    return str(changes.arguments["to"]) if changes.name == "Transfer" else None


_ACTIONS = {
    "TicketOpened": "open",
    "SeenAgain": "seen-again",
    "TicketAssigned": "assign",
    "Transfer": "transfer",
    "Approval": "approve",
}
