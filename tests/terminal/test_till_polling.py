"""How often a till asks its bank about sales that wait, and what it makes of a busy one."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from counterfoil.bank.wire import OrderAnswer
from counterfoil.terminal.sales import Stage, Wish
from counterfoil.terminal.worker import Changes, Worker
from tests.support.till import Counterpart
from tests.support.till_bank import StandInBank

LOOKS = 50  # a second, of the till at its journal


@dataclass
class Shift:
    """A till's worker whose clock a test moves."""

    till: Counterpart
    at: float = 0.0

    def __post_init__(self) -> None:
        opened = self.till.open()
        self.worker = Worker(opened.journal, opened.worker.steps, Changes(), now=lambda: self.at)

    def seconds(self, count: float) -> None:
        """So much time goes by, and the worker looks again and again."""
        for _ in range(round(count * LOOKS)):
            self.at += 1 / LOOKS
            self.worker.round()


@pytest.mark.parametrize("sales", [1, 12])
def test_bank_isAskedTenTimesASecondAtMost(
    till: Counterpart, bank: StandInBank, sales: int
) -> None:
    bank.says = "waiting"
    waiting = [till.pay() for _ in range(sales)]
    till.go()
    shift = Shift(till)
    shift.seconds(1.2)
    before = bank.asked

    shift.seconds(2.4)

    assert {till.sale(sale).stage for sale in waiting} == {Stage.POSTED}
    assert 10 <= bank.asked - before <= 24


def test_answer_ofOneOfManyIsSeenSoon(till: Counterpart, bank: StandInBank) -> None:
    bank.says = "waiting"
    sales = [till.pay() for _ in range(12)]
    till.go()
    shift = Shift(till)
    shift.seconds(0.2)
    bank.withdraw(sales[3].order_id)

    shift.seconds(1.4)

    assert till.sale(sales[3]).stage == Stage.WITHDRAWN


def test_wish_isNotKeptWaiting(till: Counterpart, bank: StandInBank) -> None:
    bank.says = "waiting"
    sales = [till.pay() for _ in range(12)]
    till.go()
    shift = Shift(till)
    shift.seconds(0.2)
    till.wish(sales[3], Wish.CANCEL)

    shift.worker.wake(sales[3].sale_id)
    shift.worker.round()

    assert till.sale(sales[3]).stage == Stage.WITHDRAWN


def test_wishDuringAStep_isNotKeptWaiting(
    till: Counterpart, bank: StandInBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank.says = "waiting"
    sales = [till.pay() for _ in range(12)]
    till.go()
    shift = Shift(till)
    ask = bank.order

    def asked_for_meanwhile(order_id: str) -> OrderAnswer | None:
        if order_id == sales[3].order_id:
            monkeypatch.undo()
            answer = ask(order_id)
            till.wish(sales[3], Wish.CANCEL)
            shift.worker.wake(sales[3].sale_id)
            return answer
        return ask(order_id)

    monkeypatch.setattr(bank, "order", asked_for_meanwhile)
    shift.worker.round()

    shift.worker.round()

    assert till.sale(sales[3]).stage == Stage.WITHDRAWN


@pytest.mark.parametrize("posted", [False, True])
def test_sale_waitsForABusyBankWithoutCallingItAway(
    till: Counterpart, bank: StandInBank, posted: bool
) -> None:
    bank.says = "waiting"
    sale = till.pay()
    if posted:
        till.go()
    bank.busy = True
    shift = Shift(till)
    shift.seconds(20)

    held = till.sale(sale)
    assert (held.stage, held.trouble) == (Stage.POSTED if posted else Stage.RECORDED, "")
    assert bank.asked <= 8  # each pause is twice the one before, up to five seconds
    bank.busy = False
    shift.seconds(6)
    assert till.sale(sale).asked
