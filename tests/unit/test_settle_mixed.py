"""Batches that mix terminals, strips of their rolls, accounts and days, drawn at random.

What a batch keeps in hand must agree with what stands in storage whenever a terminal's turn ends.
``settle`` compares answers, events, takings, marks and accounts with the model each time.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest

from counterfoil.errors import Refused
from counterfoil.points.orders import PaymentOrder
from tests.support.points_bank import CheckedBank
from tests.support.points_model import Placed
from tests.support.points_values import Reason
from tests.support.wallet_till import Wallet

STRIP = 100
ROUNDS, BATCH = 8, 10


class Shop:
    """Two tills that are keys, and one that is a contract."""

    def __init__(self, bank: CheckedBank, seed: int) -> None:
        self.bank, self.random = bank, Random(seed)
        self.wallet = Wallet.registered(bank)
        self.tills = [bank.till.address, bank.new_till("till 2").address, self.wallet.address]
        self.old: list[PaymentOrder] = []

    def order(self) -> Placed:
        """A new order, often wrong, sometimes one of before."""
        if self.old and self.random.random() < 0.15:
            return self.signed(self.random.choice(self.old))
        name, till = self.random.choice(["ann", "ben"]), self.random.choice(self.tills)
        order = self.bank.order(name, self.random.choice([400, 500, 550, 700, 900]), till=till)
        border = STRIP * self.random.randint(-3, 9)  # below 0: from the other end
        order = replace(order, sequence=(border + self.random.randint(-1, 1)) % 2**64)
        self.old.append(order)
        return self.signed(order)

    def signed(self, order: PaymentOrder) -> Placed:
        wrong = self.random.random() < 0.1
        if order.terminal == self.wallet.address:
            return self.wallet.sign(order) if not wrong else self.bank.sign(order, self.bank.admin)
        return self.bank.sign(order, self.bank.admin if wrong else None)

    def between(self) -> None:
        """What may happen between two batches."""
        paid = [order for order in self.old if order.order_id() in self.bank.model.paid]
        if paid and self.random.random() < 0.7:
            order = self.random.choice(paid)
            with suppress(Refused):
                self.bank.refund(order, self.random.randint(1, 400), by=self.bank.operator)
        if paid and self.random.random() < 0.4:
            order = self.random.choice(paid)
            with suppress(Refused):
                self.bank.cancel(order, by=self.bank.operator)
        if self.random.random() < 0.3:
            self.bank.later(days=1)
        elif self.random.random() < 0.2:
            self.bank.next_period()


@pytest.mark.parametrize("seed", range(4))
def test_settle_isWhatTheModelSaysIfEverythingIsMixed(bank: CheckedBank, seed: int) -> None:
    for lot in range(6):
        bank.give("ann", 3_000, lot=lot)
        bank.give("ben", 2_000, lot=lot)
    bank.publish(max_terminal_day=1_000, max_account_day=1_200)
    shop = Shop(bank, seed)
    answers: set[Reason] = set()

    for _ in range(ROUNDS):
        answers |= set(bank.settle(*(shop.order() for _ in range(BATCH))))
        shop.between()

    assert {Reason.PAID, Reason.REPLAYED, Reason.BAD_SIGNATURE, Reason.POINTS_MINIMUM} <= answers
    assert answers & {Reason.TERMINAL_DAY_CAP, Reason.ACCOUNT_DAY_CAP}
