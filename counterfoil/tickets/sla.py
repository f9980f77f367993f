"""By when a ticket has to be answered: so much time by its priority, not counting the time that it
waits for the customer. Reopened, it gets that time again."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterfoil.errors import BadInput
from counterfoil.tickets.casefile import PRIORITIES, Priority, Status

HOUR = 3600
_MOST = 24 * 3660  # hours; ten years
_RUNS = ("open", "in-progress", "reopened")
_WAITS = ("pending-customer",)

Allowances = Mapping[Priority, int]
"""Seconds to answer in, by priority."""
ALLOWANCES: Allowances = {
    "urgent": 4 * HOUR,
    "high": 24 * HOUR,
    "normal": 72 * HOUR,
    "low": 240 * HOUR,
}
"""What holds unless a state folder's ``sla.toml`` says otherwise."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Times in seconds. ``due_at`` (Unix) is None while the clock stands; ``left`` is negative when
    the time is over, and None once the ticket has ended."""

    due_at: int | None
    left: int | None

    @property
    def overdue(self) -> bool:
        """Whether more time has gone than there was."""
        return self.left is not None and self.left < 0


def clock(moves: Sequence[tuple[int, Status]], allowance: int, now: int) -> Clock:
    """The clock of a ticket.

    Args:
        moves: when (Unix seconds) it came to which status, oldest first, its opening included.
        allowance: seconds that there are.
        now: Unix seconds, not before the last move.
    """
    used = 0
    since, status = moves[0]
    for at, to in (*moves[1:], (now, moves[-1][1])):
        if status in _RUNS:
            used += at - since
        if to == "reopened" and status != "reopened":
            used = 0
        since, status = at, to
    if status in _RUNS:
        return Clock(now + allowance - used, allowance - used)
    return Clock(None, allowance - used if status in _WAITS else None)


def read_allowances(text: str, file: str) -> Allowances:
    """Other allowances, in hours: ``[hours]``, ``urgent = 2``, … What isn't named stays.

    Raises:
        BadInput: not that.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"not TOML: {error}", file=file) from None
    hours = document.get("hours", {})
    if not isinstance(hours, dict):
        raise BadInput("not a table", file=file, field="hours")
    unknown = sorted(set(document) - {"hours"}) or sorted(set(hours) - set(PRIORITIES))
    if unknown:
        raise BadInput("no such entry", file=file, field=unknown[0])
    for name, value in hours.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _MOST:
            raise BadInput(f"not hours from 0 to {_MOST}", file=file, field=name)
    return {
        name: round(hours[name] * HOUR) if name in hours else ALLOWANCES[name]
        for name in PRIORITIES
    }
