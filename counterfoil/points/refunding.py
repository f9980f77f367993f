"""Refunds asked of the bank: each done once, whatever happens in between.

A row is written before anything is sent, with the block before, and each hash of its transaction
before the node gets that. After a crash, a refund that was sent is looked for among the ledger's
events since: there it is done. While one of its hashes waits to be mined, so does it; else it is
sent again. One process at a time is at work on a ledger's refunds, so nobody takes another's for
cut short.

A row that can't be done now, since the chain took its order back or says nothing sure, stays due
and keeps no other up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event
from typing import Any
from uuid import uuid4

from counterfoil.dispatch import Watch
from counterfoil.errors import Refused, Unavailable
from counterfoil.points import refunds
from counterfoil.points.desk import BankDesk
from counterfoil.points.refundjournal import Asked, Kind, RefundJournal
from counterfoil.points.refunds import Refund, TakenBack, Undecided, UnderWay

_PATIENCE = 120.0  # seconds to wait for another process that is at work on refunds


@dataclass(frozen=True, slots=True)
class Worked:
    """What came of the refunds that were due: those that ended, and why others (order id, refund
    id) are due still."""

    ended: list[Asked]
    held: dict[tuple[str, str], Exception]


@dataclass(frozen=True, slots=True)
class Refunding:
    """Gives back on one ledger."""

    desk: BankDesk
    journal: RefundJournal
    stop: Event = field(default_factory=Event)
    """Once it is set, nobody waits for what was sent, and nothing more is."""

    @classmethod
    def at(cls, desk: BankDesk) -> Refunding:
        """The refunds of a bank's desk, with which their journal is closed.

        Raises:
            Unavailable: the database can't be opened.
        """
        journal = RefundJournal.open(desk.state, desk.ledger.record.key)
        desk.closes(journal.close)
        return cls(desk, journal)

    def give_back(
        self, order_id: str, kind: Kind, cash: int | None, refund_id: str = ""
    ) -> tuple[Asked, bool]:
        """Give ``cash`` minor units back (None: all that is left), or call the order off.

        Args:
            refund_id: the caller's own id for this, done once; none: one is made, unless the same
                was begun before and has not ended.

        Returns:
            What became of it, and whether it had ended so before.

        Raises:
            Refused: ``refund-id-used``, or the ledger said no; ``taken-back``: not now, but it is
                done when it is asked for again after the order was settled anew.
            Unavailable: the chain or the database doesn't answer. It is done once when it is asked
                for again.
        """
        asked = Asked.new(
            order_id, refund_id or self._begun(order_id, kind, cash) or uuid4().hex, kind, cash
        )
        kept, before = self.take(asked)
        replayed = before and kept.final
        kept = self.standing(kept)
        if not kept.final:
            height = self.desk.ledger.chain.block_number()
            held = self.work().held
            kept = self.journal.find(order_id, asked.refund_id) or kept
            if not kept.final and (order_id, asked.refund_id) in held:
                raise held[order_id, asked.refund_id]
            replayed = replayed and (kept.block or 0) <= height  # it is only in another block now
        if kept.state == "refused":
            raise Refused(kept.detail or "refused", code=kept.reason or "")
        return kept, replayed

    def take(self, asked: Asked) -> tuple[Asked, bool]:
        """Write a refund down; the one that is kept under its id, and whether it was there before.

        Raises:
            Refused: ``refund-id-used``: another refund of this order has its id.
        """
        kept, before = self.journal.add(asked)
        if (kept.kind, kept.asked) != (asked.kind, asked.asked):
            raise Refused(
                "this refund_id was used for another refund",
                code="refund-id-used",
                fix="Take anew.",
            )
        return kept, before

    def standing(self, kept: Asked) -> Asked:
        """The refund as it stands: due again if it was done and the chain took that back.

        Raises:
            Unavailable: the chain or the database doesn't answer.
        """
        ledger = self.desk.ledger
        if kept.state != "done" or not kept.transaction:
            return kept
        fates = ledger.chain.fates([kept.transaction])
        there = fates.receipts.get(kept.transaction)
        if there and kept.block in (None, int(there["blockNumber"], 16)):
            return kept
        if not there and fates.height < (kept.block or 0):
            said = f"The node at {ledger.chain.url} has {fates.height} blocks"
            said += f", and this refund was done in block {kept.block}."
            raise Unavailable(said, fix="Run again when it has caught up.", code="node")
        # Wherever it is now, it isn't before the ledger; its transaction tells it from others.
        due = replace(kept, state="sent", since=ledger.record.block, cash=None, points=None)
        due = replace(due, left=None, block=None)
        self.journal.note(due)
        return due

    def work(self) -> Worked:
        """Do what is due, oldest first, and say what became of it.

        Raises:
            Unavailable: the chain or the database doesn't answer; what is left is still due.
        """
        worked = Worked([], {})
        if not self.journal.due():
            return worked
        with self._turn():
            for one in self.journal.due():
                if self.stop.is_set():
                    break
                try:
                    done = self._end(one)
                except Exception as error:  # whatever it is, it is this one's alone
                    if isinstance(error, Unavailable) and not isinstance(error, Undecided):
                        raise
                    worked.held[one.order_id, one.refund_id] = error
                else:
                    self.journal.note(done)
                    worked.ended.append(done)
        return worked

    def _begun(self, order_id: str, kind: Kind, cash: int | None) -> str:
        """A cancellation is done once for good; of a refund, only one that was cut short counts."""
        for one in self.journal.of_order(order_id):
            called_off = kind == "cancel" and one.state == "done"
            if (one.kind, one.asked) == (kind, cash) and (called_off or not one.final):
                return one.refund_id
        return ""

    @contextmanager
    def _turn(self) -> Iterator[None]:
        turns, name = self.desk.ledger.chain.turns, f"refunds-{self.desk.ledger.record.address}"
        turns.take(name, _PATIENCE)
        try:
            yield
        finally:
            turns.give(name)

    def _end(self, one: Asked) -> Asked:
        try:
            found = self._found(one) if one.state == "sent" else None
            return found or self._do(one)
        except TakenBack:
            raise
        except Refused as error:
            if error.code == "reverted":  # any error of a node's; the ledger's own have names
                raise Undecided(error.message, fix="Run again.") from error
            ended = replace(one, state="refused", reason=error.code, detail=error.line())
            return replace(ended, transaction=None)

    def _do(self, one: Asked) -> Asked:
        block = self.desk.ledger.chain.block_number()
        since = block if one.since is None else min(one.since, block)
        self.journal.note(replace(one, state="sent", since=since))
        watch = Watch(partial(self.journal.note_sent, one), self.stop)
        if one.kind == "cancel":
            return _done(one, refunds.cancel_order(self.desk, one.order_id, watch))
        return _done(one, refunds.refund_order(self.desk, one.order_id, one.asked, watch))

    def _found(self, one: Asked) -> Asked | None:
        """The refund on chain, if it got there before the one who sent it was cut short, or is
        there again after the chain took it back."""
        sent = self.journal.sent(one.order_id)
        ours = sent.pop(one.refund_id, set())
        fates = self.desk.ledger.chain.fates(ours)  # first: what is mined after it has an event
        if fates.waiting:
            raise _waits(one, fates.waiting)
        mined = [int(told["blockNumber"], 16) for told in fates.receipts.values() if _good(told)]
        since = min([one.since or 0, *(block - 1 for block in mined)])
        found = refunds.sent_since(self.desk, one.order_id, since)
        found.sort(key=lambda done: done.transaction not in ours)
        others = set().union(*sent.values())
        for done in found:
            if done.transaction not in others and one.asked in (None, done.cash):
                return _done(one, done)
        if mined:
            said = f"block {mined[0]} has this refund, and the node doesn't show what it did"
            raise Undecided(said, fix="Run again.")
        return None


def _waits(one: Asked, names: set[str]) -> TakenBack | UnderWay:
    fix = "Ask again in a moment."
    if one.transaction in names:
        said = "the chain took this refund back, and its transaction waits to be mined again"
        return TakenBack(said, fix=fix)
    return UnderWay("this refund was sent, and its transaction waits to be mined", fix=fix)


def _good(receipt: Mapping[str, Any]) -> bool:
    return int(receipt["status"], 16) == 1


def _done(one: Asked, done: Refund) -> Asked:
    return replace(
        one,
        state="done",
        cash=done.cash,
        points=done.points,
        left=done.left,
        transaction=done.transaction,
        block=done.block,
    )
