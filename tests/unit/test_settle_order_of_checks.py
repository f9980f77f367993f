"""The first reason that applies is the one reported: an order wrong in all ways, mended in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from counterfoil.keys import Signer
from counterfoil.points.orders import OrderLine, PaymentOrder
from tests.support.points import signer_of
from tests.support.points_bank import HAMPER, HAMPER_CAP, CheckedBank
from tests.support.points_values import Reason

CAPPED = {"max_order": 1, "max_account_day": 1, "max_terminal_day": 1}


def test_settle_reportsTheFirstReason(bank: CheckedBank) -> None:
    used = bank.order()
    bank.settle(used)
    bank.publish(**CAPPED)
    bank.freeze("ann")
    bank.enable(bank.till.address, False)
    order = replace(used, points=450, rules=0, deadline=bank.now - 1, lines=())
    signer = signer_of(bank.chain, "stranger")

    for reason, mend in _mends(bank):
        assert bank.settle(bank.sign(order, signer)) == [reason]
        order, signer = mend(order, signer)
        if reason >= Reason.REPLAYED:
            order = replace(order, sequence=bank.order().sequence)

    assert bank.settle(bank.sign(order, signer)) == [Reason.PAID]


Mend = Callable[[PaymentOrder, Signer], tuple[PaymentOrder, Signer]]


def _mends(bank: CheckedBank) -> list[tuple[Reason, Mend]]:
    """Each reason in its published order, and how to get past it."""
    over = OrderLine(HAMPER, 1, HAMPER_CAP, HAMPER_CAP + 1)
    unknown = OrderLine(0, 1, 1, 1)
    at_cap = replace(over, cash=HAMPER_CAP)
    right = replace(over, cash=402)

    def publishing(**changes: int) -> Mend:
        return lambda order, signer: (
            replace(order, rules=_publish(bank, **changes)),
            signer,
        )

    def changing(**changes: object) -> Mend:
        return lambda order, signer: (replace(order, **changes), signer)  # type: ignore[arg-type]

    def doing(act: Callable[[], None]) -> Mend:
        return lambda order, signer: (act(), (order, signer))[1]  # type: ignore[func-returns-value]

    return [
        (Reason.BAD_ROW, changing(lines=(over, unknown))),
        (Reason.UNKNOWN_TERMINAL, doing(lambda: bank.enable(bank.till.address, True))),
        (Reason.BAD_SIGNATURE, lambda order, _: (order, bank.till)),
        (Reason.REPLAYED, changing()),
        (Reason.EXPIRED, changing(deadline=bank.now)),
        (Reason.RULES_VERSION, changing(rules=2)),
        (Reason.UNKNOWN_ITEM, changing(lines=(over,))),
        (Reason.ITEM_CAP, changing(lines=(at_cap,))),
        (Reason.POINTS_MINIMUM, changing(points=550)),
        (Reason.POINTS_INCREMENT, changing(points=600)),
        (Reason.CASH_MISMATCH, changing(lines=(right,))),
        (Reason.ORDER_CAP, publishing(max_order=402)),
        (Reason.ACCOUNT_DAY_CAP, publishing(max_account_day=402)),
        (Reason.TERMINAL_DAY_CAP, publishing(max_terminal_day=402)),
        (Reason.FROZEN, doing(lambda: bank.freeze("ann", False))),
        (Reason.INSUFFICIENT_POINTS, doing(lambda: bank.give("ann", 600))),
    ]


def _publish(bank: CheckedBank, **changes: int) -> int:
    bank.publish(**changes)
    return len(bank.model.rules)
