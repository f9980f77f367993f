"""A file of queries becomes tickets; a query that has its ticket gets that ticket's answer.

Safe to run again at any point: a row that ended is answered as it ended, one that was cut short
goes on from its journal row. The file is taken up in chunks, and what is new of one goes on in
batches, each step at work on the next one while its successor has this one::

    enter    ->  seal, keep  ->  attest  ->  mint  ->  find what is there already, answer
    (chunk)      (its batches, in a row)               (chunk)
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from counterfoil.tickets.ahead import ahead
from counterfoil.tickets.chunks import Chunk, Part, batches_of, chunks_of, next_ones, parts_of
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import token_id_of, utc_text
from counterfoil.tickets.journal import Key, Taken
from counterfoil.tickets.marking import marked
from counterfoil.tickets.minting import Draft, attest, keep, mint
from counterfoil.tickets.opened import Opened, answered, invalid, refused
from counterfoil.tickets.outbox import note_told
from counterfoil.tickets.queries import BadQuery, Query, key_is_used

_AHEAD = 1  # chunks that are entered, and batches in IPFS, before it is their turn
_ASKERS = 2  # while the chain lets one wait for its answers, the other has verifiers at work
_SENDERS = 2  # while one reads what the chain did, the other has it at work
_STEP = 600  # seconds; what is in hand has to look younger than what is left over


def open_queries(
    desk: Desk, rows: Iterable[Query | BadQuery], *, now: datetime
) -> Iterator[Opened]:
    """What became of each row, in their order, a chunk at a time.

    Args:
        desk: the intake desk.
        rows: as ``read_queries`` gives them; drawn from as the work goes on.
        now: an aware time, for the journal and the case files.

    Raises:
        Unavailable: a part doesn't answer; what came out is done, the rest is safe to run again.
    """
    run = _Run(desk, now)
    entered = ahead(chunks_of(rows), run.enter, depth=_AHEAD)
    kept = ahead(parts_of(entered), run.keep, depth=_AHEAD)
    attested = ahead(kept, run.attest, depth=_ASKERS, workers=_ASKERS)
    for part in ahead(attested, run.mint, depth=_SENDERS, workers=_SENDERS):
        if part.is_last:
            yield from run.answers(part.chunk)
    desk.share()


class _Run:
    """One file's way through the desk. Each step takes what comes in the file's order."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self._desk = desk
        self._now = now
        self._in_hand: set[bytes] = set()  # tickets of chunks that haven't come out
        self._others = True  # whether somebody else may have minted what comes
        self._begun = monotonic()

    def enter(self, rows: list[Query | BadQuery]) -> Chunk:
        """Every query in the journal, and what is new of them in batches."""
        desk = self._desk
        entries = self._entries(rows)
        # First what is in hand, then journal and chain: what has come out between is found there.
        behind = {one.token_id for one in entries.values()} & self._in_hand
        known = {one.key for one in desk.journal.find([one.key for one in entries.values()])}
        taken = desk.journal.take(list(entries.values()))
        rows = _checked(rows, entries, taken)
        drafts: dict[Key, Draft] = {}
        for row in rows:
            if isinstance(row, Query) and taken[row.key].outcome is None:
                drafts.setdefault(row.key, Draft(row, taken[row.key]))
        chunk = Chunk(rows, taken, drafts, behind, known)
        ours = [one for one in drafts.values() if one.taken.token_id not in behind]
        chunk.held = {one.taken.token_id for one in ours}
        self._in_hand |= chunk.held
        chunk.batches = batches_of(self._without_ticket(ours))
        return chunk

    def keep(self, part: Part) -> Part:
        """The cases of one channel in the store."""
        if batch := part.batch:
            batch.drafts = self._as_they_stand(part.chunk, batch.drafts)
            keep(self._desk, batch, self._now)
        return part

    def attest(self, part: Part) -> Part:
        """A quorum vouches for its cases."""
        if batch := part.batch:
            attest(self._desk, batch)
            if len(batch.ready) < len(batch.sealed):
                self._others = True
        return part

    def mint(self, part: Part) -> Part:
        """Its tickets on chain."""
        if part.batch:
            mint(self._desk, part.batch)
        return part

    def answers(self, chunk: Chunk) -> Iterator[Opened]:
        """What became of each row; all earlier chunks have come out."""
        desk = self._desk
        self._catch_up(chunk)
        ended = _ended(desk, chunk)
        unfit = {key: why for batch in chunk.batches for key, why in batch.unfit.items()}
        refusals = {one: why for batch in chunk.batches for one, why in batch.refused.items()}
        self._in_hand -= chunk.held
        for row in chunk.rows:
            if isinstance(row, BadQuery):
                yield invalid(row)
                continue
            entry = ended.get(row.key, chunk.taken[row.key])
            first = row.key in chunk.drafts and chunk.drafts[row.key].query is row
            if entry.outcome is None:
                yield refused(row, entry, unfit.get(row.key) or refusals[entry.token_id])
            else:
                answer = answered(desk, row, entry, entry.outcome, replayed=not first)
                yield answer
                if first and answer.status:  # the channel has it now, and no message is due
                    note_told(desk, entry, entry.digest or b"", answer.status, answer.answer)

    def _entries(self, rows: Sequence[Query | BadQuery]) -> dict[int, Taken]:
        """Their journal rows as they are if they are new, by row."""
        desk = self._desk
        return {
            row.row: Taken(
                channel=row.channel,
                channel_ref=row.channel_ref,
                content=hmac.digest(desk.journal_key, row.content(), hashlib.sha256),
                token_id=token_id_of(row.composite, desk.epoch_key),
                taken_at=self._time(),
            )
            for row in rows
            if isinstance(row, Query)
        }

    def _time(self) -> str:
        """When rows are taken up that are taken up now; those that come together say the same."""
        steps = (monotonic() - self._begun) // _STEP
        return utc_text(self._now + timedelta(seconds=steps * _STEP))

    def _without_ticket(self, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts of tickets that aren't on chain."""
        if not drafts:
            return []
        standing = self._standing([one.taken.token_id for one in drafts])
        return [one for one in drafts if one.taken.token_id not in standing]

    def _standing(self, token_ids: Sequence[bytes]) -> set[bytes]:
        """Those on chain. To ask for one costs a chain much, and the verifiers ask again: while all
        that is there turns out to be ours, the journal says which to ask for."""
        ours = self._desk.journal.answered(token_ids)
        wanted = list(token_ids) if self._others else list(ours)
        standing = self._desk.registry.standing(wanted)
        self._others = not standing <= ours
        return standing

    def _catch_up(self, chunk: Chunk) -> None:
        """What an earlier chunk had in hand has its outcome now; or was refused, and is tried as if
        it had come first. So is what comes after a query of this chunk that can't have a case."""
        desk, now = self._desk, self._now
        late = [one for one in chunk.drafts.values() if one.taken.token_id in chunk.behind]
        left = self._as_they_stand(chunk, next_ones(chunk.drafts.values(), chunk.batches))
        left += self._without_ticket(self._as_they_stand(chunk, late))
        while left:
            made = [mint(desk, attest(desk, keep(desk, one, now))) for one in batches_of(left)]
            chunk.batches += made
            left = next_ones(left, made)

    def _as_they_stand(self, chunk: Chunk, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts by their rows as they stand now, without those that have an outcome: they have
        waited, and an earlier chunk, or another run, may have been at work on them meanwhile."""
        found = self._desk.journal.find([one.taken.key for one in drafts])
        rows = {row.key: row for row in found}
        left: list[Draft] = []
        for draft in drafts:
            row = rows[draft.taken.key]
            if row.content != draft.taken.content:  # another query's: what is written next says so
                row = draft.taken
            chunk.taken[row.key] = row
            if row.outcome is None:
                chunk.drafts[row.key] = Draft(draft.query, row)
                left.append(chunk.drafts[row.key])
            else:
                del chunk.drafts[row.key]
        return left


def _checked(
    rows: Sequence[Query | BadQuery], entries: dict[int, Taken], taken: dict[Key, Taken]
) -> list[Query | BadQuery]:
    """The rows; one whose key stands for another query is invalid."""
    return [
        key_is_used(row)
        if isinstance(row, Query) and taken[row.key].content != entries[row.row].content
        else row
        for row in rows
    ]


def _ended(desk: Desk, chunk: Chunk) -> dict[Key, Taken]:
    """The journal rows after: of what was minted, now or unnoticed, and of duplicates, marked."""
    ended: list[Taken] = []
    sealed: dict[Key, Taken] = {}
    raced: set[Key] = set()
    refused: set[bytes] = set()
    unfit: set[Key] = set()
    for batch in chunk.batches:
        ended += [replace(one, outcome="minted") for one in batch.minted.values()]
        raced |= {one.key for one in batch.ready if one.token_id in batch.raced}
        sealed |= batch.sealed
        refused |= batch.refused.keys()
        unfit |= batch.unfit.keys()
    minted = {one.key for one in ended}
    again: list[Taken] = []
    for taken in (sealed.get(draft.taken.key, draft.taken) for draft in chunk.drafts.values()):
        if taken.key in minted or taken.key in unfit or taken.token_id in refused:
            continue
        if _was_minted_before(desk, taken):
            ended.append(replace(taken, outcome="minted"))
        else:
            again.append(taken)
    desk.journal.write(ended)
    ended += marked(desk, again, raced, chunk.known)
    return {one.key: one for one in ended}


def _was_minted_before(desk: Desk, taken: Taken) -> bool:
    """Whether an earlier run minted this very row, and was cut off before it could note it."""
    return taken.digest is not None and desk.registry.first_digest(taken.token_id) == taken.digest
