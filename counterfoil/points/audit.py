"""Whether a ledger adds up: its counters, its events and every account against one another.

issued = held + redeemed − restored + lapsed + clawed back, where held is the sum of the stored
accounts, lots included that are due to lapse but weren't touched yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from counterfoil.model import Check
from counterfoil.points.ledger import LOTS, Ledger, Mark

_LOT_MASK = 2**32 - 1


def audit(ledger: Ledger) -> Iterator[Check]:
    """Everything that can be checked from the chain alone."""
    contract, first = ledger.contract, ledger.record.block
    issued = contract.events("PointsIssued", first=first)
    paid = contract.events("OrderPaid", first=first)
    refunds = contract.events("OrderRefunded", first=first)
    lapsed = contract.events("PointsLapsed", first=first)
    clawed = contract.events("PointsClawedBack", first=first)
    totals = contract.call("totals")
    for name, counter, events in (
        ("issued", totals.issued, issued),
        ("redeemed", totals.redeemed, paid),
        ("restored", totals.restored, refunds),
        ("lapsed", totals.lapsed, lapsed),
        ("clawed back", totals.clawedBack, clawed),
    ):
        yield Check(
            f"{name}: counter = events", counter, sum(e.arguments["points"] for e in events)
        )
    accounts = {bytes(event.arguments["account"]) for event in issued}
    held = sum(_points(contract.call("accountSlot", account)) for account in accounts)
    out = totals.redeemed - totals.restored + totals.lapsed + totals.clawedBack
    yield Check("held in all accounts = issued − gone", held, totals.issued - out)
    marks = [ledger.mark(e.arguments["terminal"], e.arguments["sequence"]) for e in paid]
    yield Check("paid orders marked paid", sum(mark >= Mark.PAID for mark in marks), len(paid))
    drawn = sum(_points(e.arguments["drawn"]) for e in paid)
    yield Check("points drawn = points paid", drawn, sum(e.arguments["points"] for e in paid))


def _points(slot: int) -> int:
    return sum(slot >> (32 * lot) & _LOT_MASK for lot in range(LOTS))
