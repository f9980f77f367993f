"""A sale at the till: what it is, and how far it has come."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far a sale has come; the package's docstring draws it."""

    PLACED = "placed"  # signed and written down; nothing was sent
    RECORDING = "recording"  # record 1 may have been sent
    RECORDED = "recorded"  # record 1 is on chain; the bank may have the order
    POSTED = "posted"  # the bank has the order
    PAID = "paid"  # record 2: paid; waits for the hand-over
    COMPLETED = "completed"  # record 3
    CANCELLED = "cancelled"  # record 3, everything given back
    REJECTED = "rejected"  # record 2, final
    DECLINED = "declined"  # the customer said no, or nothing in time
    INVALID = "invalid"  # the bank answers for no such order
    WITHDRAWN = "withdrawn"  # called off before the bank had it, or while its customer was asked

    @property
    def final(self) -> bool:
        """Whether it stays so."""
        return self in _FINAL


_FINAL = frozenset(
    {
        *(Stage.COMPLETED, Stage.CANCELLED, Stage.REJECTED),
        *(Stage.DECLINED, Stage.INVALID, Stage.WITHDRAWN),
    }
)


class Wish(StrEnum):
    """What the person at the till has asked for."""

    NONE = ""
    COMPLETE = "complete"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Goods:
    """A line of the basket. ``price`` of one, and ``cash`` of the whole line that points pay, in
    minor units."""

    item: str
    quantity: int
    price: int
    cash: int

    @property
    def total(self) -> int:
        """What the shop charges for the line."""
        return self.quantity * self.price


@dataclass(frozen=True, slots=True)
class Sale:
    """A row of the till's journal; cash in minor units, times in Unix seconds.

    ``sale_id`` is the order's reference too. ``row`` is the signed order's JSON line.
    ``from_block``: nothing of the order is on chain before it. ``trouble``: why it waits, if it
    does: the code of the last error. ``answered``, ``recorded`` and ``ended`` tell of the records.
    """

    sale_id: str
    order_id: str
    at: int
    row: str
    quote_id: str
    goods: str
    points: int
    cash: int
    deadline: int
    from_block: int
    stage: Stage = Stage.PLACED
    wish: Wish = Wish.NONE
    trouble: str = ""
    asked: bool = False
    reason: str | None = None
    detail: str | None = None
    status_url: str | None = None
    recorded_transaction: str | None = None
    recorded_block: int | None = None
    recorded_at: int | None = None
    answered_transaction: str | None = None
    answered_block: int | None = None
    answered_at: int | None = None
    ended_transaction: str | None = None
    ended_block: int | None = None
    ended_at: int | None = None

    @property
    def lines(self) -> tuple[Goods, ...]:
        """The basket."""
        return tuple(Goods(**line) for line in json.loads(self.goods))

    @property
    def total(self) -> int:
        """What the shop charges for all of it."""
        return sum(line.total for line in self.lines)

    @property
    def refundable(self) -> bool:
        """Whether cash of it can be given back in part."""
        return self.stage == Stage.COMPLETED

    @property
    def cancellable(self) -> bool:
        """Whether it can still be called off."""
        return not self.stage.final and self.wish == Wish.NONE


class RefundStage(StrEnum):
    """How far a refund has come."""

    ASKED = "asked"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refund:
    """Cash of a completed sale to give back. ``reason``: why the ledger refused."""

    refund_id: str
    sale_id: str
    at: int
    cash: int
    from_block: int
    stage: RefundStage = RefundStage.ASKED
    trouble: str = ""
    points: int | None = None
    reason: str | None = None
    transaction: str | None = None
    block: int | None = None
    done_at: int | None = None


def goods_text(lines: tuple[Goods, ...]) -> str:
    """A basket as the journal keeps it."""
    return json.dumps([asdict(line) for line in lines], ensure_ascii=False)
