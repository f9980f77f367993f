"""The bank's side: every signed order to one final answer, whatever happened before.

An order is known by its id. It is written down before anything is sent; an order that the chain
has answered already is never sent again, and its first answer is given. So a run that was cut
short anywhere is repaired by running it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from counterfoil.keys import Signer
from counterfoil.points.journal import Journal, OrderEntry
from counterfoil.points.ledger import Ledger, Mark, Verdict, verdicts_in
from counterfoil.points.orders import recover
from counterfoil.points.outcomes import Outcome, outcome
from counterfoil.points.reasons import Reason
from counterfoil.points.records import TerminalRecords
from counterfoil.points.signedfile import SignedOrder

BATCH_ORDERS = 100
BATCH_LINES = 300

Progress = Callable[[int], None]


@dataclass
class Settlement:
    """Settles signed orders on one ledger. ``records`` None: the terminals' own records are left
    to them; ``finalize`` False: so is the third."""

    ledger: Ledger
    journal: Journal
    settler: Signer
    records: TerminalRecords | None
    finalize: bool = True
    _keys: dict[str, str | None] = field(default_factory=dict)

    def settle(
        self, entries: Iterable[SignedOrder | Outcome], progress: Progress = lambda _: None
    ) -> Iterator[Outcome]:
        """The answer to each order, in their order. Finished results pass through."""
        for batch in _batches(entries):
            yield from self._settle_batch(batch)
            progress(len(batch))

    def _settle_batch(self, batch: Sequence[SignedOrder | Outcome]) -> list[Outcome]:
        signed = [entry for entry in batch if isinstance(entry, SignedOrder)]
        known = self.journal.orders([entry.order_id for entry in signed])
        answers: dict[str, Outcome] = {}
        refused: dict[int, Outcome] = {}
        fresh: dict[str, SignedOrder] = {}
        for entry in signed:
            answer = self._before_chain(entry, known.get(entry.order_id))
            if answer is not None and answer.status == "invalid":
                refused[id(entry)] = answer
            elif answer is not None:
                answers[entry.order_id] = answer
            elif entry.order_id not in answers:
                fresh.setdefault(entry.order_id, entry)
        answers |= self._answer_fresh(fresh)
        self._finish(signed, answers)
        return list(self._in_order(batch, answers, refused))

    def _in_order(
        self,
        batch: Sequence[SignedOrder | Outcome],
        answers: dict[str, Outcome],
        refused: dict[int, Outcome],
    ) -> Iterator[Outcome]:
        told: set[str] = set()
        for entry in batch:
            if isinstance(entry, Outcome):
                yield entry
            elif id(entry) in refused:
                yield refused[id(entry)]
            else:
                answer = replace(answers[entry.order_id], order_ref=entry.order_ref)
                again = entry.order_id in told and answer.status != "invalid"
                told.add(entry.order_id)
                yield _told_again(answer) if again else answer

    def _before_chain(self, entry: SignedOrder, known: OrderEntry | None) -> Outcome | None:
        """The answer, if none of it needs a transaction."""
        if known is None or known.row != entry.row:  # what is written down passed these two
            key = self._key_of(entry.order.terminal)
            if key is None:
                return self._outcome(entry, Reason.UNKNOWN_TERMINAL)
            if not self._signed_by(key, entry):
                return self._outcome(entry, Reason.BAD_SIGNATURE)
        if known is not None and known.reason is not None:
            return self._outcome(
                entry,
                Reason(known.reason),
                transaction=known.transaction,
                block=known.block,
                replayed=True,
            )
        return None

    def _answer_fresh(self, fresh: dict[str, SignedOrder]) -> dict[str, Outcome]:
        """Answers to orders that the journal has no answer for."""
        marked = {
            order_id: entry
            for order_id, entry in fresh.items()
            if self.ledger.mark(entry.order.terminal, entry.order.sequence) != Mark.UNUSED
        }
        to_send = {key: entry for key, entry in fresh.items() if key not in marked}
        return self._look_up(marked) | self._send(to_send)

    def _look_up(self, marked: dict[str, SignedOrder]) -> dict[str, Outcome]:
        """The chain's answers to orders whose sequence is used: by themselves, in a run that was
        cut short or beside this one, or by another order."""
        answers: dict[str, Outcome] = {}
        found = self.ledger.verdicts([entry.order.order_id() for entry in marked.values()])
        for order_id, entry in marked.items():
            verdict = found.get(entry.order.order_id())
            if verdict is None:
                answers[order_id] = self._outcome(entry, Reason.REPLAYED)
                continue
            self.journal.add_orders([_entry(entry)])
            answers[order_id] = self._note(entry, verdict, replayed=True)
        return answers

    def _send(self, to_send: dict[str, SignedOrder]) -> dict[str, Outcome]:
        if not to_send:
            return {}
        entries = list(to_send.values())
        self.journal.add_orders(_entry(entry) for entry in entries)
        if self.records is not None:
            self.records.record(entries)
        mined = self.ledger.contract.send(
            self.settler, "settle", [entry.as_tuple() for entry in entries]
        )
        verdicts = {"0x" + verdict.order_id.hex(): verdict for verdict in verdicts_in(mined)}
        used = {key for key, verdict in verdicts.items() if verdict.reason == Reason.REPLAYED}
        return self._look_up({key: to_send[key] for key in used}) | {
            order_id: self._note(entry, verdicts[order_id], replayed=False)
            for order_id, entry in to_send.items()
            if order_id not in used
        }

    def _note(self, entry: SignedOrder, verdict: Verdict, *, replayed: bool) -> Outcome:
        if verdict.final:
            self.journal.note_order(
                [entry.order_id],
                reason=int(verdict.reason),
                transaction=verdict.transaction,
                block=verdict.block,
            )
        return self._outcome(
            entry,
            verdict.reason,
            transaction=verdict.transaction,
            block=verdict.block,
            replayed=replayed,
        )

    def _finish(self, signed: Sequence[SignedOrder], answers: dict[str, Outcome]) -> None:
        if self.records is None or not self.finalize:
            return
        paid = {
            entry.order_id: entry
            for entry in signed
            if entry.order_id in answers and answers[entry.order_id].status == "paid"
        }
        self.records.finalize(list(paid.values()))

    def _key_of(self, terminal: str) -> str | None:
        if terminal not in self._keys:
            self._keys[terminal] = self.ledger.key_of(terminal)
        return self._keys[terminal]

    def _signed_by(self, key: str, entry: SignedOrder) -> bool:
        digest = self.ledger.domain.digest(entry.order.order_id())
        if recover(digest, entry.signature) == key:
            return True
        return self.ledger.chain.has_code(key)  # ERC-1271: the ledger itself asks the contract

    def _outcome(
        self,
        entry: SignedOrder,
        reason: Reason,
        *,
        transaction: str | None = None,
        block: int | None = None,
        replayed: bool = False,
    ) -> Outcome:
        return outcome(
            entry.order_ref,
            entry.order,
            self.ledger.record.currency,
            reason,
            transaction=transaction,
            block=block,
            replayed=replayed,
        )


def _batches(
    entries: Iterable[SignedOrder | Outcome],
) -> Iterator[list[SignedOrder | Outcome]]:
    batch: list[SignedOrder | Outcome] = []
    lines = 0
    for entry in entries:
        more = len(entry.order.lines) if isinstance(entry, SignedOrder) else 0
        if batch and (len(batch) >= BATCH_ORDERS or lines + more > BATCH_LINES):
            yield batch
            batch, lines = [], 0
        batch.append(entry)
        lines += more
    if batch:
        yield batch


def _entry(entry: SignedOrder) -> OrderEntry:
    return OrderEntry(entry.order_id, entry.order_ref, entry.row)


def _told_again(answer: Outcome) -> Outcome:
    return replace(answer, replayed=True)
