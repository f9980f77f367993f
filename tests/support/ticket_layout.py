"""Where a ticket lies in the registry's storage, worked out a second time."""

from __future__ import annotations

from eth_utils.crypto import keccak

from tests.support.ticket_rules import Ticket

_SEED = bytes.fromhex("7d882553")  # of solady's ERC721, as far as its hash covers it


def slot_of(token_id: int) -> int:
    """The slot that holds owner, status, version and times."""
    hashed = keccak(token_id.to_bytes(32)[:28] + _SEED)
    return (2 * token_id + int.from_bytes(hashed)) % 2**256


def word_of(ticket: Ticket) -> int:
    """What stands in that slot: from the lowest bit 160, 8, 16, 36 and 36 bits."""
    data = ticket.status | ticket.version << 8 | ticket.opened_at << 24 | ticket.updated_at << 60
    return int(ticket.handler, 16) | data << 160
