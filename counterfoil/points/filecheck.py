"""The terminals' file, compared with the chain and the bank's journal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from counterfoil.model import at_a_time
from counterfoil.points.answerable import Answerable
from counterfoil.points.comparison import AT_ONCE, Comparison
from counterfoil.points.findings import Finding
from counterfoil.points.journal import OrderEntry
from counterfoil.points.signedfile import SignedOrder
from counterfoil.points.slipcheck import Slips, signed_in


def check_file(books: Comparison, file: Iterable[SignedOrder]) -> Iterator[Finding]:
    """Everything amiss with a file, of which no more than a part is kept at a time."""
    terminals: set[str] = set()
    answerable, slips = Answerable.of(books), Slips(books.chain)
    for some in at_a_time(file, AT_ONCE):
        known = books.desk.journal.orders([signed.order_id for signed in some])
        for signed in some:
            terminals.add(signed.order.terminal)
            yield from _line(books, slips, signed, known.get(signed.order_id))
        yield from _unanswered(answerable, some)
    for order_id, times in books.listed.items():
        if times > 1:
            yield from books.tell("doubled", "file", [order_id], f"listed {times} times")
    absent = [
        order_id
        for order_id, settled in books.chain.answers.items()
        if settled.terminal in terminals and order_id not in books.listed
    ]
    yield from books.tell("missing", "file", absent, "answered, not in the terminal's file")


def _line(
    books: Comparison, slips: Slips, signed: SignedOrder, entry: OrderEntry | None
) -> Iterator[Finding]:
    order_id = signed.order_id
    books.listed[order_id] = books.listed.get(order_id, 0) + 1
    if entry is None:
        books.file_refs[order_id] = signed.order_ref
    for detail in _differing(books, slips, signed, entry):
        yield Finding("differs", "file", signed.order_ref, order_id, detail)


def _differing(
    books: Comparison, slips: Slips, signed: SignedOrder, entry: OrderEntry | None
) -> Iterator[str]:
    line = json.loads(signed.row)
    yield from slips.misnamed(line, signed)
    settled = books.chain.answers.get(signed.order_id)
    if settled is None:
        return
    kept = None if entry is None else signed_in(entry.row)
    yield from slips.misdirected(line)
    if not slips.is_signed(signed, settled, kept):
        yield "signature: not the terminal's"
    refs = {signed.order_ref if entry is None else entry.order_ref}
    if kept is not None:
        refs.add(kept.order_ref)  # if they differ, the journal is amiss, and not the file
    if signed.order_ref not in refs:
        told = ", ".join(sorted(refs))
        yield f"order_ref: {signed.order_ref} in the file, {told} in the journal"


def _unanswered(answerable: Answerable, some: Sequence[SignedOrder]) -> Iterator[Finding]:
    answers = answerable.books.chain.answers
    left = {one.order_id: one for one in some if one.order_id not in answers}
    for order_id, finding in answerable.judged(list(left.values())).items():
        yield finding or Finding(
            *("missing", "chain", left[order_id].order_ref, order_id), "signed, never answered"
        )
