"""Batches of credits on their way: each is on chain once, under the number that it was written down
with.

The ledger takes each number once. So a batch whose answer was lost, or that the chain took back, is
sent again under its number: one that is there already, or comes back meanwhile, is looked up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterfoil.errors import Refused, Unavailable
from counterfoil.keys import Signer
from counterfoil.model import Event
from counterfoil.points.creditpages import CreditEntry
from counterfoil.points.journal import Journal
from counterfoil.points.ledger import Ledger

CreditTuple = tuple[bytes, int, int, bytes]  # as the contract's ABI takes it
# Of a batch that the ledger refuses so, no copy can arrive any more: its rows are judged anew.
_FOR_GOOD = ("LotFull", "LotLapsed")


@dataclass(frozen=True, slots=True)
class CreditBatches:
    """The batches of one ledger, as the journal has them."""

    ledger: Ledger
    journal: Journal
    issuer: Signer

    def reopen(self, references: Sequence[str]) -> None:
        """What the journal has of these credits from blocks that the chain took back is no answer
        any more."""
        known = self.journal.credits(references).values()
        told = {entry.transaction: entry.block for entry in known if entry.transaction}
        self.journal.reopen_credits(self.ledger.gone(told.items()))

    def repair(self, known: Mapping[str, CreditEntry]) -> set[str]:
        """Send batches again that were written down and have no answer; the references of those
        that weren't there yet."""
        sent: set[str] = set()
        for batch in unanswered(known):
            try:
                sent |= self.send(batch)
            except Refused as error:
                if (
                    error.code not in _FOR_GOOD
                ):  # it may be under way, and be taken once that is over
                    raise
                entries = self.journal.batch_of_credits(batch)
                self.journal.forget_credits([entry.reference for entry in entries])
        return sent

    def send(self, batch: int) -> set[str]:
        """Send a batch that stands in the journal; the references that it issued, none if its
        number is used: then it arrived before.

        Raises:
            Refused: the ledger doesn't take it, and says why.
            Unavailable: the node doesn't, or doesn't say why: the batch may be under way all the
                same, and stays as it was written down.
        """
        entries = self.journal.batch_of_credits(batch)
        credits = [_tuple_in(entry.content) for entry in entries]
        issued = set()
        try:
            mined = self.ledger.contract.send(self.issuer, "issue", batch, credits)
            events = mined.of("PointsIssued")
            issued = {entry.reference for entry in entries}
        except Refused as error:
            if error.code == "reverted":
                raise Unavailable(str(error), fix="Run again.", code="node") from error
            if error.code != "CreditBatchUsed":
                raise
            events = self.ledger.contract.events(
                "PointsIssued", first=self.ledger.record.block, batch=batch
            )
        self._note(entries, events)
        return issued

    def _note(self, entries: Sequence[CreditEntry], events: Sequence[Event]) -> None:
        """Note the credits that the batch has on chain. A journal that was lost in between may have
        others under its number: they are judged anew."""
        if not events:
            raise Unavailable("The chain's events lag behind its state.", fix="Run again.")
        there = {bytes(event.arguments["creditReference"]).hex() for event in events}
        self.journal.note_credits(
            [entry.reference for entry in entries if entry.chain_reference in there],
            transaction=events[0].transaction,
            block=events[0].block,
        )
        self.journal.forget_credits(
            [entry.reference for entry in entries if entry.chain_reference not in there]
        )


def unanswered(known: Mapping[str, CreditEntry]) -> set[int]:
    """Batches that were written down and never confirmed."""
    return {entry.batch for entry in known.values() if entry.transaction is None}


def entry_in(event: Event, reference: str) -> CreditEntry:
    """The journal's row of a credit that the chain tells of."""
    told = event.arguments
    content = content_of(told["account"], told["points"], told["earnedOn"], told["creditReference"])
    place = event.log_index
    return CreditEntry(reference, content, told["batch"], place, event.transaction, event.block)


def content_of(account: bytes, points: int, earned_on: int, reference: bytes) -> str:
    """A credit as the journal keeps it."""
    return json.dumps([account.hex(), points, earned_on, reference.hex()])


def _tuple_in(content: str) -> CreditTuple:
    account, points, earned_on, reference = json.loads(content)
    return (bytes.fromhex(account), points, earned_on, bytes.fromhex(reference))
