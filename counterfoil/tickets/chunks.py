"""A file of queries in chunks, and a chunk in batches, each of one channel."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from math import ceil

from counterfoil.tickets.journal import Key, Taken
from counterfoil.tickets.minting import Batch, Draft
from counterfoil.tickets.queries import BadQuery, Query

CHUNK = 300
"""Queries that are taken up together."""
BATCH = 150
"""The most that go to the verifiers and the chain together, all of one channel. A chunk of three
channels has batches of a hundred. (Decision 12 says why so many.)"""
_FIRST = 8  # the first chunk is so much smaller: the chain has work sooner


@dataclass(slots=True)
class Chunk:
    """Some rows on their way."""

    rows: list[Query | BadQuery]
    taken: dict[Key, Taken]
    drafts: dict[Key, Draft]
    """The rows without an outcome, the first of each key."""
    behind: set[bytes]
    """Tickets that an earlier chunk had in hand when this one came."""
    known: set[Key]
    """The rows that an earlier run, or an earlier row, entered."""
    held: set[bytes] = field(default_factory=set)
    """Its tickets, but for those: what comes again has to wait until it has come out."""
    batches: list[Batch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """A batch of a chunk; none if the chunk has none, all of its tickets being there."""

    chunk: Chunk
    batch: Batch | None
    is_last: bool


def chunks_of(rows: Iterable[Query | BadQuery]) -> Iterator[list[Query | BadQuery]]:
    """The rows in their order, each chunk up to twice as large as the one before."""
    left, size = iter(rows), max(1, CHUNK // _FIRST)
    while chunk := list(islice(left, size)):
        yield chunk
        size = min(2 * size, CHUNK)


def batches_of(drafts: Iterable[Draft]) -> list[Batch]:
    """What drafts of any channels are minted in: the first of each ticket, a channel's in batches
    of about the same size."""
    firsts: dict[bytes, Draft] = {}
    for one in drafts:
        firsts.setdefault(one.taken.token_id, one)
    channels: dict[str, list[Draft]] = {}
    for one in firsts.values():
        channels.setdefault(one.query.channel, []).append(one)
    return [
        Batch(channel, mine[start : start + size])
        for channel, mine in channels.items()
        for size in [ceil(len(mine) / ceil(len(mine) / BATCH))]
        for start in range(0, len(mine), size)
    ]


def next_ones(drafts: Iterable[Draft], batches: Iterable[Batch]) -> list[Draft]:
    """The drafts of those tickets for which no case could be made of the first one."""
    unfit = {key for batch in batches for key in batch.unfit}
    drafts = list(drafts)
    again = {one.taken.token_id for one in drafts if one.taken.key in unfit}
    return [one for one in drafts if one.taken.token_id in again and one.taken.key not in unfit]


def parts_of(chunks: Generator[Chunk, None, None]) -> Generator[Part, None, None]:
    """The batches of each chunk, one part at least; closes ``chunks`` if it is closed."""
    with closing(chunks):
        for chunk in chunks:
            batches: Sequence[Batch | None] = tuple(chunk.batches) or (None,)
            for place, batch in enumerate(batches, 1):
                yield Part(chunk, batch, is_last=place == len(batches))
