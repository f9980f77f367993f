"""The bank's journal of orders, compared with the chain."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from counterfoil.points.chainside import Settled
from counterfoil.points.comparison import Comparison
from counterfoil.points.findings import Finding, unlike
from counterfoil.points.journal import OrderEntry
from counterfoil.points.orders import PaymentOrder, order_in
from counterfoil.points.reasons import Reason


def check_orders(books: Comparison) -> Iterator[Finding]:
    """Everything amiss with the orders in the journal, which is read some at a time."""
    left = set(books.chain.answers)
    with books.watch("Comparing the journal", books.desk.journal.count_orders()) as move:
        for page in books.desk.journal.order_pages():
            for entry in page:
                yield from _compared(entry, books.chain.answers.get(entry.order_id))
                left.discard(entry.order_id)
            move(len(page))
    for order_id in left:
        detail = f"the chain says {_word(books.chain.answers[order_id].reason)}"
        yield from books.tell("missing", "journal", [order_id], detail)
    yield from _doubled(books)


def _compared(entry: OrderEntry, settled: Settled | None) -> Iterator[Finding]:
    if settled is None:
        if entry.reason is not None:
            detail = f"the journal says {_word(entry.reason)}"
            yield Finding("missing", "chain", entry.order_ref, entry.order_id, detail)
    elif entry.reason is None:
        detail = f"the chain says {_word(settled.reason)}"
        yield Finding("missing", "journal", entry.order_ref, entry.order_id, detail)
    else:
        yield from _differing(entry, settled)


def _differing(entry: OrderEntry, settled: Settled) -> Iterator[Finding]:
    order = _order(entry)
    pairs: list[tuple[str, object, object]] = [
        ("answer", _word(entry.reason), _word(settled.reason)),
        ("block", entry.block, settled.block),
        ("order id", "0x" + order.order_id().hex(), entry.order_id),
    ]
    if settled.reason == Reason.NONE:
        pairs += [("points", order.points, settled.points), ("cash", order.cash, settled.cash)]
    for name, in_journal, on_chain in pairs:
        if in_journal != on_chain:
            detail = unlike(name, in_journal, on_chain)
            yield Finding("differs", "journal", entry.order_ref, entry.order_id, detail)


def _doubled(books: Comparison) -> Iterator[Finding]:
    """References under which one terminal's orders were paid more than once."""
    for order_ref in books.desk.journal.repeated_refs():
        answers = (
            books.chain.answers.get(entry.order_id)
            for entry in books.desk.journal.orders_called(order_ref)
        )
        paid = Counter(one.terminal for one in answers if one and one.reason == Reason.NONE)
        for terminal, times in paid.items():
            if times > 1:
                detail = f"paid {times} times for terminal {terminal}"
                yield Finding("doubled", "chain", order_ref, "", detail)


def _order(entry: OrderEntry) -> PaymentOrder:
    return order_in(json.loads(entry.row)["message"])


def _word(reason: int | None) -> str:
    """An answer in a word, whatever a journal has in its place."""
    if reason not in set(Reason):
        return f"answer {reason}"
    return Reason(reason).code if reason else "paid"
