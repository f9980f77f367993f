"""The bank's journal of orders, compared with the chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from counterfoil.points.answerable import Answerable
from counterfoil.points.chainside import Settled
from counterfoil.points.comparison import Comparison
from counterfoil.points.findings import Finding, unlike
from counterfoil.points.kept import Kept
from counterfoil.points.reasons import Reason
from counterfoil.points.recordcheck import Records
from counterfoil.points.signedcheck import SignedPage
from counterfoil.points.signedfile import SignedOrder
from counterfoil.points.signing import LIFETIME
from counterfoil.points.slipcheck import Slips, signed_in


def check_orders(books: Comparison) -> Iterator[Finding]:
    """Everything amiss with the orders in the journal, which is read some at a time."""
    answers = books.chain.answers
    left = set(answers)
    slips, answerable, records = Slips(books.chain), Answerable.of(books), Records(books)
    signed = SignedPage.of(books, records, slips)
    with books.watch("Comparing the journal", books.desk.journal.count_orders()) as move:
        for page in books.desk.journal.order_pages():
            kept = [
                Kept(entry, signed_in(entry.row), answers.get(entry.order_id)) for entry in page
            ]
            left.difference_update(entry.order_id for entry in page)
            for one in kept:
                yield from (one.finding("differs", "journal", said) for said in _row(one, slips))
                if one.settled is not None:
                    yield from _answered(one, one.settled)
            yield from records.amiss(kept)
            yield from signed.amiss(kept)
            silent = [one for one in kept if one.settled is None]
            yield from _invented(books, [one for one in silent if one.entry.reason is not None])
            yield from _waiting(answerable, [one for one in silent if one.entry.reason is None])
            move(len(page))
    for order_id in left:
        detail = f"the chain says {_word(answers[order_id].reason)}"
        yield from books.tell("missing", "journal", [order_id], detail)
    yield from _doubled(books)


def _row(kept: Kept, slips: Slips) -> Iterator[str]:
    """What an order's row says against the columns beside it, and who signed it."""
    entry, signed = kept.entry, kept.signed
    if signed is None:
        yield "row: no signed order"
        return
    if signed.order_id != entry.order_id:
        yield f"order id: {entry.order_id} in the journal, {signed.order_id} by its row"
    elif kept.settled is not None and not slips.is_signed(signed, kept.settled, signed):
        yield "signature: not the terminal's"
    if signed.order_ref != entry.order_ref:
        yield f"order_ref: {entry.order_ref} in the journal, {signed.order_ref} in its row"


def _answered(kept: Kept, settled: Settled) -> Iterator[Finding]:
    entry, signed = kept.entry, kept.signed
    if entry.reason is None:
        yield kept.finding("missing", "journal", f"the chain says {_word(settled.reason)}")
        return
    pairs: list[tuple[str, object, object]] = [
        ("answer", _word(entry.reason), _word(settled.reason)),
        ("transaction", entry.transaction, settled.transaction),
        ("block", entry.block, settled.block),
    ]
    if signed is not None and settled.reason == Reason.NONE:
        pairs += [
            ("points", signed.order.points, settled.points),
            ("cash", signed.order.cash, settled.cash),
        ]
    for name, in_journal, on_chain in pairs:
        if in_journal != on_chain:
            yield kept.finding("differs", "journal", unlike(name, in_journal, on_chain))


def _invented(books: Comparison, some: Sequence[Kept]) -> Iterator[Finding]:
    """Answers that the chain never gave, nor has given since it was read."""
    ids = [one.signed.id_bytes for one in some if one.signed is not None]
    since = books.desk.ledger.verdicts(ids)
    for one in some:
        if one.signed is None or one.signed.id_bytes not in since or one.is_other:
            yield one.finding("missing", "chain", f"the journal says {_word(one.entry.reason)}")


def _waiting(answerable: Answerable, some: Sequence[Kept]) -> Iterator[Finding]:
    """Orders that were written down, and are still to be answered by now. One that nobody can
    answer was told so; what a file lists too has been judged already."""
    books = answerable.books
    orders = [
        one.signed
        for one in some
        if one.signed is not None and not one.is_other and one.entry.order_id not in books.listed
    ]
    judged = answerable.judged(orders)
    due = [signed for signed in orders if judged.get(signed.order_id, signed) is None]
    begun = _begun(books, due)
    for one in some:
        if one.entry.order_id in begun and books.is_due(begun[one.entry.order_id]):
            yield one.finding("missing", "chain", "written down, never answered")


def _begun(books: Comparison, orders: Sequence[SignedOrder]) -> dict[str, int]:
    """When each was sent: in seconds, by its record 1, or by the time to which it lives; 0 if
    neither tells."""
    recorded = {
        one.order_id: books.chain.records[one.order_id][0].block
        for one in orders
        if one.order_id in books.chain.records
    }
    times = books.desk.ledger.chain.timestamps(recorded.values())
    signed = {one.order_id: one.order.deadline - LIFETIME for one in orders}
    guessed = {key: at if at <= books.now else 0 for key, at in signed.items()}
    return guessed | {key: times[block] for key, block in recorded.items()}


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


def _word(reason: int | None) -> str:
    """An answer in a word, whatever a journal has in its place."""
    if reason not in set(Reason):
        return f"answer {reason}"
    return Reason(reason).code if reason else "paid"
