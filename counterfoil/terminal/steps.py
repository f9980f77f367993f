"""One step of a sale, then the next: what has happened is looked up before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from counterfoil.bank.wire import OrderAnswer
from counterfoil.errors import Refused, Unavailable
from counterfoil.points.ledger import Mark
from counterfoil.points.orders import PaymentOrder
from counterfoil.points.reasons import Reason
from counterfoil.points.signedfile import signed_order
from counterfoil.terminal.bank_client import Bank
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.records import Given, TillChain, Written
from counterfoil.terminal.sales import Refund, RefundStage, Sale, Stage, Wish

_UNREADABLE = (413, 422)  # the bank can't take such a body, now or later


@dataclass(frozen=True, slots=True)
class Steps:
    """What moves sales on. ``hand_over``: seconds that a paid sale can be called off before it
    completes by itself; ``now``: the clock, Unix seconds."""

    journal: TillJournal
    chain: TillChain
    bank: Bank
    hand_over: int
    now: Callable[[], float]
    _unposted: set[str] = field(default_factory=set)  # that this run recorded and never posted

    def advance(self, sale: Sale) -> bool:
        """Take the next step if it can be taken now; whether anything has changed.

        Raises:
            Unavailable: the bank or the chain is away. The same again later.
            Refused: one of them says no to what should be possible. The same again later.
        """
        if _STEPS[sale.stage](self, sale):
            return True
        if sale.trouble:  # what was away answers again
            self.journal.note(sale.sale_id, trouble="")
        return bool(sale.trouble)

    def due(self, sale: Sale) -> bool:
        """Whether a paid sale is to be completed, or called off, now."""
        paid_at = sale.answered_at or 0
        return sale.wish != Wish.NONE or self.now() >= paid_at + self.hand_over

    def _placed(self, sale: Sale) -> bool:
        if sale.wish == Wish.CANCEL:
            return self._go(sale, Stage.WITHDRAWN)
        self._go(sale, Stage.RECORDING)
        return self._recorded_as(sale, self.chain.record_order(_id(sale)))

    def _recording(self, sale: Sale) -> bool:
        found = self.chain.recorded(_id(sale), sale.from_block)
        return self._recorded_as(sale, found or self.chain.record_order(_id(sale)))

    def _recorded_as(self, sale: Sale, written: Written) -> bool:
        self._unposted.add(sale.sale_id)
        return self._go(sale, Stage.RECORDED, **_written("recorded", written))

    def _recorded(self, sale: Sale) -> bool:
        """Hand the order to the bank; called off before that, only if the bank never got it."""
        first = sale.sale_id in self._unposted
        self._unposted.discard(sale.sale_id)
        try:
            if sale.wish == Wish.CANCEL:
                known = None if first else self.bank.order(sale.order_id)
                return self._go(sale, Stage.POSTED if known else Stage.WITHDRAWN)
            answer = self.bank.post(json.loads(sale.row), sale.quote_id)
            if answer.status == "invalid":  # what it has taken before counts more than this post
                answer = self.bank.order(sale.order_id) or answer
        except Refused as error:
            return self._refused(sale, error, first)
        return self._told(sale, answer, posted=True)

    def _refused(self, sale: Sale, error: Refused, first: bool) -> bool:
        """The bank didn't look at the order. That ends the sale unless it may be there from an
        earlier post; then it is asked again until the order can't be paid any more."""
        late = self.chain.time() > sale.deadline  # before the verdict: it can't come afterwards
        if self.chain.verdict(_id(sale), sale.from_block) is not None:
            return self._go(sale, Stage.POSTED)
        if not (first or late or error.arguments.get("status") in _UNREADABLE):
            raise error
        return self._go(sale, Stage.INVALID, reason=error.code, detail=error.message)

    def _posted(self, sale: Sale) -> bool:
        """Ask the bank how it stands. What it says about the chain counts once the chain says so;
        and if the bank is away the chain says it alone."""
        found = self.chain.verdict(_id(sale), sale.from_block)
        if found is not None:
            verdict, written = found
            paid = verdict.reason == Reason.NONE
            values = _written("answered", written)
            if paid:
                return self._go(sale, Stage.PAID, asked=False, **values)
            return self._go(
                sale,
                Stage.REJECTED,
                asked=False,
                reason=verdict.reason.code,
                detail=verdict.reason.sentence,
                **values,
            )
        answer = self._called_off(sale) or self.bank.order(sale.order_id)
        if answer is None:  # the bank lost it: it is handed over again
            return self._go(sale, Stage.RECORDED)
        return self._told(sale, answer, posted=False)

    def _called_off(self, sale: Sale) -> OrderAnswer | None:
        """What the bank says to a cancellation: an order that waits for its customer ends at once,
        any other goes on until record 3 can give everything back. None: it wasn't asked."""
        return self.bank.withdraw(sale.order_id) if sale.wish == Wish.CANCEL else None

    def _told(self, sale: Sale, answer: OrderAnswer, *, posted: bool) -> bool:
        """Note what the bank says. A verdict isn't taken from it but from the chain."""
        ends = {
            "declined": Stage.DECLINED,
            "invalid": Stage.INVALID,
            "withdrawn": Stage.WITHDRAWN,
        }
        told: dict[str, Any] = {
            "asked": answer.status == "waiting",
            "status_url": answer.status_url or sale.status_url,
        }
        if answer.status in ends:
            told |= {"reason": answer.reason, "detail": answer.detail}
            return self._go(sale, ends[answer.status], **told)
        if not posted and all(getattr(sale, name) == value for name, value in told.items()):
            return False
        return self._go(sale, Stage.POSTED, **told)

    def _paid(self, sale: Sale) -> bool:
        if not self.due(sale):
            return False
        order = _order(sale)
        mark = self.chain.mark(order)
        if mark == Mark.FINALIZED:
            return self._found_ended(sale, order)
        if mark != Mark.PAID:  # the chain took record 2 back
            return self._go(sale, Stage.RECORDED)
        if sale.wish == Wish.CANCEL:
            settled = self._settled(sale)
            return self._ended(sale, Stage.CANCELLED, self.chain.cancel(_id(sale), settled))
        return self._ended(sale, Stage.COMPLETED, self.chain.finalize(order))

    def _found_ended(self, sale: Sale, order: PaymentOrder) -> bool:
        cancelled = self.chain.cancelled(_id(sale), sale.from_block)
        if cancelled:
            return self._ended(sale, Stage.CANCELLED, cancelled)
        found = self.chain.finalized(order, sale.from_block)
        return found is not None and self._ended(sale, Stage.COMPLETED, found)

    def _ended(self, sale: Sale, stage: Stage, written: Written) -> bool:
        return self._go(sale, stage, **_written("ended", written))

    def _stays(self, _sale: Sale) -> bool:
        return False

    def _go(self, sale: Sale, stage: Stage, **values: Any) -> bool:
        self.journal.note(sale.sale_id, stage=stage.value, trouble="", **values)
        return True

    def give_back(self, refund: Refund, sale: Sale) -> bool:
        """Send a refund, unless a run that was cut short has; errors as :meth:`advance`."""
        order_id, settled = _id(sale), self._settled(sale)
        given = self._found_given(refund, sale) if refund.stage == RefundStage.SENDING else None
        if given is None:
            self.journal.note_refund(refund.refund_id, stage=RefundStage.SENDING.value)
            try:
                given = self.chain.refund(order_id, settled, refund.cash)
            except Refused as error:
                if error.code == "reverted":  # any error of a node's; the ledger's own have names
                    raise Unavailable(error.message, fix="Run again.") from error
                self.journal.note_refund(
                    refund.refund_id, stage=RefundStage.REFUSED.value, reason=error.code, trouble=""
                )
                return True
        self.journal.note_refund(
            refund.refund_id,
            stage=RefundStage.DONE.value,
            points=given.points,
            transaction=given.written.transaction,
            block=given.written.block,
            done_at=given.written.at,
            trouble="",
        )
        return True

    def _found_given(self, refund: Refund, sale: Sale) -> Given | None:
        """The refund on chain that is this one and no other of this till's. A till has one
        transaction under way at most: as long as there is one, it may be this refund."""
        if self.chain.ledger().chain.is_sending(self.chain.signer.address):
            raise Unavailable("What this till sent waits to be mined.", fix="Run again.")
        others = {one.transaction for one in self.journal.refunds([sale.sale_id])}
        for cash, given in self.chain.refunds(_id(sale), refund.from_block):
            if cash == refund.cash and given.written.transaction not in others:
                return given
        return None

    def _settled(self, sale: Sale) -> Written:
        return Written(
            str(sale.answered_transaction), sale.answered_block or 0, sale.answered_at or 0
        )


_STEPS: Mapping[Stage, Callable[[Steps, Sale], bool]] = {
    Stage.PLACED: Steps._placed,
    Stage.RECORDING: Steps._recording,
    Stage.RECORDED: Steps._recorded,
    Stage.POSTED: Steps._posted,
    Stage.PAID: Steps._paid,
    **{stage: Steps._stays for stage in Stage if stage.final},
}


def _order(sale: Sale) -> PaymentOrder:
    return signed_order(json.loads(sale.row)).order


def _id(sale: Sale) -> bytes:
    return bytes.fromhex(sale.order_id.removeprefix("0x"))


def _written(record: str, written: Written) -> dict[str, object]:
    return {
        f"{record}_transaction": written.transaction,
        f"{record}_block": written.block,
        f"{record}_at": written.at,
    }
