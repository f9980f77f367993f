"""Where a ticket lies in the registry's storage, worked out a second time."""

from __future__ import annotations

from collections.abc import Sequence

from eth_utils.crypto import keccak

from counterfoil.chain import Contract
from counterfoil.tickets.standing import Ticket as Standing
from counterfoil.tickets.stored import Stored
from tests.support.ticket_rules import Status, Ticket

_SEED = bytes.fromhex("7d882553")  # of solady's ERC721, as far as its hash covers it


def slot_of(token_id: int) -> int:
    """The slot that holds owner, status, version and times."""
    hashed = keccak(token_id.to_bytes(32)[:28] + _SEED)
    return (2 * token_id + int.from_bytes(hashed)) % 2**256


def word_of(ticket: Ticket) -> int:
    """What stands in that slot: from the lowest bit 160, 8, 16, 36 and 36 bits."""
    data = ticket.status | ticket.version << 8 | ticket.opened_at << 24 | ticket.updated_at << 60
    return int(ticket.handler, 16) | data << 160


def stored_tickets(registry: Contract, token_ids: Sequence[int]) -> list[Ticket]:
    """What the library reads of these tickets out of the storage, in the model's terms."""
    found = Stored(registry).tickets([one.to_bytes(32) for one in token_ids])
    pairs = zip(token_ids, found, strict=True)
    assert all(one is None or one.token_id == asked.to_bytes(32) for asked, one in pairs)
    return [Ticket() if one is None else _told(one) for one in found]


def _told(found: Standing) -> Ticket:
    status = Status[found.status.upper().replace("-", "_")]
    times = found.opened_at, found.updated_at
    return Ticket(found.handler, status, found.version, *times, found.digest)
