"""The clock of a ticket: it runs, waits for the customer, ends, and starts again."""

from __future__ import annotations

import pytest

from counterfoil.errors import BadInput
from counterfoil.tickets.casefile import PRIORITIES, STATUSES, Status
from counterfoil.tickets.sla import ALLOWANCES, HOUR, Clock, clock, read_allowances

OPENED = 1_000_000
ALLOWED = 4 * HOUR
Moves = list[tuple[int, Status]]


def at(*moves: tuple[int, Status]) -> Moves:
    """Moves at so many seconds after the opening."""
    return [(OPENED, "open"), *((OPENED + seconds, status) for seconds, status in moves)]


def after(moves: Moves, seconds: int) -> Clock:
    """The clock so many seconds after the opening."""
    return clock(moves, ALLOWED, OPENED + seconds)


def test_clock_isOverdueOneSecondAfterItsTime() -> None:
    assert after(at(), ALLOWED) == Clock(OPENED + ALLOWED, 0)
    assert not after(at(), ALLOWED).overdue
    assert after(at(), ALLOWED + 1) == Clock(OPENED + ALLOWED, -1)
    assert after(at(), ALLOWED + 1).overdue


def test_clock_runsOnWhileItIsWorkedOn() -> None:
    moves = at((100, "in-progress"), (200, "in-progress"))

    assert after(moves, 200) == Clock(OPENED + ALLOWED, ALLOWED - 200)


def test_clock_standsWhileItWaitsForTheCustomer() -> None:
    asked = at((100, "in-progress"), (200, "pending-customer"))

    assert after(asked, 200) == after(asked, 10 * ALLOWED) == Clock(None, ALLOWED - 200)
    assert not after(asked, 10 * ALLOWED).overdue


def test_clock_goesOnWhereItStood() -> None:
    replied = [*at((200, "pending-customer")), (OPENED + 5000, "in-progress")]

    assert after(replied, 5000) == Clock(OPENED + ALLOWED + 4800, ALLOWED - 200)
    assert not after(replied, ALLOWED + 4800).overdue
    assert after(replied, ALLOWED + 4801).overdue


def test_clock_staysOverdueIfTheCustomerIsAskedTooLate() -> None:
    assert after(at((ALLOWED + 1, "pending-customer")), 10 * ALLOWED) == Clock(None, -1)


@pytest.mark.parametrize(
    "end", ["resolved", "closed", "rejected", "withdrawn", "erasure-requested", "erased"]
)
def test_clock_endsWithTheTicket(end: Status) -> None:
    ended = after(at((ALLOWED + 1, end)), 10 * ALLOWED)

    assert ended == Clock(None, None)
    assert not ended.overdue


def test_clock_startsAgainIfReopened() -> None:
    moves = at((100, "resolved"), (900, "reopened"), (1000, "in-progress"))

    assert after(moves, 1000) == Clock(OPENED + 900 + ALLOWED, ALLOWED - 100)


def test_clock_knowsEveryStatus() -> None:
    for status in STATUSES:
        after(at((1, status)), 2)


def test_allowances_areThereForEveryPriority() -> None:
    assert list(ALLOWANCES) == list(PRIORITIES)
    assert sorted(ALLOWANCES.values()) == list(ALLOWANCES.values())


def test_readAllowances_changesWhatIsNamed() -> None:
    read = read_allowances("[hours]\nurgent = 1\nlow = 0.5\n", "sla.toml")

    assert read == {**ALLOWANCES, "urgent": HOUR, "low": HOUR // 2}
    assert read_allowances("", "sla.toml") == ALLOWANCES


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "minutes = 1",
        "[hours]\nnow = 1",
        "[hours]\nlow = 0",
        "[hours]\nlow = -1",
        "[hours]\nlow = '1'",
        "[hours]\nlow = true",
        "[hours]\nlow = 1e9",
        "[hours]\nlow = nan",
        "hours = 3",
    ],
)
def test_readAllowances_refusesAnythingElse(text: str) -> None:
    with pytest.raises(BadInput, match=r"sla\.toml"):
        read_allowances(text, "sla.toml")
