"""How a file is cut into chunks, and a chunk into batches."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest

from counterfoil.tickets import chunks
from counterfoil.tickets.casefile import Customer
from counterfoil.tickets.chunks import (
    Chunk,
    Part,
    batches_of,
    chunks_of,
    next_ones,
    parts_of,
)
from counterfoil.tickets.fingerprint import Composite, Problem
from counterfoil.tickets.journal import Taken
from counterfoil.tickets.limits import opening_gas
from counterfoil.tickets.minting import Batch, Draft
from counterfoil.tickets.queries import BadQuery, Query
from counterfoil.verifier.verify import MAX_BATCH

ROWS = [BadQuery(number, None, None, ()) for number in range(1, 41)]
WHY = Problem("case", "too large")


def draft(number: int, ticket: int, channel: str = "app") -> Draft:
    """A draft of one channel's query number ``number``."""
    query = Query(
        row=number,
        channel=channel,
        channel_ref=f"A-{number}",
        composite=Composite("4111111111111111", "CNY:1", "2025-03-04T01:15:00Z", "RRN:1"),
        local_datetime="2025-03-04T09:15:00+08:00",
        customer=Customer(customer_no="7894"),
        merchant_category_code=None,
        address=None,
        note=None,
        priority=None,
        uploads=(),
    )
    taken = Taken(
        channel, query.channel_ref, bytes(32), ticket.to_bytes(32), "2025-03-04T01:15:00Z"
    )
    return Draft(query, taken)


def chunk(*batches: Batch) -> Chunk:
    """A chunk of these batches."""
    return Chunk(rows=[], taken={}, drafts={}, behind=set(), known=set(), batches=list(batches))


@pytest.mark.parametrize(
    ("size", "rows", "cut"),
    [
        (16, 40, [2, 4, 8, 16, 10]),
        (16, 30, [2, 4, 8, 16]),
        (16, 31, [2, 4, 8, 16, 1]),
        (16, 2, [2]),
        (16, 3, [2, 1]),
        (16, 0, []),
        (7, 20, [1, 2, 4, 7, 6]),
        (1, 2, [1, 1]),
    ],
)
def test_a_file_is_cut_into_chunks_that_grow_up_to_their_size(
    monkeypatch: pytest.MonkeyPatch, size: int, rows: int, cut: Sequence[int]
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", size)
    made = list(chunks_of(ROWS[:rows]))

    assert list(map(len, made)) == cut
    assert [row for one in made for row in one] == ROWS[:rows]


@pytest.mark.parametrize(
    ("drafts", "cut"),
    [(0, []), (1, [1]), (4, [4]), (5, [3, 2]), (8, [4, 4]), (9, [3, 3, 3])],
)
def test_a_channels_drafts_are_cut_into_equal_batches(
    monkeypatch: pytest.MonkeyPatch, drafts: int, cut: Sequence[int]
) -> None:
    monkeypatch.setattr(chunks, "BATCH", 4)
    given = [draft(number, ticket=number) for number in range(drafts)]
    made = batches_of(given)

    assert [len(one.drafts) for one in made] == cut
    assert [one for batch in made for one in batch.drafts] == given


def test_a_batch_is_of_one_channel_and_has_the_first_draft_of_each_ticket() -> None:
    first, twin, other, last = (
        draft(1, ticket=1),
        draft(2, ticket=1, channel="branch"),
        draft(3, ticket=2, channel="branch"),
        draft(4, ticket=3),
    )

    assert batches_of([first, twin, other, last]) == [
        Batch("app", [first, last]),
        Batch("branch", [other]),
    ]


def test_a_ticket_whose_first_draft_is_unfit_goes_to_those_that_are_left() -> None:
    first, second, third, other = (draft(number, ticket=number // 4) for number in range(1, 5))
    (batch,) = batches_of([first, second, third, other])
    batch.unfit = {first.taken.key: WHY}

    assert next_ones([first, second, third, other], [batch]) == [second, third]
    assert next_ones([first, second, third, other], [Batch("app", [first])]) == []


def test_each_batch_of_a_chunk_is_a_part_and_the_last_one_is_marked() -> None:
    app, branch = Batch("app"), Batch("branch")
    two, other = chunk(app, branch), chunk(app)

    assert list(parts_of(one for one in (two, other))) == [
        Part(two, app, is_last=False),
        Part(two, branch, is_last=True),
        Part(other, app, is_last=True),
    ]


def test_a_chunk_without_batches_is_one_part_without_one() -> None:
    empty = chunk()

    assert list(parts_of(one for one in (empty,))) == [Part(empty, None, is_last=True)]


def test_parts_that_nobody_wants_any_more_leave_their_chunks_closed() -> None:
    ended: list[bool] = []

    def source() -> Generator[Chunk, None, None]:
        try:
            yield chunk()
            yield chunk()
        finally:
            ended.append(True)

    parts = parts_of(source())
    next(parts)
    assert not ended
    parts.close()
    assert ended


def test_a_batch_fits_a_transaction_and_a_verifiers_request() -> None:
    assert opening_gas(chunks.BATCH) <= 2**24  # EIP-7825
    assert chunks.BATCH <= MAX_BATCH
