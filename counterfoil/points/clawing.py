"""Credits taken back, when the purchase that earned them was returned: each claw-back once.

The journal has a row before anything is sent, and the ledger takes a claw-back only in its turn: it
must name how many points of the credit were to be taken back before. So one that was sent twice, or
that the chain took back and has again, takes once. Its event, which carries the claw-back's own
reference, says what became of it even if the journal is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from counterfoil.errors import Refused, Unavailable
from counterfoil.keys import Signer
from counterfoil.model import Event
from counterfoil.points.accounts import claw_reference_of, reference_of
from counterfoil.points.clawfile import BadClaw, Claw
from counterfoil.points.clawjournal import ClawEntry, ClawJournal
from counterfoil.points.ledger import Ledger
from counterfoil.points.receipts import credit_leaf, proof

_AT_ONCE = 100
_USED = "claw_reference was used for another claw-back"


@dataclass(frozen=True, slots=True)
class ClawedBack:
    """A result row of ``claw-back``: ``status`` clawed-back or refused; ``reason`` bad-row,
    unknown-credit or exceeds-credit; ``shortfall``: asked, but spent or lapsed already."""

    line: int
    reference: str
    claw_reference: str
    status: Literal["clawed-back", "refused"]
    reason: str | None
    detail: str
    points: int | None
    shortfall: int | None
    transaction: str | None
    block: int | None
    replayed: bool

    def as_row(self) -> dict[str, Any]:
        """JSON-ready, in the order of the columns."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Clawing:
    """Takes credits back on one ledger."""

    ledger: Ledger
    journal: ClawJournal
    issuer: Signer
    bank_key: bytes

    def claw_back(self, rows: Sequence[Claw | BadClaw]) -> Iterator[ClawedBack]:
        """The answer to each row, in their order."""
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            self._reopen([row.claw_reference for row in some if isinstance(row, Claw)])
            for row in some:
                yield (
                    _refused(row, "bad-row", row.problem)
                    if isinstance(row, BadClaw)
                    else (self._one(row))
                )

    def on_chain(self, claw_reference: str) -> bytes:
        """The 32 bytes that stand for a claw-back in its event."""
        return claw_reference_of(self.bank_key, self.ledger.record.bank, claw_reference)

    def credit_on_chain(self, reference: str) -> bytes:
        """The 32 bytes that stand for a credit."""
        return reference_of(self.bank_key, self.ledger.record.bank, reference)

    def _reopen(self, claw_references: Sequence[str]) -> None:
        """What the journal has from blocks that the chain took back is no answer any more."""
        known = self.journal.entries(claw_references)
        told = {entry.transaction: entry.block for entry in known if entry.transaction}
        gone = self.ledger.gone(told.items())
        if gone:
            self.journal.reopen(gone)

    def _one(self, row: Claw) -> ClawedBack:
        known = self.journal.entry(row.claw_reference)
        if known is not None and (known.reference, known.wished) != (row.reference, row.points):
            return _refused(row, "bad-row", _USED)
        if known is not None and known.transaction is not None:
            return _done(row, known, replayed=True)
        told = self._told(row)
        if told is not None:
            return self._note(row, told, replayed=True)
        return self._send(row)

    def _send(self, row: Claw) -> ClawedBack:
        issued = self.ledger.credits([self.credit_on_chain(row.reference)])
        if not issued:
            return self._forget(row, "unknown-credit", "no credit was issued under this reference")
        before = -1
        while True:
            done = self._events(creditReference=self.credit_on_chain(row.reference))
            told = self._own(row, done)
            if told is not None:  # sent by a run that was cut short, or by one beside this
                return self._note(row, told, replayed=True)
            taken = sum(event.arguments["points"] + event.arguments["shortfall"] for event in done)
            if taken <= before:
                break
            before = taken  # those in vain included
            left = int(issued[0].arguments["points"]) - before
            points = left if row.points is None else row.points
            if points > left or left == 0:
                return self._forget(row, "exceeds-credit", f"{left} points of the credit are left")
            entry = ClawEntry(row.claw_reference, row.reference, row.points)
            self.journal.add(entry)
            if self.journal.entry(row.claw_reference) != entry:
                return self._one(row)  # another process has written it down, or done it
            try:
                return self._note(row, self._sent(row, issued[0], points, before), replayed=False)
            except Refused as error:
                if error.code != "ClawBackOutOfTurn":  # else another claw-back came between
                    raise
        raise Unavailable("The chain's events lag behind its state.", fix="Run again.")

    def _sent(self, row: Claw, issued: Event, points: int, before: int) -> Event:
        batch = self.ledger.contract.events(
            "PointsIssued", first=self.ledger.record.block, batch=issued.arguments["batch"]
        )
        credits = [_credit_in(event) for event in batch]
        credit = _credit_in(issued)
        siblings = proof([credit_leaf(*one) for one in credits], credits.index(credit))
        part = (self.on_chain(row.claw_reference), points, before)
        mined = self.ledger.contract.send(
            *(self.issuer, "clawBack", issued.arguments["batch"], credit, siblings, part)
        )
        return mined.of("PointsClawedBack")[0]

    def _told(self, row: Claw) -> Event | None:
        """The chain's own word that this claw-back is done."""
        return self._own(row, self._events(clawReference=self.on_chain(row.claw_reference)))

    def _own(self, row: Claw, done: Sequence[Event]) -> Event | None:
        """The one of these that is this claw-back."""
        name = self.on_chain(row.claw_reference)
        return next((event for event in done if event.arguments["clawReference"] == name), None)

    def _events(self, **indexed: Any) -> list[Event]:
        first = self.ledger.record.block
        return self.ledger.contract.events("PointsClawedBack", first=first, **indexed)

    def _note(self, row: Claw, told: Event, *, replayed: bool) -> ClawedBack:
        points, short = (int(told.arguments[name]) for name in ("points", "shortfall"))
        same = bytes(told.arguments["creditReference"]) == self.credit_on_chain(row.reference)
        if not same or row.points not in (None, points + short):
            return _refused(row, "bad-row", _USED)
        entry = ClawEntry(row.claw_reference, row.reference, row.points)
        self.journal.add(entry)
        answered = replace(
            entry,
            points=points,
            shortfall=short,
            transaction=told.transaction,
            block=told.block,
        )
        self.journal.note(answered)
        return _done(row, answered, replayed=replayed)

    def _forget(self, row: Claw, reason: str, detail: str) -> ClawedBack:
        self.journal.forget(row.claw_reference)
        return _refused(row, reason, detail)


def _credit_in(event: Event) -> tuple[bytes, int, int, bytes]:
    """The contract's ``Credit`` that a ``PointsIssued`` tells of."""
    told = event.arguments
    return (
        bytes(told["account"]),
        int(told["points"]),
        int(told["earnedOn"]),
        bytes(told["creditReference"]),
    )


def _done(row: Claw, entry: ClawEntry, *, replayed: bool) -> ClawedBack:
    short = (
        f" {entry.shortfall} points were spent or have lapsed already." if entry.shortfall else ""
    )
    return ClawedBack(
        line=row.line,
        reference=row.reference,
        claw_reference=row.claw_reference,
        status="clawed-back",
        reason=None,
        detail=f"Taken back.{short}",
        points=entry.points,
        shortfall=entry.shortfall,
        transaction=entry.transaction,
        block=entry.block,
        replayed=replayed,
    )


def _refused(row: Claw | BadClaw, reason: str, detail: str) -> ClawedBack:
    return ClawedBack(
        line=row.line,
        reference=row.reference,
        claw_reference=row.claw_reference,
        status="refused",
        reason=reason,
        detail=detail,
        points=None,
        shortfall=None,
        transaction=None,
        block=None,
        replayed=False,
    )
