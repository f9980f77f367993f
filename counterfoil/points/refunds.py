"""Cash of a paid order given back, as points into the lots that they came from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any

from counterfoil.dispatch import Watch
from counterfoil.errors import Refused, Unavailable
from counterfoil.model import Mined
from counterfoil.money import format_minor
from counterfoil.points import receipts
from counterfoil.points.desk import BankDesk
from counterfoil.points.journal import OrderEntry
from counterfoil.points.ledger import LOTS, Mark
from counterfoil.points.reasons import Reason
from counterfoil.points.receipts import Receipt
from counterfoil.points.roles import addresses_of

_DAY = 86_400
_ENDED = {Mark.UNUSED: "unknown", Mark.REJECTED: "rejected", Mark.FINALIZED: "final"}


class TakenBack(Refused):
    """The chain took back what a refund rests on: it is given once that is there again."""

    default_code = "taken-back"


class Undecided(Unavailable):
    """The chain's answer says nothing sure about one refund: that one stays due."""

    default_code = "undecided"


class UnderWay(Undecided):
    """Its transaction waits to be mined."""

    default_code = "under-way"


@dataclass(frozen=True, slots=True)
class Refund:
    """What a refund came to: ``cash`` and ``left`` in minor units, ``points`` restored by it."""

    order_id: bytes
    cash: int
    points: int
    left: int
    transaction: str
    block: int


def refund_order(
    desk: BankDesk, order_id: str, cash: int | None, watch: Watch | None = None
) -> Refund:
    """Give back ``cash`` minor units of a paid order (its id in 0x hex); None: all that is left.

    Raises:
        Refused: no such order was paid here, or more is asked than is left
            (``RefundExceedsOrder``), or it is too late (``RefundTooLate``).
        TakenBack: the chain has its settlement no more.
    """
    return _refunded(desk, _known(desk, order_id), cash, watch)


def cancel_order(desk: BankDesk, order_id: str, watch: Watch | None = None) -> Refund:
    """Call off an order that its terminal never finalized: all that is left is given back.

    Raises:
        Refused: no such order was paid here, or it is final (``NotPaid``).
        TakenBack: as :func:`refund_order`.
    """
    return _cancelled(desk, _known(desk, order_id), watch)


def proven(desk: BankDesk, order_id: str) -> tuple[Receipt, list[bytes]]:
    """The receipt of a paid order and its proof; Refused as :func:`refund_order`."""
    return _proven(desk, _known(desk, order_id))


def sent_since(desk: BankDesk, order_id: str, block: int) -> list[Refund]:
    """The refunds of an order that the bank itself has sent after a block, oldest first.

    Raises:
        Undecided: the node doesn't tell who sent one of them.
    """
    receipt, _ = _proven(desk, _known(desk, order_id))
    # A node refuses to be asked for blocks that aren't there yet, or any more.
    first = min(block, desk.ledger.chain.block_number())
    events = desk.ledger.contract.events("OrderRefunded", first=first, orderId=receipt.order_id)
    left = receipt.cash - int(desk.ledger.contract.call("refunded", receipt.order_id))
    ours = addresses_of(desk.state, desk.bank, "settler")
    return [
        Refund(
            order_id=receipt.order_id,
            cash=int(event.arguments["cash"]),
            points=int(event.arguments["points"]),
            left=left,
            transaction=event.transaction,
            block=event.block,
        )
        for event in events
        if event.block > block and _sender(desk, event.transaction) in ours
    ]


def _sender(desk: BankDesk, transaction: str) -> str:
    try:
        return desk.ledger.chain.sender_of(transaction)
    except Unavailable as error:
        if error.code != "sender-unknown":
            raise
        raise Undecided(error.message, fix=error.fix) from None


def _refunded(desk: BankDesk, entry: OrderEntry, cash: int | None, watch: Watch | None) -> Refund:
    receipt, siblings = _proven(desk, entry)
    if cash is None:
        cash = receipt.cash - int(desk.ledger.contract.call("refunded", receipt.order_id))
    with _in_words(entry.order_ref, desk.ledger.record.currency):
        mined = desk.ledger.contract.send(
            desk.signer("settler"), "refund", astuple(receipt), siblings, cash, watch=watch
        )
    return _told(desk, receipt, mined)


def _cancelled(desk: BankDesk, entry: OrderEntry, watch: Watch | None) -> Refund:
    receipt, siblings = _proven(desk, entry)
    with _in_words(entry.order_ref, desk.ledger.record.currency):
        mined = desk.ledger.contract.send(
            desk.signer("settler"), "cancel", astuple(receipt), siblings, watch=watch
        )
    return _told(desk, receipt, mined)


def _known(desk: BankDesk, order_id: str) -> OrderEntry:
    entry = desk.journal.orders([order_id]).get(order_id)
    if entry is None or entry.reason not in (None, Reason.NONE):
        raise Refused("the order was not paid here", code="not-paid", fix="Check the order_id.")
    return entry


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


def _proven(desk: BankDesk, entry: OrderEntry) -> tuple[Receipt, list[bytes]]:
    """The receipt of an order and its proof, rebuilt from the events of its batch."""
    transaction, block = _settled(desk, entry)
    period = desk.ledger.chain.timestamp(block) // _DAY // desk.ledger.record.lot_days
    events = desk.ledger.contract.events("OrderPaid", first=block, last=block)
    batch = [event for event in events if event.transaction == transaction]
    found = receipts.proven(batch, _id(entry), period - (LOTS - 1))
    if found is None:
        raise _taken_back(entry)
    return found


def _settled(desk: BankDesk, entry: OrderEntry) -> tuple[str, int]:
    """The transaction and the block in which the chain has the order paid now."""
    if entry.transaction and entry.block is not None:
        place = (entry.transaction, entry.block)
        if not desk.ledger.gone([place]):
            return place
    told = desk.ledger.verdicts([_id(entry)]).get(_id(entry))
    if told is None:
        raise _taken_back(entry)
    if told.reason != Reason.NONE:
        said = f"{entry.order_ref!r} was rejected: {told.reason.code}"
        raise Refused(said, code="not-paid", fix="There is nothing to give back.")
    return told.transaction, told.block


def _taken_back(entry: OrderEntry) -> TakenBack:
    said = f"the chain took the settlement of {entry.order_ref!r} back; this waits for it"
    return TakenBack(said, fix="Settle it anew with `counterfoil points redeem`, then ask again.")


def _id(entry: OrderEntry) -> bytes:
    return bytes.fromhex(entry.order_id.removeprefix("0x"))


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
