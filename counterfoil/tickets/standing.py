"""A ticket as it stands on chain, and the contract's numbers for where one can stand."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.tickets.casefile import STATUSES, Status

# In the contract's order, which starts with the status of a ticket that doesn't exist.
_STATUSES: tuple[Status | None, ...] = (None, *STATUSES)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as the chain has it. Times are Unix seconds of their blocks."""

    token_id: bytes
    handler: str
    status: Status
    version: int
    opened_at: int
    updated_at: int
    digest: bytes


def status_of(number: int) -> Status | None:
    """A status as the contract numbers it; None is that of a ticket that doesn't exist."""
    return _STATUSES[number]


def number_of(status: Status) -> int:
    """The contract's number for a status."""
    return _STATUSES.index(status)
