"""Which tickets there are, as the chain has them; no case is opened."""

from __future__ import annotations

from collections.abc import Iterator

from counterfoil.tickets.casefile import Status
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.standing import Ticket

_PAGE = 500  # tickets in one call


def list_tickets(
    desk: Desk,
    *,
    status: Status | None = None,
    handler: str | None = None,
    channel: str | None = None,
) -> Iterator[Ticket]:
    """Every ticket, oldest first, or those of one status, one handler (a checksummed address) and
    one channel, which raised the query first or again."""
    token_ids = desk.registry.opened()
    if channel is not None:
        raised = desk.registry.raised_by(channel)
        token_ids = [one for one in token_ids if one in raised]
    for start in range(0, len(token_ids), _PAGE):
        for ticket in desk.registry.tickets(token_ids[start : start + _PAGE]):
            if ticket and status in (None, ticket.status) and handler in (None, ticket.handler):
                yield ticket
