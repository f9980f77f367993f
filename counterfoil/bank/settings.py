"""How one node is set up. Cash in minor units of the ledger's currency."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """``confirm_above``: an order of more cash waits for its customer; None: none does.

    ``pages``: where the customers' pages are, without a slash at the end; empty: links are left to
    whoever gets the tokens. ``rate`` and ``burst``: requests a second that a terminal may make, and
    how many at once; ``order_rate`` and ``order_burst``: the same of orders that it posts, about
    what a node can settle, where its requests alone might bring fifty times as many.
    """

    confirm_above: int | None = None
    confirm_seconds: int = 300
    quote_seconds: int = 300
    status_days: int = 7
    pages: str = ""
    rate: float = 50
    burst: int = 200
    order_rate: float = 2000
    order_burst: int = 20_000
    accounts_a_minute: int = 60
    refusals_a_minute: int = 30
    head_seconds: float = 10
    body_seconds: float = 10
    listeners: int = 2000
