"""The credits in the bank's journal, compared with the chain."""

from __future__ import annotations

import json
from collections.abc import Iterator

from counterfoil.points.accounts import bank_key, reference_of
from counterfoil.points.chainside import Credited
from counterfoil.points.comparison import Comparison
from counterfoil.points.creditpages import CreditEntry
from counterfoil.points.findings import Finding, hex_of, unlike


def check_credits(books: Comparison) -> Iterator[Finding]:
    """Everything amiss; ``order_ref`` is a credit's reference, ``order_id`` its id on chain."""
    desk, chain = books.desk, books.chain
    key = bank_key(desk.state, desk.bank)
    left = dict.fromkeys(chain.credits)
    for page in desk.journal.credit_pages():
        named = {hex_of(reference_of(key, desk.bank, one.reference)): one for one in page}
        unseen = [bytes.fromhex(name[2:]) for name in named if name not in chain.credits]
        since = {
            hex_of(event.arguments["creditReference"]) for event in desk.ledger.credits(unseen)
        }
        begun = desk.journal.begun_credits({one.batch for one in page if one.transaction is None})
        for name, entry in named.items():
            left.pop(name, None)
            if name in chain.credits:
                yield from _compared(name, entry, chain.credits[name][0])
            elif name not in since and (
                entry.transaction is not None or books.is_due(begun.get(entry.batch, 0))
            ):
                yield Finding("missing", "chain", entry.reference, name, _said(entry))
    for name in left:
        detail = f"the chain says {chain.credits[name][0].points} points credited"
        yield Finding("missing", "journal", "", name, detail)
    for name, credited in chain.credits.items():
        if len(credited) > 1:
            yield Finding("doubled", "chain", "", name, f"credited {len(credited)} times")


def _compared(name: str, entry: CreditEntry, credited: Credited) -> Iterator[Finding]:
    account, points, earned_on, reference = _content(entry)
    pairs = [
        ("account", account, credited.account),
        ("points", points, credited.points),
        ("earned_on", earned_on, credited.earned_on),
        ("reference", reference, name[2:]),
        ("batch", entry.batch, credited.batch),
        ("transaction", entry.transaction, credited.transaction),
        ("block", entry.block, credited.block),
    ]
    if entry.transaction is None:
        detail = f"the chain says {credited.points} points credited"
        yield Finding("missing", "journal", entry.reference, name, detail)
        pairs = pairs[:-2]
    for what, in_journal, there in pairs:
        if in_journal != there:
            detail = unlike(what, in_journal, there)
            yield Finding("differs", "journal", entry.reference, name, detail)


def _said(entry: CreditEntry) -> str:
    if entry.transaction is None:
        return "written down, never credited"
    return f"the journal says {_content(entry)[1]} points credited"


def _content(entry: CreditEntry) -> list[object]:
    """Account, points, day and reference as they were sent, Nones if that can't be read."""
    try:
        found = json.loads(entry.content)
    except ValueError:
        found = None
    return found if isinstance(found, list) and len(found) == 4 else [None] * 4
