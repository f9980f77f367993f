"""What the till's pages show of a sale: the three records and the one sentence that says it all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from counterfoil.terminal.sales import Refund, Sale, Stage, Wish

State = Literal["done", "now", "waits", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Record:
    """One of the three. ``name`` is a key under ``record``; ``said`` one under ``record.said``."""

    number: int
    name: str
    state: State
    said: str
    transaction: str | None
    block: int | None
    at: int | None


@dataclass(frozen=True, slots=True)
class SaleView:
    """A sale as its page shows it. ``headline``: a key under ``stage``; ``tone``: its colour."""

    sale: Sale
    records: tuple[Record, ...]
    refunds: tuple[Refund, ...]
    headline: str
    tone: Literal["busy", "good", "bad", "calm"]
    refunded: int
    left: int
    completes_at: int | None

    @property
    def by_points(self) -> Literal["by-points", "to-points"] | None:
        """The key, under ``sale``, of the line about points; None if they pay nothing."""
        if self.sale.stage in (Stage.PAID, Stage.COMPLETED):
            return "by-points"
        return None if self.sale.stage.final else "to-points"

    @property
    def rest(self) -> int:
        """What points don't pay of the sale, in minor units."""
        return self.sale.total - (0 if self.by_points is None else self.sale.cash)

    @property
    def to_take(self) -> bool:
        """Whether the till now has to take :attr:`rest` another way."""
        sale = self.sale
        ended = sale.stage.final and sale.stage not in (Stage.COMPLETED, Stage.CANCELLED)
        paid = sale.stage == Stage.PAID and sale.wish != Wish.CANCEL
        return self.rest > 0 and (paid or ended)


def view_of(sale: Sale, refunds: Iterable[Refund], hand_over: int) -> SaleView:
    """How a sale looks now. ``hand_over``: seconds until a paid one completes by itself."""
    told = tuple(refunds)
    refunded = sum(one.cash for one in told if one.transaction)
    asked = sum(one.cash for one in told if not one.reason)
    paid = sale.stage == Stage.PAID and sale.wish == Wish.NONE
    return SaleView(
        sale=sale,
        records=(_placed(sale), _answered(sale), _ended(sale)),
        refunds=told,
        headline=headline(sale),
        tone=_tone(sale),
        refunded=refunded,
        left=sale.cash - asked,
        completes_at=(sale.answered_at or 0) + hand_over if paid else None,
    )


def headline(sale: Sale) -> str:
    """The key of the sentence that says how it stands."""
    if sale.trouble in ("bank-away", "chain-away"):
        return sale.trouble
    if sale.trouble:
        return "trouble"
    if sale.wish == Wish.CANCEL and not sale.stage.final:
        return "cancelling"
    if sale.wish == Wish.COMPLETE and sale.stage == Stage.PAID:
        return "completing"
    return "asked" if sale.stage == Stage.POSTED and sale.asked else sale.stage.value


def _tone(sale: Sale) -> Literal["busy", "good", "bad", "calm"]:
    if sale.stage in (Stage.PAID, Stage.COMPLETED):
        return "good"
    if sale.stage in (Stage.REJECTED, Stage.INVALID, Stage.DECLINED):
        return "bad"
    return "calm" if sale.stage.final else "busy"


def _placed(sale: Sale) -> Record:
    done = sale.recorded_transaction is not None
    withdrawn = sale.stage == Stage.WITHDRAWN
    state: State = "done" if done else "skipped" if withdrawn else "now"
    said = "placed-done" if done else "placed-never" if withdrawn else "placed-now"
    if said == "placed-now" and sale.trouble == "chain-away":
        said = "placed-waits"
    written = (sale.recorded_transaction, sale.recorded_block, sale.recorded_at)
    return Record(1, "placed", state, said, *written)


_ANSWERS: dict[Stage, tuple[State, str]] = {
    Stage.REJECTED: ("failed", "answered-rejected"),
    Stage.DECLINED: ("failed", "answered-declined"),
    Stage.INVALID: ("failed", "answered-invalid"),
    Stage.WITHDRAWN: ("skipped", "answered-never"),
    Stage.RECORDED: ("now", "answered-next"),
    Stage.POSTED: ("now", "answered-now"),
}


def _answered(sale: Sale) -> Record:
    state, said = _ANSWERS.get(sale.stage, ("waits", "waits"))
    if sale.stage in (Stage.PAID, Stage.COMPLETED, Stage.CANCELLED):
        state, said = "done", "answered-paid"
    if sale.stage == Stage.POSTED and sale.asked:
        said = "answered-asked"
    if sale.stage == Stage.WITHDRAWN and sale.reason:  # the bank's: it had the order
        said = "answered-withdrawn"
    if sale.stage == Stage.RECORDED and sale.trouble == "bank-away":
        said = "answered-waits"
    written = (sale.answered_transaction, sale.answered_block, sale.answered_at)
    return Record(2, "answered", state, said, *written)


_ENDS: dict[Stage, tuple[State, str]] = {
    Stage.PAID: ("now", "ended-now"),
    Stage.COMPLETED: ("done", "ended-completed"),
    Stage.CANCELLED: ("done", "ended-cancelled"),
}


def _ended(sale: Sale) -> Record:
    otherwise: tuple[State, str] = ("waits", "waits")
    if sale.stage.final:
        otherwise = ("skipped", "ended-never")
    state, said = _ENDS.get(sale.stage, otherwise)
    if sale.stage == Stage.PAID and sale.wish != Wish.NONE:
        said = "ended-cancelling" if sale.wish == Wish.CANCEL else "ended-completing"
    written = (sale.ended_transaction, sale.ended_block, sale.ended_at)
    return Record(3, "ended", state, said, *written)
