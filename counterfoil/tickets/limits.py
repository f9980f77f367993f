"""Gas limits of the transactions that intake sends, a third and more over what they take
(``tests/snapshots/gas.json``): a chain tries a transaction out for as long as it takes to do it."""

from __future__ import annotations

_ONCE = 200_000  # signatures of a large quorum, the handler's first ticket


def opening_gas(count: int) -> int:
    """For minting so many tickets together."""
    return _ONCE + 70_000 * count


def marking_gas(count: int) -> int:
    """For the marks of so many queries that came again."""
    return _ONCE + 8_000 * count
