"""The terminals' file, compared with the chain and the bank's journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from counterfoil.model import at_a_time
from counterfoil.points.answerable import Answerable
from counterfoil.points.comparison import AT_ONCE, Comparison
from counterfoil.points.findings import Finding
from counterfoil.points.signedfile import SignedOrder


def check_file(books: Comparison, file: Iterable[SignedOrder]) -> Iterator[Finding]:
    """Everything amiss with a file, of which no more than a part is kept at a time."""
    terminals: set[str] = set()
    answerable = Answerable.of(books)
    for some in at_a_time(file, AT_ONCE):
        for signed in some:
            books.listed[signed.order_id] = books.listed.get(signed.order_id, 0) + 1
            terminals.add(signed.order.terminal)
        known = books.desk.journal.orders([signed.order_id for signed in some])
        books.file_refs |= {
            signed.order_id: signed.order_ref for signed in some if signed.order_id not in known
        }
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


def _unanswered(answerable: Answerable, some: Sequence[SignedOrder]) -> Iterator[Finding]:
    answers = answerable.books.chain.answers
    left = {one.order_id: one for one in some if one.order_id not in answers}
    for order_id, finding in answerable.judged(list(left.values())).items():
        yield finding or Finding(
            *("missing", "chain", left[order_id].order_ref, order_id), "signed, never answered"
        )
