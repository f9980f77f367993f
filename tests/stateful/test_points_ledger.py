"""Any sequence of actions: the ledger does what the model says, or refuses as the model says.

The comparisons are those of :class:`CheckedBank`: events and the whole state after each action,
the error and its values for each refusal, and conservation all the time.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from counterfoil.chain import Chain
from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.points.orders import OrderLine, PaymentOrder
from tests.support.points import LOT_DAYS, account_of, signer_of
from tests.support.points_bank import CheckedBank
from tests.support.points_books import DAY
from tests.support.points_model import Placed
from tests.support.points_values import LAPSE, MAX_POINTS, Credit, Reason

LAST_DAY = 60_000  # days must fit 16 bits
NAMES = st.sampled_from(["ann", "ben", "cleo"])
POINTS = st.one_of(st.sampled_from([0, 1, 500, 600, MAX_POINTS]), st.integers(1, 9999))
SIZES = st.sampled_from([400, 500, 600, 1200, 3000])
CHANGES: list[dict[str, int]] = [
    {"minor_units": 33},
    {"minor_units": 67, "minimum": 500, "increment": 100},
    {"minimum": 1, "increment": 1, "points": 7, "minor_units": 5},
    {"minimum": 0},
    {"max_order": 400},
    {"max_order": 20_000, "max_account_day": 1000},
    {"max_account_day": 50_000, "max_terminal_day": 2000},
    {"sunset_seconds": 0},
    {"sunset_seconds": 200_000, "grace_days": LAPSE},
    {"grace_days": 200, "refund_days": 2},
    {"grace_days": 0, "refund_days": 3000},
]
HOUSEKEEPING = ["publish", "publish", "publish", "sweep", "freeze", "enable", "pause", "rotate"]
SPOILT: list[dict[str, Any]] = [
    {"rules": 0},
    {"points": 501},
    {"lines": ()},
    {"lines": (OrderLine(4, 1, 1, 0),)},
    {"lines": (OrderLine(1, 1, 400, 301),)},
    {"deadline": 0},
    {"sequence": 0},
]


class Ledger(RuleBasedStateMachine):
    """Every action that anybody can take, at any time."""

    def __init__(self, bank: CheckedBank, spare: Signer) -> None:
        super().__init__()
        self.bank = bank.again()
        self.spare = spare
        self.snapshot = bank.chain.request("evm_snapshot")
        self.credits: list[tuple[int, Credit]] = []
        self.orders: list[PaymentOrder] = []
        self.bank.publish(refund_days=3000)
        for lot, name in enumerate(("ann", "ben", "ann", "ben", "ann")):
            self.give(name, 3000, lot + 1)

    def teardown(self) -> None:
        self.bank.chain.request("evm_revert", self.snapshot)

    # -------------------------------------------------------------------------------------- time

    @rule(
        periods=st.sampled_from([0, 0, 0, 0, 1, 1, 2, 7]),
        seconds=st.sampled_from([-1, 0, 1, 600, 601, 3600, DAY, 30 * DAY]),
    )
    def wait(self, periods: int, seconds: int) -> None:
        if periods and self.bank.today < LAST_DAY:
            self.bank.next_period(periods + 1, seconds=seconds)
        elif seconds > 0:
            self.bank.later(seconds=seconds)
        self.bank.check()

    # ---------------------------------------------------------------------------------- accounts

    @rule(name=NAMES, points=POINTS, age=st.integers(-1, 6 * LOT_DAYS), again=st.booleans())
    def issue(self, name: str, points: int, age: int, again: bool) -> None:
        batch = len(self.credits) + (not again)
        credit = self.bank.credit(name, points, earned_on=self.bank.today - age)
        with suppress(Refused):
            self.bank.issue(credit, batch=batch)
            self.credits.append((batch, credit))

    @rule(name=NAMES, points=st.sampled_from([1000, 4000]), lot=st.integers(0, 5))
    def give(self, name: str, points: int, lot: int) -> None:
        day = (self.bank.model.first_period(self.bank.now) + lot) * LOT_DAYS
        credit = self.bank.credit(name, points, earned_on=day)
        with suppress(Refused):
            self.bank.issue(credit, batch=len(self.credits) + 1)
            self.credits.append((len(self.credits) + 1, credit))

    @rule(data=st.data())
    def claw_back(self, data: st.DataObject) -> None:
        if self.credits:
            with suppress(Refused):
                batch, credit = data.draw(st.sampled_from(self.credits))
                points = data.draw(st.sampled_from([None, 0, 1, credit.points // 2, credit.points]))
                self.bank.claw_back(batch, credit, points)

    # ---------------------------------------------------------------------------------- rulebook

    @rule(move=st.sampled_from(HOUSEKEEPING), name=NAMES, changes=st.sampled_from(CHANGES))
    def keep_house(self, move: str, name: str, changes: dict[str, int]) -> None:
        bank, terminal = self.bank, self.bank.till.address
        with suppress(Refused):
            if move == "publish":
                bank.publish(**changes)
            elif move == "sweep":
                bank.sweep(name, "zoe", name, by=self.spare)
            elif move == "freeze":
                bank.freeze(name, not bank.model.account(account_of(name)).frozen)
            elif move == "enable":
                bank.enable(terminal, not bank.model.tills[terminal].enabled)
            elif move == "pause":
                bank.pause(not bank.model.paused)
            else:
                signer = bank.till if self.key == self.spare else self.spare
                bank.rotate(terminal, signer.address)
                bank.keys[terminal] = signer

    @rule(
        move=st.sampled_from(["list", "extend", "assign", "assign", "register"]),
        catalogue=st.sampled_from([1, 1, 1, 2, 3, 0]),
        caps=st.lists(st.sampled_from([0, 300, 4500, 9000]), max_size=3),
    )
    def keep_shop(self, move: str, catalogue: int, caps: list[int]) -> None:
        bank, names = self.bank, [f"item {place}" for place in range(len(caps))]
        with suppress(Refused):
            if move == "list":
                bank.list_items(caps, names)
            elif move == "extend":
                bank.list_items(caps, names, catalogue=catalogue)
            elif move == "assign":
                bank.assign(bank.till.address, catalogue)
            else:
                bank.register(signer_of(bank.chain, f"till {len(caps)}").address, catalogue)

    # ------------------------------------------------------------------------------------ orders

    @rule(last=st.integers(1, 3))
    def record(self, last: int) -> None:
        ids = [order.order_id() for order in self.orders[-last:]]
        if ids:
            self.bank.record(self.bank.till.address, ids, by=self.key)

    @property
    def key(self) -> Signer:
        """Who signs and acts for the terminal now."""
        return self.bank.keys[self.bank.till.address]

    @rule(
        wishes=st.lists(
            st.tuples(NAMES, SIZES, st.integers(0, 20), st.sampled_from([0, 0, 0, 1, 1, 2])),
            min_size=1,
            max_size=4,
        ),
        by_old_key=st.sampled_from([False, False, False, True]),
    )
    def settle(self, wishes: list[tuple[str, int, int, int]], by_old_key: bool) -> None:
        """New orders, by the rules that are live or by those of one or two versions before."""
        placed: list[Placed] = []
        for name, points, spoil, back in wishes:
            version = max(1, len(self.bank.model.rules) - back)
            order = self.bank.order(name, points, rules=version)
            if spoil < len(SPOILT):
                order = replace(order, **SPOILT[spoil])
            self.orders.append(order)
            placed.append(self.bank.sign(order, self.bank.till if by_old_key else None))
        with suppress(Refused):
            self.bank.settle(*placed)

    @rule(data=st.data())
    def settle_again(self, data: st.DataObject) -> None:
        if self.orders:
            with suppress(Refused):
                self.bank.settle(data.draw(st.sampled_from(self.orders)))

    @rule(first=st.integers(0, 12), orders=st.sampled_from([1, 1, 1, 3, 5]))
    def finalize(self, first: int, orders: int) -> None:
        with suppress(Refused):
            self.bank.finalize(first, orders, by=self.key)

    @rule(name=NAMES, points=st.sampled_from([500, 700, 1200]), again=st.booleans())
    def pay_and_give_back(self, name: str, points: int, again: bool) -> None:
        """The good day: paid, partly refunded, and then cancelled or completed."""
        order = self.bank.order(name, points)
        self.orders.append(order)
        with suppress(Refused):
            if self.bank.settle(order) == [Reason.PAID]:
                self.bank.refund(order, order.cash // 2 + 1, by=self.key)
                if again:
                    self.bank.cancel(order, by=self.key)

    @rule(data=st.data(), by_bank=st.booleans(), part=st.sampled_from([0, 1, 2, 3, 50]))
    def give_back(self, data: st.DataObject, by_bank: bool, part: int) -> None:
        """A refund of a ``part``-th and a bit, or (part 0) a cancellation."""
        paid = [order for order in self.orders if order.order_id() in self.bank.model.paid]
        if not paid:
            return
        order = data.draw(st.sampled_from(paid))
        by = self.bank.operator if by_bank else self.key
        with suppress(Refused):
            if part:
                self.bank.refund(order, order.cash // part + part - 1, by=by)
            else:
                self.bank.cancel(order, by=by)


def test_ledger_followsTheModel(chain: Chain) -> None:
    bank = CheckedBank.opened(chain)
    spare = signer_of(chain, "spare")
    run_state_machine_as_test(
        lambda: Ledger(bank, spare),
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    bank.check_rulebook()
    chain.request("anvil_removeBlockTimestampInterval")
