"""A points ledger on a chain beside its model: orders, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.keys import Signer
from counterfoil.points.orders import Domain, OrderLine, PaymentOrder
from tests.support.points import account_of, compact
from tests.support.points_checked import CheckedBooks
from tests.support.points_model import Placed
from tests.support.points_values import Mark, Reason, Receipt

HAMPER, HAMPER_CAP = 2, 4500  # item number, and the most that points may pay for one
VERDICTS = ("OrderPaid", "OrderRejected", "OrderSkipped")


@dataclass(slots=True)
class CheckedBank(CheckedBooks):
    """The books, and the orders that are settled over them."""

    @property
    def domain(self) -> Domain:
        """For which signatures count."""
        return Domain(self.chain.chain_id, self.contract.address)

    def order(
        self, name: str = "ann", points: int = 500, *, till: str | None = None, rules: int = 0
    ) -> PaymentOrder:
        """An order of hampers that the ledger pays if the account has the points."""
        terminal = till or self.till.address
        sequence = self.sequences.get(terminal, 0)
        self.sequences[terminal] = sequence + 1
        version = rules or len(self.model.rules)
        cash = self.model.rules[version - 1].cash(points)
        line = OrderLine(HAMPER, 1 + cash // HAMPER_CAP, HAMPER_CAP, cash)
        head = (account_of(name), terminal, sequence, version, points)
        return PaymentOrder(*head, deadline=self.now + 600, lines=(line,))

    def sign(self, order: PaymentOrder, signer: Signer | None = None) -> Placed:
        """The order with the right signature (EIP-2098), or another signer's."""
        signer = signer or self.keys.get(order.terminal, self.till)
        signature = compact(signer.sign_digest(self.domain.digest(order.order_id())))
        return Placed(order, signature, signer.address)

    def settle(self, *orders: PaymentOrder | Placed, by: Signer | None = None) -> list[Reason]:
        """The bank's answer to each order."""
        placed = [one if isinstance(one, Placed) else self.sign(one) for one in orders]
        rows = [(*one.order.as_tuple(), one.signature) for one in placed]
        mined = self._act(lambda m: m.settle(self.now, placed), "settle", rows, by=by)
        for one in placed:
            self.check_order(one.order)
        answers = [event for event in mined.events if event.name in VERDICTS]
        return [Reason(event.arguments.get("reason", Reason.PAID)) for event in answers]

    def pay(self, name: str = "ann", points: int = 500, *, till: str | None = None) -> PaymentOrder:
        """An order that is paid."""
        order = self.order(name, points, till=till)
        assert self.settle(order) == [Reason.PAID]
        return order

    def record(self, terminal: str, ids: Sequence[bytes], *, by: Signer | None = None) -> None:
        """Record 1, by the till unless told."""
        told = {"terminal": terminal, "orderIds": list(ids)}
        self._act(
            lambda _: [("OrdersRecorded", told)], "recordOrders", terminal, ids, by=by or self.till
        )

    def finalize(
        self, first: int, orders: int = 1, *, terminal: str | None = None, by: Signer | None = None
    ) -> None:
        """Record 3, by the till unless told."""
        terminal = terminal or self.till.address
        self._act(
            lambda m: m.finalize(terminal, first, orders),
            *("finalize", terminal, first, orders),
            by=by or self.till,
        )
        named = {bit for bit in range(256) if orders >> bit & 1}
        beside = {bit + step for bit in named for step in (-1, 1)} - named
        for bit in (*sorted(named)[:4], *sorted(named)[-4:], *sorted(beside)[:8]):
            if 0 <= first + bit < 2**64:
                self.check_mark(terminal, first + bit)

    def cancel(
        self,
        order: PaymentOrder,
        *,
        by: Signer | None = None,
        receipt: Receipt | None = None,
    ) -> None:
        """Call an order off, by the till and with its receipt unless told."""
        receipt, proof = self._shown(order, receipt)
        self._act(
            lambda m: m.cancel(self.now, receipt), "cancel", receipt, proof, by=by or self.till
        )
        self.check_order(order)

    def refund(
        self,
        order: PaymentOrder,
        cash: int,
        *,
        by: Signer | None = None,
        receipt: Receipt | None = None,
    ) -> None:
        """Give cash back, by the till and with the order's receipt unless told."""
        receipt, proof = self._shown(order, receipt)
        self._act(
            lambda m: m.refund(self.now, receipt, cash),
            *("refund", receipt, proof, cash),
            by=by or self.till,
        )
        self.check_order(order)

    def receipt(self, order: PaymentOrder) -> Receipt:
        """The receipt of a paid order."""
        return self.model.paid[order.order_id()].receipt

    def check_order(self, order: PaymentOrder) -> None:
        """The ledger knows of this order what the model knows."""
        self.check_mark(order.terminal, order.sequence)
        settled = self.model.paid.get(order.order_id())
        refunded = self.contract.call("refunded", order.order_id())
        assert refunded == (settled.refunded if settled else 0)
        if settled:
            assert self.contract.call("settledAt", settled.root) == settled.at

    def check_mark(self, terminal: str, sequence: int) -> None:
        """The ledger knows of this sequence what the model knows."""
        till = self.model.tills.get(terminal)
        mark = till.marks.get(sequence, Mark.UNUSED) if till else Mark.UNUSED
        assert self.contract.call("markOf", terminal, sequence) == mark

    def _shown(self, order: PaymentOrder, receipt: Receipt | None) -> tuple[Receipt, list[bytes]]:
        settled = self.model.paid[order.order_id()]
        return receipt or settled.receipt, settled.proof
