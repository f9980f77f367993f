"""Credits into accounts: the same reference issues once, whatever happens in between.

Credits go in numbered batches (:mod:`counterfoil.points.crediting`). What the journal has of them
is an answer as long as the chain has it too. A credit that the journal doesn't know is looked for
on chain, in case the journal is a new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.points.accounts import account_of, batch_of, reference_of
from counterfoil.points.crediting import (
    CreditBatches,
    CreditTuple,
    content_of,
    entry_in,
    unanswered,
)
from counterfoil.points.creditpages import CreditEntry
from counterfoil.points.journal import Journal
from counterfoil.points.ledger import LOTS, Ledger
from counterfoil.points.lotsfile import BadCredit, Credit, day_of

BATCH = 100
_DAY = 86_400
_MAX_LOT = 2**32 - 1
_TRIAL = 2**64 - 1  # a batch number that only trial calls use


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
    """Issues on one ledger; ``now``: the time, Unix seconds."""

    ledger: Ledger
    journal: Journal
    issuer: Signer
    bank_key: bytes
    now: int
    batches: CreditBatches = field(init=False)

    def __post_init__(self) -> None:
        self.batches = CreditBatches(self.ledger, self.journal, self.issuer)

    def issue(self, rows: Sequence[Credit | BadCredit]) -> Iterator[Issued]:
        """The answer to each row, in their order."""
        self._wake_chain({row.earned_on for row in rows if isinstance(row, Credit)})
        self.batches.reopen([row.reference for row in rows if isinstance(row, Credit)])
        anew: set[str] = set()
        for start in range(0, len(rows), BATCH):
            yield from self._issue_some(rows[start : start + BATCH], anew)

    def _issue_some(self, rows: Sequence[Credit | BadCredit], anew: set[str]) -> list[Issued]:
        """``anew``: references that this run has issued and not told of yet."""
        today = self._today()
        known = self._known([row for row in rows if isinstance(row, Credit)], anew)
        fresh: dict[str, Credit] = {}
        answers: list[Issued | Credit] = []
        for row in rows:
            answer = self._before_chain(row, known, fresh, today)
            answers.append(answer)
            if isinstance(answer, Credit) and answer.reference not in known:
                fresh.setdefault(answer.reference, answer)
        refused = self._send(list(fresh.values()))
        sent = known | self.journal.credits(list(fresh))
        anew |= fresh.keys()
        return [
            answer if isinstance(answer, Issued) else self._sent(answer, sent, refused, anew)
            for answer in answers
        ]

    def _today(self) -> int:
        """The day of the latest block: the ledger judges by no other."""
        return self.ledger.chain.timestamp() // _DAY

    def _wake_chain(self, days: Collection[int]) -> None:
        """Bring an idle chain into a day that has begun since its last block, if credits are of it:
        what is tried before it is sent is tried at that block's time."""
        today = self._today()
        if any(today < day <= self.now // _DAY for day in days):
            self.ledger.chain.make_block(self.issuer)

    def _known(self, rows: Sequence[Credit], anew: set[str]) -> dict[str, CreditEntry]:
        """What was issued before under these references, wherever that is known from."""
        references = [row.reference for row in rows]
        anew |= self.batches.repair(self.journal.credits(references))
        known = self.journal.credits(references)
        lost = {self._reference(row): row.reference for row in rows if row.reference not in known}
        self.journal.add_credits(
            entry_in(event, lost[event.arguments["creditReference"]])
            for event in self.ledger.credits(list(lost))
        )
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
            return row
        lot_days = self.ledger.record.lot_days
        if row.earned_on > today:
            return _refused(row, "future", "earned_on is in the future")
        if today // lot_days - row.earned_on // lot_days >= LOTS:
            return _refused(row, "lapsed", "its lot has lapsed already")
        return row

    def _sent(
        self, row: Credit, sent: dict[str, CreditEntry], refused: dict[str, str], anew: set[str]
    ) -> Issued:
        if row.reference in refused:
            return _refused(row, "lot-full", refused[row.reference])
        replayed = row.reference not in anew
        anew.discard(row.reference)
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
            entries = [
                CreditEntry(credit.reference, content, batch, place)
                for place, (credit, content) in enumerate(zip(credits, contents, strict=True))
            ]
            self.journal.begin_credits(entries, max(self.now, self.ledger.chain.timestamp()))
            # Another process may have written some of them down first: then they go in its batch.
            written = self.journal.credits([credit.reference for credit in credits])
            for due in unanswered(written):
                self.batches.send(due)
        return refused

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

    def _tuple(self, credit: Credit) -> CreditTuple:
        account = account_of(self.bank_key, self.ledger.record.bank, credit.customer_id)
        return (account, credit.points, credit.earned_on, self._reference(credit))

    def _reference(self, credit: Credit) -> bytes:
        return reference_of(self.bank_key, self.ledger.record.bank, credit.reference)

    def _content(self, credit: Credit) -> str:
        return content_of(*self._tuple(credit))


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
