"""Credits into accounts: the same reference issues once, whatever happens in between.

Credits go in numbered batches. A batch is written down with its number before it is sent, and the
ledger takes each number once: a batch whose answer was lost is looked up, not sent again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.points.accounts import account_of, reference_of
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
        known = self.journal.credits([row.reference for row in rows])
        self._repair(known)
        known = self.journal.credits([row.reference for row in rows])
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
            batch = self.journal.next_credit_batch()
            self.journal.add_credits(
                CreditEntry(credit.reference, self._content(credit), batch, place)
                for place, credit in enumerate(credits)
            )
            self._send_batch(batch, [self._tuple(credit) for credit in credits])
        return refused

    def _send_batch(self, batch: int, credits: Sequence[_CreditTuple]) -> None:
        """Send a batch that stands in the journal; if its number is used, it arrived before."""
        try:
            mined = self.ledger.contract.send(self.issuer, "issue", batch, list(credits))
            events = mined.of("PointsIssued")
        except Refused as error:
            if error.code != "CreditBatchUsed":
                raise
            events = self.ledger.contract.events(
                "PointsIssued", first=self.ledger.record.block, batch=batch
            )
        references = [entry.reference for entry in self.journal.batch_of_credits(batch)]
        self.journal.note_credits(
            references, transaction=events[0].transaction, block=events[0].block
        )

    def _repair(self, known: dict[str, CreditEntry]) -> None:
        """Send batches again, under their numbers, that were written down and never confirmed."""
        for batch in {entry.batch for entry in known.values() if entry.transaction is None}:
            entries = self.journal.batch_of_credits(batch)
            try:
                self._send_batch(batch, [_tuple_in(entry.content) for entry in entries])
            except Refused:  # it never arrived and can't any more: its rows are judged anew
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
        account, points, earned_on, reference = self._tuple(credit)
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
