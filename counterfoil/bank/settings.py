"""How one node is set up. Cash in minor units of the ledger's currency."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """``confirm_above``: an order of more cash waits for its customer; None: none does.

    ``pages``: where the customers' pages are, without a slash at the end; empty: links are left to
    whoever gets the tokens. ``rate`` and ``burst``: requests a second that a terminal may make, and
    how many at once; ``order_rate`` and ``order_burst``: the same of orders that it posts. A node
    settles over 1,000 a second: no terminal alone keeps it from the others, and one that was away
    for hours is done with two full posts at once.
    """

    confirm_above: int | None = None
    confirm_seconds: int = 300
    quote_seconds: int = 300
    status_days: int = 7
    pages: str = ""
    rate: float = 50
    burst: int = 200
    order_rate: float = 200
    order_burst: int = 2000
    accounts_a_minute: int = 60
    refusals_a_minute: int = 30
    head_seconds: float = 10
    body_seconds: float = 10
    listeners: int = 2000
