"""The credits taken back, as the bank's journal and the chain have them: everything amiss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from counterfoil.model import Event
from counterfoil.points.clawing import Clawing
from counterfoil.points.clawjournal import ClawEntry
from counterfoil.points.findings import Finding, hex_of, unlike


def check_claws(clawing: Clawing, top: int) -> Iterator[Finding]:
    """Everything that is amiss; ``order_ref`` is the claw-back's reference, ``order_id`` its id on
    chain. What was mined after block ``top`` needn't be noted yet."""
    ledger = clawing.ledger
    events = ledger.contract.events("PointsClawedBack", first=ledger.record.block)
    chain = {hex_of(event.arguments["clawReference"]): event for event in events}
    for key, times in Counter(hex_of(event.arguments["clawReference"]) for event in events).items():
        if times > 1:
            yield Finding("doubled", "chain", "", key, f"a claw-back done {times} times")
    noted = {hex_of(clawing.on_chain(one.claw_reference)): one for one in clawing.journal.all()}
    for key, entry in noted.items():
        event = chain.get(key)
        if entry.transaction is not None or (event is not None and event.block <= top):
            yield from _compared(clawing, key, entry, event)
    for key in chain.keys() - noted.keys():
        if chain[key].block <= top:
            yield Finding("missing", "journal", "", key, f"the chain says {_said(chain[key])}")


def _compared(
    clawing: Clawing, key: str, entry: ClawEntry, event: Event | None
) -> Iterator[Finding]:
    ref = entry.claw_reference
    if event is None:
        detail = f"the journal says {entry.points} points taken back"
        yield Finding("missing", "chain", ref, key, detail)
        return
    if entry.transaction is None:
        yield Finding("missing", "journal", ref, key, f"the chain says {_said(event)}")
        return
    told, credit = event.arguments, clawing.credit_on_chain(entry.reference)
    for name, in_journal, on_chain in (
        ("points", entry.points, told["points"]),
        ("shortfall", entry.shortfall, told["shortfall"]),
        ("block", entry.block, event.block),
        ("credit", hex_of(credit), hex_of(told["creditReference"])),
    ):
        if in_journal != on_chain:
            detail = unlike(name, in_journal, on_chain)
            yield Finding("differs", "journal", ref, key, detail)


def _said(event: Event) -> str:
    return f"{event.arguments['points']} points taken back"
