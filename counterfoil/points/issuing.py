"""Credits into accounts: the same reference issues once, whatever happens in between.

Credits go in numbered batches. A batch is written down with its number before it is sent, and the
ledger takes each number once: a batch whose answer was lost is looked up, not sent again. A credit
that the journal doesn't know is looked for on chain, in case the journal is a new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.model import Event
from counterfoil.points.accounts import account_of, batch_of, reference_of
from counterfoil.points.journal import CreditEntry, Journal
from counterfoil.points.ledger import LOTS, Ledger
from counterfoil.points.lotsfile import BadCredit, Credit, day_of

BATCH = 100
_MAX_LOT = 2**32 - 1
_TRIAL = 2**64 - 1  # a batch number that only trial calls use

_CreditTuple = tuple[bytes, int, int, bytes]  # as the contract's ABI takes it


@dataclass(frozen=True, slots=True)
class Issued:
    """A result row of ``issue``: ``status`` issued or refused; ``reason`` bad-row, future, lapsed
    or lot-full; ``expires_on`` the first day on which the points are gone."""

    line: int
    reference: str
    status: Literal["issued", "refused"]
    reason: str | None
    detail: str
    points: int | None
    expires_on: str | None
    transaction: str | None
    block: int | None
    replayed: bool

    def as_row(self) -> dict[str, Any]:
        """JSON-ready, in the order of the columns."""
        return asdict(self)


@dataclass
class Issuing:
    """Issues on one ledger."""

    ledger: Ledger
    journal: Journal
    issuer: Signer
    bank_key: bytes

    def issue(self, rows: Sequence[Credit | BadCredit]) -> Iterator[Issued]:
        """The answer to each row, in their order."""
        for start in range(0, len(rows), BATCH):
            yield from self._issue_some(rows[start : start + BATCH])

    def _issue_some(self, rows: Sequence[Credit | BadCredit]) -> list[Issued]:
        today = self.ledger.chain.timestamp() // 86_400
        known = self._known([row for row in rows if isinstance(row, Credit)])
        fresh: dict[str, Credit] = {}
        answers: list[Issued | Credit] = []
        for row in rows:
            answer = self._before_chain(row, known, fresh, today)
            answers.append(answer)
            if isinstance(answer, Credit):
                fresh.setdefault(answer.reference, answer)
        refused = self._send(list(fresh.values()))
        sent = self.journal.credits([row.reference for row in fresh.values()])
        told: set[str] = set()
        return [
            answer if isinstance(answer, Issued) else self._sent(answer, sent, refused, told)
            for answer in answers
        ]

    def _known(self, rows: Sequence[Credit]) -> dict[str, CreditEntry]:
        """What was issued before under these references, wherever that is known from."""
        references = [row.reference for row in rows]
        known = self.journal.credits(references)
        lost = {self._reference(row): row.reference for row in rows if row.reference not in known}
        self.journal.add_credits(
            _entry_in(event, lost[event.arguments["creditReference"]])
            for event in self.ledger.credits(list(lost))
        )
        self._repair(known)
        return self.journal.credits(references)

    def _before_chain(
        self,
        row: Credit | BadCredit,
        known: dict[str, CreditEntry],
        fresh: dict[str, Credit],
        today: int,
    ) -> Issued | Credit:
        if isinstance(row, BadCredit):
            return _refused(row, "bad-row", row.problem)
        before = known[row.reference].content if row.reference in known else None
        if row.reference in fresh:
            before = self._content(fresh[row.reference])
        if before is not None and before != self._content(row):
            return _refused(row, "bad-row", "reference was used for another credit")
        if row.reference in known:
            return self._issued(row, known[row.reference], replayed=True)
        lot_days = self.ledger.record.lot_days
        if row.earned_on > today:
            return _refused(row, "future", "earned_on is in the future")
        if today // lot_days - row.earned_on // lot_days >= LOTS:
            return _refused(row, "lapsed", "its lot has lapsed already")
        return row

    def _sent(
        self, row: Credit, sent: dict[str, CreditEntry], refused: dict[str, str], told: set[str]
    ) -> Issued:
        if row.reference in refused:
            return _refused(row, "lot-full", refused[row.reference])
        replayed = row.reference in told
        told.add(row.reference)
        return self._issued(row, sent[row.reference], replayed=replayed)

    def _send(self, credits: list[Credit]) -> dict[str, str]:
        """Issue all that the ledger takes; the reasons for those whose lot is full."""
        refused: dict[str, str] = {}
        while credits:
            trial = [self._tuple(credit) for credit in credits]
            try:
                self.ledger.contract.call("issue", _TRIAL, trial, sender=self.issuer.address)
                break
            except Refused as error:
                if error.code != "LotFull":
                    raise
                full = error.arguments["creditReference"]
                for credit in credits:
                    if self._reference(credit) == full:
                        refused[credit.reference] = f"its lot would hold over {_MAX_LOT} points"
                credits = [credit for credit in credits if credit.reference not in refused]
        if credits:
            contents = [self._content(credit) for credit in credits]
            batch = batch_of(self.bank_key, contents)
            self.journal.add_credits(
                CreditEntry(credit.reference, content, batch, place)
                for place, (credit, content) in enumerate(zip(credits, contents, strict=True))
            )
            # Another process may have written some of them down first: then they go in its batch.
            written = self.journal.credits([credit.reference for credit in credits])
            for due in _unanswered(written):
                self._send_batch(due)
        return refused

    def _send_batch(self, batch: int) -> None:
        """Send a batch that stands in the journal; if its number is used, it arrived before."""
        entries = self.journal.batch_of_credits(batch)
        credits = [_tuple_in(entry.content) for entry in entries]
        try:
            mined = self.ledger.contract.send(self.issuer, "issue", batch, credits)
            events = mined.of("PointsIssued")
        except Refused as error:
            if error.code != "CreditBatchUsed":
                raise
            events = self.ledger.contract.events(
                "PointsIssued", first=self.ledger.record.block, batch=batch
            )
        self.journal.note_credits(
            [entry.reference for entry in entries],
            transaction=events[0].transaction,
            block=events[0].block,
        )

    def _repair(self, known: dict[str, CreditEntry]) -> None:
        """Send batches again, under their numbers, that were written down and never confirmed."""
        for batch in _unanswered(known):
            try:
                self._send_batch(batch)
            except Refused:  # it never arrived and can't any more: its rows are judged anew
                entries = self.journal.batch_of_credits(batch)
                self.journal.forget_credits([entry.reference for entry in entries])

    def _issued(self, row: Credit, entry: CreditEntry, *, replayed: bool) -> Issued:
        lot_days = self.ledger.record.lot_days
        gone = (row.earned_on // lot_days + LOTS) * lot_days
        return Issued(
            line=row.line,
            reference=row.reference,
            status="issued",
            reason=None,
            detail="Issued.",
            points=row.points,
            expires_on=day_of(gone).isoformat(),
            transaction=entry.transaction,
            block=entry.block,
            replayed=replayed,
        )

    def _tuple(self, credit: Credit) -> _CreditTuple:
        account = account_of(self.bank_key, self.ledger.record.bank, credit.customer_id)
        return (account, credit.points, credit.earned_on, self._reference(credit))

    def _reference(self, credit: Credit) -> bytes:
        return reference_of(self.bank_key, self.ledger.record.bank, credit.reference)

    def _content(self, credit: Credit) -> str:
        return _content_of(*self._tuple(credit))


def _unanswered(known: Mapping[str, CreditEntry]) -> set[int]:
    """Batches that were written down and never confirmed."""
    return {entry.batch for entry in known.values() if entry.transaction is None}


def _entry_in(event: Event, reference: str) -> CreditEntry:
    told = event.arguments
    content = _content_of(
        told["account"], told["points"], told["earnedOn"], told["creditReference"]
    )
    place = event.log_index
    return CreditEntry(reference, content, told["batch"], place, event.transaction, event.block)


def _content_of(account: bytes, points: int, earned_on: int, reference: bytes) -> str:
    return json.dumps([account.hex(), points, earned_on, reference.hex()])


def _tuple_in(content: str) -> _CreditTuple:
    account, points, earned_on, reference = json.loads(content)
    return (bytes.fromhex(account), points, earned_on, bytes.fromhex(reference))


def _refused(row: Credit | BadCredit, reason: str, detail: str) -> Issued:
    return Issued(
        line=row.line,
        reference=row.reference,
        status="refused",
        reason=reason,
        detail=detail,
        points=row.points if isinstance(row, Credit) else None,
        expires_on=None,
        transaction=None,
        block=None,
        replayed=False,
    )
