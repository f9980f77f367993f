"""A file of queries becomes tickets; a query that has its ticket gets that ticket's answer.

Safe to run again at any point: a row that ended is answered as it ended, one that was cut short
goes on from its journal row. While one chunk of the file is minted, the verifiers look into the
next two and the one after is put into IPFS::

    enter, seal, keep  ->  attest        ->  mint  ->  find what is there already, answer
    (chunk n + 3)          (n + 2, n + 1)    (n)       (n - 1)
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from time import monotonic

from counterfoil.tickets.ahead import ahead
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import token_id_of, utc_text
from counterfoil.tickets.journal import Key, Taken
from counterfoil.tickets.marking import marked
from counterfoil.tickets.minting import Batch, Draft, attest, keep_all, mint
from counterfoil.tickets.opened import Opened, answered, invalid, refused
from counterfoil.tickets.outbox import note_told
from counterfoil.tickets.queries import BadQuery, Query, key_is_used

CHUNK = 160
"""Queries that go through the steps together. Those of one channel share a transaction, which all
of them fit into, and its attestations. (Decision 12 says why so many.)"""
_AHEAD = 1  # chunks that a step is ahead of the next
_ASKERS = 2  # while the chain lets one wait for its answers, the other has verifiers at work
_STEP = 600  # seconds; what is in hand has to look younger than what is left over
_SENDERS = 2  # while one reads what the chain did, the other has it at work


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
    kept = ahead(_chunks(rows), run.enter, depth=_AHEAD)
    attested = ahead(kept, run.attest, depth=_ASKERS, workers=_ASKERS)
    for chunk in ahead(attested, run.mint, depth=_SENDERS, workers=_SENDERS):
        yield from run.answers(chunk)
    desk.share()


def _chunks(rows: Iterable[Query | BadQuery]) -> Iterator[list[Query | BadQuery]]:
    left, size = iter(rows), max(1, CHUNK // 8)  # a small one first: the chain has work sooner
    while chunk := list(islice(left, size)):
        yield chunk
        size = min(2 * size, CHUNK)


@dataclass(slots=True)
class _Chunk:
    """Some rows on their way."""

    rows: list[Query | BadQuery]
    taken: dict[Key, Taken]
    drafts: dict[Key, Draft]
    """The rows without an outcome, the first of each key."""
    behind: set[bytes]
    """Tickets that an earlier chunk was about to mint when this one came."""
    known: set[Key]
    """The rows that an earlier run, or an earlier row, entered."""
    batches: list[Batch] = field(default_factory=list)


class _Run:
    """One file's way through the desk. Each step takes chunks in the file's order."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self._desk = desk
        self._now = now
        self._in_hand: set[bytes] = set()  # tickets of chunks that haven't come out
        self._others = True  # whether somebody else may have minted what comes
        self._begun = monotonic()

    def enter(self, rows: list[Query | BadQuery]) -> _Chunk:
        """Every query in the journal, the new ones' cases in the store."""
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
        chunk = _Chunk(rows, taken, drafts, behind, known)
        new = self._without_ticket(
            [one for one in drafts.values() if one.taken.token_id not in behind]
        )
        self._in_hand |= {one.taken.token_id for one in new}
        chunk.batches = keep_all(desk, new, self._now)
        return chunk

    def attest(self, chunk: _Chunk) -> _Chunk:
        """A quorum vouches for its cases; for those of each channel by itself, all at once."""
        _side_by_side(partial(attest, self._desk), chunk.batches)
        self._others |= any(len(one.ready) < len(one.sealed) for one in chunk.batches)
        return chunk

    def mint(self, chunk: _Chunk) -> _Chunk:
        """Its tickets on chain; those of one channel while what came of another's is read."""
        _side_by_side(partial(mint, self._desk), chunk.batches)
        return chunk

    def answers(self, chunk: _Chunk) -> Iterator[Opened]:
        """What became of each row; all earlier chunks have come out."""
        desk = self._desk
        self._catch_up(chunk)
        ended = _ended(desk, chunk)
        unfit = {key: why for batch in chunk.batches for key, why in batch.unfit.items()}
        refusals = {one: why for batch in chunk.batches for one, why in batch.refused.items()}
        self._in_hand -= {draft.taken.token_id for draft in chunk.drafts.values()} - chunk.behind
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

    def _catch_up(self, chunk: _Chunk) -> None:
        """What an earlier chunk had in hand has its outcome now; or was refused, and is tried as
        if it had come first."""
        late = [one for one in chunk.drafts.values() if one.taken.token_id in chunk.behind]
        if not late:
            return
        again = [replace(one.taken, taken_at=self._time()) for one in late]
        chunk.taken |= self._desk.journal.take(again)
        for draft in late:
            taken = chunk.taken[draft.taken.key]
            if taken.outcome is None:
                chunk.drafts[taken.key] = Draft(draft.query, taken)
            else:
                del chunk.drafts[taken.key]
        left = [one for one in late if one.taken.key in chunk.drafts]
        for batch in keep_all(self._desk, self._without_ticket(left), self._now):
            chunk.batches.append(mint(self._desk, attest(self._desk, batch)))


def _side_by_side(step: Callable[[Batch], Batch], batches: Sequence[Batch]) -> None:
    with ThreadPoolExecutor(max(1, len(batches))) as pool:
        list(pool.map(step, batches))


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


def _ended(desk: Desk, chunk: _Chunk) -> dict[Key, Taken]:
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
