"""Points are neither made nor lost, told from outside: by events, ``accountSlot`` and ``totals``.

As docs/invariants.md says how. Every test on a ``bank`` compares the same sums after each call.
"""

from __future__ import annotations

from tests.support.points import LOT_DAYS
from tests.support.points_bank import CheckedBank

LOTS, LOT_BITS = 6, 32


def held(bank: CheckedBank) -> int:
    """Points in all accounts, as anyone can add them up."""
    accounts = {bytes(told.arguments["account"]) for told in bank.contract.events("PointsIssued")}
    slots = [bank.contract.call("accountSlot", account) for account in accounts]
    return sum(slot >> LOT_BITS * lot & 2**LOT_BITS - 1 for slot in slots for lot in range(LOTS))


def test_held_isIssuedLessWhatIsGone(bank: CheckedBank) -> None:
    bank.give("ann", 900, lot=0)
    bank.give("ann", 700, lot=4)
    bank.give("ben", 800)
    bank.pay("ben", 500)
    returned = bank.pay("ann", 1_000)  # all of lot 0, 100 of lot 4
    bank.claw_back(3, bank.model.batches[3][0])  # 300 of 800 are left
    bank.next_period()
    bank.refund(returned, 300)
    bank.next_period(4)  # lot 4 is due to lapse, and nobody touches it

    totals = bank.contract.call("totals")

    assert min(totals.redeemed, totals.restored, totals.clawedBack) > 0
    assert held(bank) == (
        totals.issued - totals.redeemed + totals.restored - totals.lapsed - totals.clawedBack
    )
    assert held(bank) > sum(map(sum, (bank.holding(account)[0] for account in bank.model.accounts)))


def test_held_staysIfDueLotsAreSwept(bank: CheckedBank) -> None:
    """Sweeping moves points from held to lapsed, and makes or loses none."""
    bank.give("ann", 900, lot=0)
    bank.later(days=LOT_DAYS)
    before = held(bank), bank.contract.call("totals").lapsed

    bank.sweep("ann")

    assert (before, held(bank), bank.contract.call("totals").lapsed) == ((900, 0), 0, 900)
