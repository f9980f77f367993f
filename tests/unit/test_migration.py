"""Moving a bank's balances to a new ledger, by the steps of docs/migration.md and nothing else."""

from __future__ import annotations

import pytest
from eth_abi.packed import encode_packed
from eth_utils.crypto import keccak

from counterfoil.artifacts import artifact
from counterfoil.chain import Contract
from tests.support.points import LOT_DAYS
from tests.support.points_bank import CheckedBank
from tests.support.points_values import Credit, Reason
from tests.support.refusals import refuses

NAMES = ("ann", "ben", "zoe")


@pytest.fixture
def new(bank: CheckedBank) -> CheckedBank:
    """The ledger that takes the old one's place: same bank, currency, ``lotDays``, rules, tills."""
    return CheckedBank.opened(bank.chain)


@pytest.fixture
def old(bank: CheckedBank) -> CheckedBank:
    """A ledger in use: two customers with points in several lots, one with none left."""
    for name, lot in zip(NAMES, (1, 3, 5), strict=True):
        bank.give(name, 1_000, lot=lot)
        bank.give(name, 500)
    bank.freeze("ben")
    bank.pay("ann", 800)
    bank.pay("zoe", 1_500)
    return bank


def accounts(ledger: Contract) -> list[bytes]:
    """Every account that ever held points."""
    return sorted({bytes(told.arguments["account"]) for told in ledger.events("PointsIssued")})


def moved(old: CheckedBank) -> list[Credit]:
    """One credit for each lot that held points when the ledger was paused, under a reference that
    names ledger and lot."""
    block = old.contract.events("Paused")[-1].block
    ledger = old.chain.web3.eth.contract(
        old.contract.address, abi=artifact("PointsLedger")["abi"], decode_tuples=True
    )
    credits = []
    for account in accounts(old.contract):
        held = ledger.functions.holding(account).call(block_identifier=block)
        for lot, points in enumerate(held.lots):
            period = held.firstPeriod + lot
            of = (ledger.address, account, period)
            reference = keccak(encode_packed(["address", "bytes32", "uint32"], of))
            if points:
                credits.append(Credit(account, points, period * LOT_DAYS, reference))
    return credits


def number(credits: list[Credit]) -> int:
    """The number of a batch: it says what is in it, so that a second try has the same."""
    return int.from_bytes(keccak(b"".join(credit.reference for credit in credits))[:8]) >> 1


def test_migration_movesEveryLot(old: CheckedBank, new: CheckedBank) -> None:
    old.pause()
    credits = moved(old)

    new.issue(*credits, batch=number(credits))

    totals = old.contract.call("totals")
    held = totals.issued - totals.redeemed + totals.restored - totals.lapsed - totals.clawedBack
    assert new.contract.call("totals").issued == held == 2_200
    for account in accounts(old.contract):
        assert new.holding(account)[:2] == old.holding(account)[:2]


def test_migration_movesOnceIfDoneTwice(old: CheckedBank, new: CheckedBank) -> None:
    old.pause()
    credits = moved(old)
    new.issue(*credits, batch=number(credits))

    with refuses("CreditBatchUsed", batch=number(credits)):
        new.issue(*moved(old), batch=number(moved(old)))


def test_migration_movesOnceIfTheOldLedgerRefundsInBetween(old: CheckedBank) -> None:
    old.pause()
    credits = moved(old)
    order = next(iter(old.model.paid.values()))
    old.contract.send(old.till, "cancel", order.receipt, order.proof)

    assert moved(old) == credits


def test_migration_movesOnceIfAPeriodEndsInBetween(old: CheckedBank) -> None:
    old.pause()
    credits = moved(old)
    old.next_period(2)

    assert moved(old) == credits


def test_migration_leavesPointsToSpendOnTheNewLedgerAlone(
    old: CheckedBank, new: CheckedBank
) -> None:
    old.pause()
    credits = moved(old)
    new.issue(*credits, batch=number(credits))
    role = old.contract.call("PAUSER_ROLE")
    old.contract.send(old.admin, "revokeRole", role, old.operator.address)

    with refuses("EnforcedPause"):
        old.settle(old.order("ann"))
    denied = {"account": old.operator.address, "neededRole": role}
    with refuses("AccessControlUnauthorizedAccount", **denied):
        old.contract.send(old.operator, "unpause")
    assert new.settle(new.order("ann"), new.order("zoe")) == [
        Reason.PAID,
        Reason.INSUFFICIENT_POINTS,
    ]


def test_migration_movesWhatTheOldLedgerRefundsLater(old: CheckedBank, new: CheckedBank) -> None:
    old.pause()
    credits = moved(old)
    new.issue(*credits, batch=number(credits))
    order = next(order for order in old.model.paid.values() if order.receipt.points == 1_500)
    account = order.receipt.account

    before = old.holding(account)[0]
    old.contract.send(old.till, "cancel", order.receipt, order.proof)
    held = old.contract.call("holding", account)
    late = []
    for lot, points in enumerate(held.lots):
        if points > before[lot]:
            of = (order.receipt.order_id, order.receipt.cash, lot)
            reference = keccak(encode_packed(["bytes32", "uint40", "uint8"], of))
            day = (held.firstPeriod + lot) * LOT_DAYS
            late.append(Credit(account, points - before[lot], day, reference))
    new.issue(*late, batch=number(late))

    assert sum(credit.points for credit in late) == 1_500
    assert new.holding(account)[0] == tuple(held.lots)


def test_refund_refusesIfReceiptIsOfAnotherLedger(old: CheckedBank, new: CheckedBank) -> None:
    settled = next(iter(old.model.paid.values()))

    for function, more in (("refund", (1,)), ("cancel", ())):
        with refuses("ReceiptUnknown", orderId=settled.receipt.order_id):
            new.contract.send(new.till, function, settled.receipt, settled.proof, *more)
    new.check()
