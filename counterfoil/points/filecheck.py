"""The terminals' file, compared with the chain and the bank's journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from counterfoil.model import at_a_time
from counterfoil.points.comparison import AT_ONCE, Comparison
from counterfoil.points.findings import Finding
from counterfoil.points.signedfile import SignedOrder


def check_file(books: Comparison, file: Iterable[SignedOrder]) -> Iterator[Finding]:
    """Everything amiss with a file, of which no more than a part is kept at a time."""
    terminals: set[str] = set()
    for some in at_a_time(file, AT_ONCE):
        for signed in some:
            books.listed[signed.order_id] = books.listed.get(signed.order_id, 0) + 1
            terminals.add(signed.order.terminal)
        known = books.desk.journal.orders([signed.order_id for signed in some])
        books.file_refs |= {
            signed.order_id: signed.order_ref for signed in some if signed.order_id not in known
        }
        for signed in some:
            if signed.order_id not in books.chain.answers:
                yield Finding(
                    *("missing", "chain", signed.order_ref, signed.order_id),
                    "signed, never answered",
                )
    for order_id, times in books.listed.items():
        if times > 1:
            yield from books.tell("doubled", "file", [order_id], f"listed {times} times")
    absent = [
        order_id
        for order_id, settled in books.chain.answers.items()
        if settled.terminal in terminals and order_id not in books.listed
    ]
    yield from books.tell("missing", "file", absent, "answered, not in the terminal's file")
