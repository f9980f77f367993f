"""What a points ledger must do with orders and refunds, in plain Python on its books."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from counterfoil.points.orders import PaymentOrder
from tests.support.merkle import root_and_proofs
from tests.support.points_books import DAY, Books, Event, refusal
from tests.support.points_values import (
    LAPSE,
    LOTS,
    Account,
    Mark,
    Reason,
    Receipt,
    Rules,
    Settled,
    Till,
    packed,
)

MAX_LINES = 32
_RECEIPT = ["bytes32", "bytes32", "address", "uint64", "uint32", "uint32", "uint40", "uint192"]


class Placed(NamedTuple):
    """An order as it is handed in, and who really signed it for this ledger (None: nobody)."""

    order: PaymentOrder
    signature: bytes
    signer: str | None


def receipt_leaf(receipt: Receipt) -> bytes:
    """What stands for a receipt in its batch's tree."""
    return keccak(encode([*_RECEIPT, "uint16"], list(receipt)))


@dataclass(slots=True)
class Model(Books):
    """All that one ledger knows, and all that it does."""

    # ------------------------------------------------------------------------------------ orders

    def settle(self, now: int, batch: Sequence[Placed]) -> list[Event]:
        """The bank's answers."""
        if self.paused:
            raise refusal("EnforcedPause")
        events: list[Event] = []
        receipts: list[Receipt] = []
        for placed in batch:
            events += self._settle_one(now, placed, receipts)
        if not receipts:
            return events
        root, proofs = root_and_proofs([receipt_leaf(receipt) for receipt in receipts])
        for receipt, proof in zip(receipts, proofs, strict=True):
            self.paid[receipt.order_id] = Settled(receipt, now, root, proof)
        told: dict[str, Any] = {"root": root, "orders": len(receipts)}
        told["points"] = sum(receipt.points for receipt in receipts)
        told["cash"] = sum(receipt.cash for receipt in receipts)
        return [*events, ("BatchSettled", told)]

    def _settle_one(self, now: int, placed: Placed, receipts: list[Receipt]) -> list[Event]:
        order, order_id = placed.order, placed.order.order_id()
        told: dict[str, Any] = {"orderId": order_id, "terminal": order.terminal}
        reason = self.verdict(now, placed)
        if reason <= Reason.REPLAYED and reason != Reason.PAID:
            return [("OrderSkipped", told | {"reason": reason})]
        told |= {"account": order.account, "sequence": order.sequence}
        marks = self.tills[order.terminal].marks
        if reason != Reason.PAID:
            marks[order.sequence] = Mark.REJECTED
            return [("OrderRejected", told | {"reason": reason})]
        marks[order.sequence] = Mark.PAID
        events = self._touch(now, order.account)
        receipt = self._take(now, order)
        receipts.append(receipt)
        told |= {"rules": order.rules, "points": order.points, "cash": receipt.cash}
        return [*events, ("OrderPaid", told | {"drawn": receipt.drawn})]

    def _take(self, now: int, order: PaymentOrder) -> Receipt:
        first, today = self.first_period(now), now // DAY
        cash = self.rules[order.rules - 1].cash(order.points)
        account, till = self.account(order.account), self.tills[order.terminal]
        account.spent[today] = account.spent.get(today, 0) + cash
        till.takings[today] = till.takings.get(today, 0) + cash
        self.totals.redeemed += order.points
        drawn = packed(account.draw(order.points, first), first)
        head = (order.order_id(), order.account, order.terminal, order.sequence, order.rules)
        return Receipt(*head, order.points, cash, drawn, first)

    def verdict(self, now: int, placed: Placed) -> Reason:
        """What the ledger must say to an order, by FORMATS' list read from its top."""
        order = placed.order
        till = self.tills.get(order.terminal)
        if not 1 <= len(order.lines) <= MAX_LINES:
            return Reason.BAD_ROW
        if till is None or not till.enabled:
            return Reason.UNKNOWN_TERMINAL
        if placed.signer != till.key:
            return Reason.BAD_SIGNATURE
        if order.sequence in till.marks:
            return Reason.REPLAYED
        if now > order.deadline:
            return Reason.EXPIRED
        if not 1 <= order.rules <= len(self.rules) or now > self.live_until[order.rules - 1]:
            return Reason.RULES_VERSION
        return self._judged(now, order, self.rules[order.rules - 1], till)

    def _judged(self, now: int, order: PaymentOrder, rules: Rules, till: Till) -> Reason:
        items = dict(enumerate(self.catalogues[till.catalogue - 1], start=1))
        account = self.accounts.get(order.account, Account())
        today, cash = now // DAY, rules.cash(order.points)
        spent, taken = account.spent.get(today, 0), till.takings.get(today, 0)
        fails: dict[Reason, Callable[[], object]] = {
            Reason.UNKNOWN_ITEM: lambda: any(line.item not in items for line in order.lines),
            Reason.ITEM_CAP: lambda: any(
                line.cash > line.quantity * min(line.price, items[line.item])
                for line in order.lines
            ),
            Reason.POINTS_MINIMUM: lambda: order.points < rules.minimum,
            Reason.POINTS_INCREMENT: lambda: order.points % rules.increment,
            Reason.CASH_MISMATCH: lambda: sum(line.cash for line in order.lines) != cash,
            Reason.ORDER_CAP: lambda: cash > rules.max_order,
            Reason.ACCOUNT_DAY_CAP: lambda: spent + cash > rules.max_account_day,
            Reason.TERMINAL_DAY_CAP: lambda: taken + cash > rules.max_terminal_day,
            Reason.FROZEN: lambda: account.frozen,
            Reason.INSUFFICIENT_POINTS: lambda: (
                account.points(self.first_period(now)) < order.points
            ),
        }
        return next((reason for reason, failed in fails.items() if failed()), Reason.PAID)

    def finalize(self, terminal: str, first: int, orders: int) -> list[Event]:
        """The terminal's word that these orders are completed."""
        if orders == 0:
            raise refusal("EmptyBatch")
        marks = self.tills[terminal].marks
        for sequence in (first + bit for bit in range(256) if orders >> bit & 1):
            mark = marks.get(sequence, Mark.UNUSED)
            if mark != Mark.PAID:
                raise refusal("NotPaid", terminal=terminal, sequence=sequence, mark=mark)
            marks[sequence] = Mark.FINALIZED
        told = {"terminal": terminal, "firstSequence": first, "orders": orders}
        return [("OrdersFinalized", told)]

    # ----------------------------------------------------------------------------------- refunds

    def cancel(self, now: int, receipt: Receipt) -> list[Event]:
        """Call an order off."""
        settled = self._settled(receipt)
        marks = self.tills[receipt.terminal].marks
        told = {"terminal": receipt.terminal, "sequence": receipt.sequence}
        if marks[receipt.sequence] != Mark.PAID:
            raise refusal("NotPaid", **told, mark=marks[receipt.sequence])
        marks[receipt.sequence] = Mark.FINALIZED
        events: list[Event] = [("OrderCancelled", told | {"orderId": receipt.order_id})]
        left = receipt.cash - settled.refunded
        return events + (self._give_back(now, settled, left) if left else [])

    def refund(self, now: int, receipt: Receipt, cash: int) -> list[Event]:
        """Give part of an order's cash back."""
        settled = self._settled(receipt)
        left = receipt.cash - settled.refunded
        if not 1 <= cash <= left:
            values = {"asked": cash, "left": left}
            raise refusal("RefundExceedsOrder", orderId=receipt.order_id, **values)
        return self._give_back(now, settled, cash)

    def _settled(self, receipt: Receipt) -> Settled:
        settled = self.paid.get(receipt.order_id)
        if settled is None or settled.receipt != receipt:
            raise refusal("ReceiptUnknown", orderId=receipt.order_id)
        return settled

    def _give_back(self, now: int, settled: Settled, cash: int) -> list[Event]:
        receipt = settled.receipt
        until = settled.at + self.rules[receipt.rules - 1].refund_days * DAY
        if now > until:
            raise refusal("RefundTooLate", orderId=receipt.order_id, until=until)
        before = receipt.points * settled.refunded // receipt.cash
        settled.refunded += cash
        after = receipt.points * settled.refunded // receipt.cash
        self.totals.restored += after - before
        told = {"orderId": receipt.order_id, "account": receipt.account, "cash": cash}
        told |= {"terminal": receipt.terminal, "points": after - before}
        events: list[Event] = [("OrderRefunded", told), *self._touch(now, receipt.account)]
        return events + self._lapsed(receipt.account, self._restore(now, receipt, before, after))

    def _restore(self, now: int, receipt: Receipt, before: int, after: int) -> int:
        """Put the points from number ``before`` up to ``after`` back; those that lapse."""
        account, first, start, lapsing = self.account(receipt.account), self.first_period(now), 0, 0
        for period, taken in receipt.last_drawn_first():
            back = max(0, min(start + taken, after) - max(start, before))
            start += taken
            home = self._home(now, period, self.rules[receipt.rules - 1].grace_days)
            lapsing += back if home is None else account.put(back, home, first)
        return lapsing

    def _home(self, now: int, period: int, grace_days: int) -> int | None:
        first, enough = self.first_period(now), now // DAY + grace_days
        if period >= first:
            return period
        if grace_days == LAPSE:
            return None
        living = (p for p in range(first, first + LOTS) if (p + LOTS) * self.lot_days >= enough)
        return next(living, first + LOTS - 1)
