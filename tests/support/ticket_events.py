"""What the registry emits for each change, as pairs of name and arguments."""

from __future__ import annotations

from typing import Any

from tests.support.ticket_rules import NOBODY, Action, Opening, Ticket

APP = b"app".ljust(32, b"\0")  # the channel of every query here
Seen = tuple[str, dict[str, Any]]


def minted(one: Opening, handler: str) -> list[Seen]:
    """A new ticket."""
    opened = {"tokenId": one.token_id, "channel": APP, "digest": one.digest}
    return [transferred(NOBODY, handler, one), ("TicketOpened", opened)]


def again(one: Opening) -> Seen:
    """A query that has its ticket."""
    return ("SeenAgain", {"tokenId": one.token_id, "channel": APP})


def transferred(before: str, after: str, one: Opening) -> Seen:
    """ERC-721's own."""
    return ("Transfer", {"from": before, "to": after, "id": one.token_id})


def moved(actor: str, one: Opening, action: Action, held: Ticket, now: Ticket) -> list[Seen]:
    """An action, which for Take may bring a new handler."""
    told = {"action": action, "from": held.status, "to": now.status}
    return _changed("TicketMoved", actor, one, held, now, told)


def assigned(actor: str, one: Opening, held: Ticket, now: Ticket) -> list[Seen]:
    """A new handler by assignment."""
    told = {"from": held.handler, "to": now.handler}
    return _changed("TicketAssigned", actor, one, held, now, told)


def _changed(
    name: str, actor: str, one: Opening, held: Ticket, now: Ticket, told: dict[str, Any]
) -> list[Seen]:
    given = [] if held.handler == now.handler else [transferred(held.handler, now.handler, one)]
    told |= {"tokenId": one.token_id, "actor": actor}
    told |= {"version": now.version, "digest": now.digest}
    return [*given, (name, told), ("MetadataUpdate", {"_tokenId": one.token_id})]
