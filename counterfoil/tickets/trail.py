"""The trail of a ticket: every event that the chain has about it, in order."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.model import Event
from counterfoil.tickets.casefile import Status
from counterfoil.tickets.registry import Action, Registry, status_of

_EVENTS = ("TicketOpened", "SeenAgain", "TicketMoved", "TicketAssigned")


@dataclass(frozen=True, slots=True)
class Step:
    """One event. ``at`` is Unix seconds; a duplicate's mark has no version and no digest."""

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
    """Of ``assign``: the new one."""


def trail(registry: Registry, token_id: bytes) -> list[Step]:
    """The steps of one ticket, oldest first; none if there is no such ticket."""
    events = [event for name in _EVENTS for event in registry.events(name, token_id)]
    steps: list[Step] = []
    status: Status | None = None
    for event in sorted(events, key=lambda event: (event.block, event.log_index)):
        step = _step(registry, event, status)
        status = step.after
        steps.append(step)
    return steps


def _step(registry: Registry, event: Event, status: Status | None) -> Step:
    told = event.arguments
    action, after = {
        "TicketOpened": ("open", "open"),
        "SeenAgain": ("seen-again", status),
        "TicketAssigned": ("assign", status),
    }.get(event.name, (None, None))
    if event.name == "TicketMoved":
        action, after = Action(told["action"]).word, status_of(told["to"])
    channel, digest = told.get("channel"), told.get("digest")
    return Step(
        at=registry.block_time(event.block),
        block=event.block,
        transaction=event.transaction,
        actor=registry.sender(event.transaction),
        action=str(action),
        before=status,
        after=after,
        version=told.get("version", 1 if event.name == "TicketOpened" else None),
        digest=None if digest is None else bytes(digest),
        channel=None if channel is None else bytes(channel).rstrip(b"\0").decode(errors="replace"),
        handler=told.get("to") if event.name == "TicketAssigned" else None,
    )
