"""A file of queries becomes tickets; a query that has its ticket gets that ticket's answer.

Safe to run again at any point: a row that ended is answered as it ended, one that was cut short
goes on from its journal row.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from counterfoil.errors import Refused, Tampered, Unavailable
from counterfoil.ipfs.cid import cid_of
from counterfoil.tickets.casefile import Status
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import Problem, token_id_of, utc_text
from counterfoil.tickets.journal import Key, Outcome, Taken
from counterfoil.tickets.masking import masked_pan
from counterfoil.tickets.minting import Batch, Draft, discard, mint
from counterfoil.tickets.outbox import note_told
from counterfoil.tickets.queries import BadQuery, Query, key_is_used

CHUNK = 100
"""Queries of one channel that share a transaction and its attestations."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of one row. ``answer`` is for the customer; ``problems`` name no values."""

    row: int
    channel: str | None
    channel_ref: str | None
    outcome: Literal["minted", "duplicate", "invalid", "refused"]
    token_id: bytes | None = None
    cid: str | None = None
    status: Status | None = None
    answer: str | None = None
    card_number: str | None = None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False


def open_queries(
    desk: Desk, rows: Sequence[Query | BadQuery], *, now: datetime
) -> Iterator[Opened]:
    """What became of each row, in their order, a chunk at a time.

    Args:
        desk: the intake desk.
        rows: as ``read_queries`` gives them.
        now: an aware time, for the journal and the case files.

    Raises:
        Unavailable: a part doesn't answer; what came out is done, the rest is safe to run again.
    """
    for start in range(0, len(rows), CHUNK):
        yield from _open_chunk(desk, rows[start : start + CHUNK], now)
    desk.share()


def look_up(desk: Desk, token_id: bytes, digest: bytes) -> tuple[Status, str | None]:
    """Status and answer as the case file of this version has them; an erased case has none.

    Raises:
        Tampered, Unavailable, Refused: as ``Cases.read``.
    """
    try:
        case = desk.cases.read(token_id, digest)
    except Refused as error:
        if error.code != "erased":
            raise
        return "erased", None
    return case.process.status, case.answer


def _open_chunk(desk: Desk, rows: Sequence[Query | BadQuery], now: datetime) -> Iterator[Opened]:
    rows, taken = _entered(desk, rows, now)
    drafts: dict[Key, Draft] = {}
    for row in rows:
        if isinstance(row, Query) and taken[row.key].outcome is None:
            drafts.setdefault(row.key, Draft(row, taken[row.key]))
    ended, refused = _ended(desk, list(drafts.values()), now)
    for row in rows:
        if isinstance(row, BadQuery):
            yield _invalid(row)
            continue
        entry = ended.get(row.key, taken[row.key])
        first = row.key in drafts and drafts[row.key].query is row
        if entry.outcome is None:
            yield _refused(row, entry, refused[entry.token_id])
        else:
            answer = _answered(desk, row, entry, entry.outcome, replayed=not first)
            yield answer
            if first and answer.status:  # the channel has it now, and no message is due
                note_told(desk, entry, entry.digest or b"", answer.status, answer.answer)


def _entered(
    desk: Desk, rows: Sequence[Query | BadQuery], now: datetime
) -> tuple[list[Query | BadQuery], dict[Key, Taken]]:
    """Every query in the journal; a key that stands for another query makes its row invalid."""
    entries = {
        row.row: Taken(
            channel=row.channel,
            channel_ref=row.channel_ref,
            content=hmac.digest(desk.journal_key, row.content(), hashlib.sha256),
            token_id=token_id_of(row.composite, desk.epoch_key),
            taken_at=utc_text(now),
        )
        for row in rows
        if isinstance(row, Query)
    }
    taken = desk.journal.take(list(entries.values()))
    checked = [
        key_is_used(row)
        if isinstance(row, Query) and taken[row.key].content != entries[row.row].content
        else row
        for row in rows
    ]
    return checked, taken


def _ended(
    desk: Desk, drafts: Sequence[Draft], now: datetime
) -> tuple[dict[Key, Taken], dict[bytes, str]]:
    """Mint what has no ticket, mark what has; the journal rows after, and refusals by token."""
    token_ids = [draft.taken.token_id for draft in drafts]
    standing = desk.registry.tickets(token_ids) if drafts else []
    firsts: dict[bytes, Draft] = {}
    for draft, ticket in zip(drafts, standing, strict=True):
        if ticket is None:
            firsts.setdefault(draft.taken.token_id, draft)
    batch = _minted(desk, list(firsts.values()), now)
    ended = [replace(one, outcome="minted") for one in batch.minted.values()]
    minted = {one.key for one in ended}
    raced = {firsts[token_id].taken.key for token_id in batch.raced}
    again: list[Taken] = []
    for taken in (batch.sealed.get(draft.taken.key, draft.taken) for draft in drafts):
        if taken.key in minted or taken.token_id in batch.refused:
            continue
        if _was_minted_before(desk, taken):
            ended.append(replace(taken, outcome="minted"))
        else:
            again.append(taken)
    desk.journal.write(ended)
    ended += _marked(desk, again, raced)
    return {one.key: one for one in ended}, batch.refused


def _minted(desk: Desk, drafts: Sequence[Draft], now: datetime) -> Batch:
    batch = Batch()
    for channel in dict.fromkeys(draft.query.channel for draft in drafts):
        mine = [draft for draft in drafts if draft.query.channel == channel]
        batch.add(mint(desk, channel, mine, now))
    return batch


def _was_minted_before(desk: Desk, taken: Taken) -> bool:
    """Whether an earlier run minted this very row, and was cut off before it could note it."""
    return taken.digest is not None and desk.registry.first_digest(taken.token_id) == taken.digest


def _marked(desk: Desk, taken: Sequence[Taken], raced: set[Key]) -> list[Taken]:
    """The journal rows of duplicates, after a mark on chain for each; a lost race left its own."""
    if not taken:
        return []
    tickets = desk.registry.tickets([one.token_id for one in taken])
    ended: list[Taken] = []
    for one, ticket in zip(taken, tickets, strict=True):
        if ticket is None:
            raise Unavailable(f"ticket 0x{one.token_id.hex()} is gone; the chain went back")
        kept = discard(desk, one) if one.digest else one
        ended.append(replace(kept, outcome="duplicate", digest=ticket.digest))
    unmarked = [one for one in ended if one.key not in raced]
    for channel in dict.fromkeys(one.channel for one in unmarked):
        marks = [one.token_id for one in unmarked if one.channel == channel]
        desk.registry.seen_again(desk.intake, marks, channel)
    desk.journal.write(ended)
    return ended


def _answered(
    desk: Desk, query: Query, taken: Taken, outcome: Outcome, *, replayed: bool
) -> Opened:
    """The row of a query that has its ticket; a case that can't be read back is its problem."""
    digest = taken.digest or b""
    found = Opened(
        row=query.row,
        channel=query.channel,
        channel_ref=query.channel_ref,
        outcome=outcome,
        token_id=taken.token_id,
        cid=cid_of(digest),
        status="open",
        card_number=masked_pan(query.composite.card_number),
        replayed=replayed,
    )
    if outcome == "minted":
        return found
    try:
        status, answer = look_up(desk, taken.token_id, digest)
    except (Tampered, Refused) as error:
        return replace(found, status=None, problems=(Problem("case", error.message),))
    return replace(found, status=status, answer=answer)


def _invalid(row: BadQuery) -> Opened:
    return Opened(row.row, row.channel, row.channel_ref, "invalid", problems=row.problems)


def _refused(query: Query, taken: Taken, reason: str) -> Opened:
    return Opened(
        row=query.row,
        channel=query.channel,
        channel_ref=query.channel_ref,
        outcome="refused",
        token_id=taken.token_id,
        card_number=masked_pan(query.composite.card_number),
        problems=(Problem("case", f"the verifiers refuse it: {reason}"),),
    )
