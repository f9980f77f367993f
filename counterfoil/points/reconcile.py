"""The bank's journal, the terminals' file and the chain, each against the other two."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Literal

from counterfoil.model import Event
from counterfoil.points.journal import Journal, OrderEntry
from counterfoil.points.ledger import Ledger, Mark, verdict_in
from counterfoil.points.orders import PaymentOrder, order_in
from counterfoil.points.reasons import Reason
from counterfoil.points.signedfile import SignedOrder

_MARKS_AT_ONCE = 500
_BLOCKS_AT_ONCE = 500

# Shows how far some work is: in words, with the steps to its end; what it gives is told each step.
Watch = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]

Kind = Literal["missing", "doubled", "differs", "unrecorded", "unfinalized"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is amiss. ``where``: journal, file or chain, the one that lacks or differs."""

    kind: Kind
    where: Literal["journal", "file", "chain"]
    order_ref: str
    order_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Settled:
    """What the chain says about one order: ``points`` and ``cash`` of a paid one."""

    reason: Reason
    points: int | None
    cash: int | None
    terminal: str
    sequence: int
    block: int


@contextmanager
def unwatched(_words: str, _steps: int) -> Iterator[Callable[[int], None]]:
    """Nobody looks on."""
    yield lambda _: None


def reconcile(
    ledger: Ledger,
    journal: Journal,
    file: Sequence[SignedOrder] | None,
    *,
    older_than: int,
    watch: Watch = unwatched,
) -> Iterator[Finding]:
    """Everything that is amiss.

    Args:
        ledger: the chain's side.
        journal: the bank's side.
        file: the terminals' side; None: not compared.
        older_than: seconds after which a paid order should be final.
        watch: shows how far each part of the work is.
    """
    chain, recorded = _on_chain(ledger, watch)
    noted = {entry.order_id: entry for entry in journal.all_orders()}
    refs = {key: entry.order_ref for key, entry in noted.items()}
    if file is not None:
        refs |= {signed.order_id: signed.order_ref for signed in file}
        yield from _file_against_chain(file, chain, refs)
    yield from _journal_against_chain(noted, chain, refs, watch)
    yield from _doubled(noted, chain)
    for order_id in chain.keys() - recorded:
        ref = refs.get(order_id, "")
        yield Finding("unrecorded", "chain", ref, order_id, "record 1 is missing")
    yield from _unfinalized(ledger, chain, refs, older_than, watch)


def _on_chain(ledger: Ledger, watch: Watch) -> tuple[dict[str, _Settled], set[str]]:
    """What the chain says of each order, and the ids of those that were recorded."""
    answered: dict[str, _Settled] = {}
    recorded: set[str] = set()
    first, top = ledger.record.block, ledger.chain.block_number()
    with watch("Reading the chain", top + 1 - first) as move:
        for start in range(first, top + 1, _BLOCKS_AT_ONCE):
            last = min(start + _BLOCKS_AT_ONCE - 1, top)
            for name in ("OrderPaid", "OrderRejected"):
                for event in ledger.contract.events(name, first=start, last=last):
                    answered[_id(event.arguments["orderId"])] = _settled(event)
            for event in ledger.contract.events("OrdersRecorded", first=start, last=last):
                recorded |= {_id(order_id) for order_id in event.arguments["orderIds"]}
            move(last + 1 - start)
    return answered, recorded


def _settled(event: Event) -> _Settled:
    told = event.arguments
    return _Settled(
        reason=verdict_in(event).reason,
        points=told.get("points"),
        cash=told.get("cash"),
        terminal=told["terminal"],
        sequence=int(told["sequence"]),
        block=event.block,
    )


def _file_against_chain(
    file: Sequence[SignedOrder], chain: dict[str, _Settled], refs: dict[str, str]
) -> Iterator[Finding]:
    listed = Counter(signed.order_id for signed in file)
    for order_id, times in listed.items():
        if times > 1:
            yield Finding("doubled", "file", refs[order_id], order_id, f"listed {times} times")
        if order_id not in chain:
            yield Finding("missing", "chain", refs[order_id], order_id, "signed, never answered")
    terminals = {signed.order.terminal for signed in file}
    for order_id, settled in chain.items():
        if settled.terminal in terminals and order_id not in listed:
            ref = refs.get(order_id, "")
            yield Finding("missing", "file", ref, order_id, "answered, not in the terminal's file")


def _journal_against_chain(
    noted: dict[str, OrderEntry],
    chain: dict[str, _Settled],
    refs: dict[str, str],
    watch: Watch,
) -> Iterator[Finding]:
    with watch("Comparing the journal", len(noted)) as move:
        for order_id, entry in noted.items():
            settled = chain.get(order_id)
            if settled is None:
                if entry.reason is not None:
                    detail = f"the journal says {_word(Reason(entry.reason))}"
                    yield Finding("missing", "chain", entry.order_ref, order_id, detail)
            elif entry.reason is None:
                detail = f"the chain says {_word(settled.reason)}"
                yield Finding("missing", "journal", entry.order_ref, order_id, detail)
            else:
                yield from _differing(entry, settled)
            move(1)
    for order_id in chain.keys() - noted.keys():
        detail = f"the chain says {_word(chain[order_id].reason)}"
        yield Finding("missing", "journal", refs.get(order_id, ""), order_id, detail)


def _differing(entry: OrderEntry, settled: _Settled) -> Iterator[Finding]:
    order = _order(entry)
    pairs: list[tuple[str, object, object]] = [
        ("answer", _word(Reason(entry.reason or 0)), _word(settled.reason)),
        ("block", entry.block, settled.block),
        ("order id", "0x" + order.order_id().hex(), entry.order_id),
    ]
    if settled.reason == Reason.NONE:
        pairs += [("points", order.points, settled.points), ("cash", order.cash, settled.cash)]
    for name, in_journal, on_chain in pairs:
        if in_journal != on_chain:
            detail = f"{name}: {in_journal} in the journal, {on_chain} on chain"
            yield Finding("differs", "journal", entry.order_ref, entry.order_id, detail)


def _doubled(noted: dict[str, OrderEntry], chain: dict[str, _Settled]) -> Iterator[Finding]:
    paid = Counter(
        (entry.order_ref, chain[order_id].terminal)
        for order_id, entry in noted.items()
        if order_id in chain and chain[order_id].reason == Reason.NONE
    )
    for (order_ref, terminal), times in paid.items():
        if times > 1:
            detail = f"paid {times} times for terminal {terminal}"
            yield Finding("doubled", "chain", order_ref, "", detail)


def _unfinalized(
    ledger: Ledger,
    chain: dict[str, _Settled],
    refs: dict[str, str],
    older_than: int,
    watch: Watch,
) -> Iterator[Finding]:
    now = ledger.chain.timestamp()
    paid = {key: settled for key, settled in chain.items() if settled.reason == Reason.NONE}
    ages = {
        block: now - ledger.chain.timestamp(block)
        for block in {settled.block for settled in paid.values()}
    }
    due = [(key, one) for key, one in paid.items() if ages[one.block] > older_than]
    with watch("Looking for record 3", len(due)) as move:
        for start in range(0, len(due), _MARKS_AT_ONCE):
            some = due[start : start + _MARKS_AT_ONCE]
            marks = ledger.marks([(settled.terminal, settled.sequence) for _, settled in some])
            for (order_id, settled), mark in zip(some, marks, strict=True):
                if mark == Mark.PAID:
                    detail = f"record 3 is missing {ages[settled.block]} s after record 2"
                    yield Finding("unfinalized", "chain", refs.get(order_id, ""), order_id, detail)
            move(len(some))


def _order(entry: OrderEntry) -> PaymentOrder:
    return order_in(json.loads(entry.row)["message"])


def _id(value: bytes) -> str:
    return "0x" + bytes(value).hex()


def _word(reason: Reason) -> str:
    return reason.code if reason else "paid"
