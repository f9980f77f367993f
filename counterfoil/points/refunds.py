"""Cash of a paid order given back, as points into the lots that they came from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any

from counterfoil.errors import Refused
from counterfoil.model import Mined
from counterfoil.money import format_minor
from counterfoil.points.desk import BankDesk
from counterfoil.points.ledger import LOTS, Mark
from counterfoil.points.receipts import Receipt, proof, receipt_in

_DAY = 86_400
_ENDED = {Mark.UNUSED: "unknown", Mark.REJECTED: "rejected", Mark.FINALIZED: "final"}


@dataclass(frozen=True, slots=True)
class Refund:
    """What a refund came to: ``cash`` and ``left`` in minor units, ``points`` restored by it."""

    order_id: bytes
    cash: int
    points: int
    left: int
    transaction: str
    block: int


def refund(desk: BankDesk, order_ref: str, cash: int) -> Refund:
    """Give back ``cash`` minor units of the order that was paid under ``order_ref``.

    Raises:
        Refused: no such order was paid here, or more is asked than is left
            (``RefundExceedsOrder``), or it is too late (``RefundTooLate``).
    """
    receipt, siblings = _proven(desk, order_ref)
    with _in_words(order_ref, desk.ledger.record.currency):
        mined = desk.ledger.contract.send(desk.operator, "refund", astuple(receipt), siblings, cash)
    return _told(desk, receipt, mined)


def cancel(desk: BankDesk, order_ref: str) -> Refund:
    """Call off an order that its terminal never finalized: all that is left is given back.

    Raises:
        Refused: no such order was paid here, or it is final (``NotPaid``).
    """
    receipt, siblings = _proven(desk, order_ref)
    with _in_words(order_ref, desk.ledger.record.currency):
        mined = desk.ledger.contract.send(desk.operator, "cancel", astuple(receipt), siblings)
    return _told(desk, receipt, mined)


@contextmanager
def _in_words(order_ref: str, currency: str) -> Iterator[None]:
    """Say what the ledger's error means for this order; its code stays."""
    try:
        yield
    except Refused as error:
        values: Any = error.arguments
        if error.code == "RefundExceedsOrder":
            asked, left = (format_minor(values[name], currency) for name in ("asked", "left"))
            said = f"{asked} {currency} was asked, and {order_ref!r} has {left} left to give back"
            fix = f"Ask for {left} at most." if values["left"] else "It was given back whole."
        elif error.code == "RefundTooLate":
            until = datetime.fromtimestamp(values["until"], UTC)
            said = f"{order_ref!r} could be given back until {until:%Y-%m-%dT%H:%M:%SZ}"
            fix = "Pay it back in another way: issue new points, or cash."
        elif error.code == "NotPaid":
            said = f"{order_ref!r} is {_ENDED[values['mark']]}, so it can't be cancelled"
            fix = "Give it back with `counterfoil points refund`."
        else:
            raise
        raise Refused(said, code=error.code, fix=fix, arguments=error.arguments) from error


def _proven(desk: BankDesk, order_ref: str) -> tuple[Receipt, list[bytes]]:
    """The receipt of an order and its proof, rebuilt from the events of its batch."""
    paid = [entry for entry in desk.journal.orders_called(order_ref) if entry.reason == 0]
    if not paid or paid[0].block is None:
        raise Refused(
            f"no order {order_ref!r} was paid here", code="not-paid", fix="Check the order_ref."
        )
    block = paid[0].block
    period = desk.ledger.chain.timestamp(block) // _DAY // desk.ledger.record.lot_days
    receipts = [
        receipt_in(event, period - (LOTS - 1))
        for event in desk.ledger.contract.events("OrderPaid", first=block, last=block)
        if event.transaction == paid[0].transaction
    ]
    order_id = bytes.fromhex(paid[0].order_id.removeprefix("0x"))
    place = next(i for i, receipt in enumerate(receipts) if receipt.order_id == order_id)
    return receipts[place], proof([receipt.leaf() for receipt in receipts], place)


def _told(desk: BankDesk, receipt: Receipt, mined: Mined) -> Refund:
    given: Any = mined.of("OrderRefunded")
    told = given[0].arguments if given else {"cash": 0, "points": 0}
    so_far = int(desk.ledger.contract.call("refunded", receipt.order_id))
    return Refund(
        order_id=receipt.order_id,
        cash=int(told["cash"]),
        points=int(told["points"]),
        left=receipt.cash - so_far,
        transaction=mined.transaction,
        block=mined.block,
    )
