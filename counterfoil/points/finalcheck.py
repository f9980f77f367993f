"""The terminals' own records of what the chain has answered: whether they are there."""

from __future__ import annotations

from collections.abc import Iterator

from counterfoil.model import at_a_time
from counterfoil.points.comparison import AT_ONCE, Comparison
from counterfoil.points.findings import Finding
from counterfoil.points.ledger import Mark
from counterfoil.points.reasons import Reason


def check_records(books: Comparison) -> Iterator[Finding]:
    """Answered orders without record 1, and paid ones that wait too long for record 3."""
    chain = books.chain
    unrecorded = [order_id for order_id in chain.answers if order_id not in chain.records]
    yield from books.tell("unrecorded", "chain", unrecorded, "record 1 is missing")
    waiting = [
        order_id
        for order_id, settled in chain.answers.items()
        if settled.reason == Reason.NONE
        and (settled.terminal, settled.sequence) not in chain.finals
    ]
    with books.watch("Looking for record 3", len(waiting)) as move:
        for some in at_a_time(waiting, AT_ONCE):
            yield from _unfinalized(books, some)
            move(len(some))


def _unfinalized(books: Comparison, order_ids: list[str]) -> Iterator[Finding]:
    paid = {order_id: books.chain.answers[order_id] for order_id in order_ids}
    times = books.desk.ledger.chain.timestamps(one.block for one in paid.values())
    due = {key: one for key, one in paid.items() if books.is_due(times[one.block])}
    marks = books.desk.ledger.marks([(one.terminal, one.sequence) for one in due.values()])
    for (order_id, settled), mark in zip(due.items(), marks, strict=True):
        if mark == Mark.PAID:
            detail = f"record 3 is missing {books.now - times[settled.block]} s after record 2"
            yield from books.tell("unfinalized", "chain", [order_id], detail)
