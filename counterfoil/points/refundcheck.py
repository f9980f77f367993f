"""The refunds and cancellations in the bank's journal, compared with the chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from counterfoil.model import at_a_time
from counterfoil.node import Call
from counterfoil.points.chainside import Given
from counterfoil.points.comparison import AT_ONCE, Comparison
from counterfoil.points.findings import Finding, Kind, Where, unlike
from counterfoil.points.refundjournal import Asked, RefundJournal
from counterfoil.points.roles import addresses_of

_Place = tuple[str, str]  # order and transaction


def check_refunds(books: Comparison, journal: RefundJournal) -> Iterator[Finding]:
    """Everything amiss with what the bank gave back. What terminals give back by themselves needs
    no row here."""
    left = dict(books.chain.given)
    under_way: set[str] = set()
    for page in journal.pages():
        refs = dict(books.named({one.order_id for one in page}))
        newer = books.newer(
            one.transaction for one in page if one.transaction and _at(one) not in left
        )
        for one in page:
            if not one.final and not books.is_due(one.asked_at):
                under_way.add(one.order_id)
            for kind, where, detail in _compared(books, one, left, newer):
                yield Finding(kind, where, refs[one.order_id], one.order_id, detail)
            if one.state == "done":
                left.pop(_at(one), None)
    for some in at_a_time([at for at in left if at[0] not in under_way], AT_ONCE):
        for order_id, transaction in _by_the_bank(books, some):
            detail = f"the chain says {_said(left[order_id, transaction])}"
            yield from books.tell("missing", "journal", [order_id], detail)


def _compared(
    books: Comparison, one: Asked, left: dict[_Place, Given], newer: set[str]
) -> Iterator[tuple[Kind, Where, str]]:
    """Kind, where and detail. ``left``: what no row before has told of."""
    if one.state == "refused":
        return
    if one.state != "done":
        if books.is_due(one.asked_at):
            yield "missing", "chain", f"refund {one.refund_id} was asked for and isn't done"
        return
    given = left.get(_at(one))
    if given is None and _at(one) in books.chain.given:
        yield "doubled", "journal", f"refund {one.refund_id}: another has the same transaction"
    elif given is None:
        if one.transaction not in newer:
            yield "missing", "chain", f"the journal says {_told(one)}"
    else:
        kind = "cancel" if given.cancelled else "refund"
        pairs: list[tuple[str, object, object]] = [
            ("kind", one.kind, kind),
            ("cash", one.cash, given.cash),
            ("points", one.points, given.points),
            ("block", one.block, given.block),
        ]
        if one.asked is not None:
            pairs.append(("asked", one.asked, given.cash))
        for name, in_journal, on_chain in pairs:
            if in_journal != on_chain:
                detail = unlike(name, in_journal, on_chain)
                yield "differs", "journal", f"refund {one.refund_id}, {detail}"


def _by_the_bank(books: Comparison, places: Sequence[_Place]) -> list[_Place]:
    """Those that the bank's own keys have sent."""
    desk = books.desk
    chain = desk.ledger.chain
    ours = {one.lower() for one in addresses_of(desk.state, desk.bank, "settler")}
    asked: list[Call] = [("eth_getTransactionByHash", [name]) for _, name in places]
    senders = [str(told["from"]).lower() if told else "" for told in chain.tries(asked)]
    return [at for at, sender in zip(places, senders, strict=True) if sender in ours]


def _at(one: Asked) -> _Place:
    return one.order_id, one.transaction or ""


def _told(one: Asked) -> str:
    return f"{one.cash} minor units given back ({one.kind} {one.refund_id})"


def _said(given: Given) -> str:
    done = "cancelled, " if given.cancelled else ""
    return f"{done}{given.cash} minor units given back"
