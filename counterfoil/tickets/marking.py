"""The mark on chain that a query was raised again: one for each, whatever was cut off between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from counterfoil.errors import Unavailable
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.journal import Key, Taken
from counterfoil.tickets.minting import discard
from counterfoil.tickets.trail import channel_of


def marked(
    desk: Desk, taken: Sequence[Taken], raced: Collection[Key], known: Collection[Key]
) -> list[Taken]:
    """The journal rows of duplicates as they are written, after a mark on chain for each.

    Args:
        taken: the rows of queries whose tickets are on chain.
        raced: those that lost a race: the registry left their mark when it skipped them.
        known: those that an earlier run entered. It may have been cut off after the mark.

    Raises:
        Unavailable: a part doesn't answer, or a ticket is gone.
    """
    if not taken:
        return []
    tickets = desk.registry.tickets([one.token_id for one in taken])
    ended: list[Taken] = []
    for one, ticket in zip(taken, tickets, strict=True):
        if ticket is None:
            raise Unavailable(f"ticket 0x{one.token_id.hex()} is gone; the chain went back")
        kept = discard(desk, one) if one.kept else one
        ended.append(replace(kept, outcome="duplicate", digest=ticket.digest))
    due = _unmarked(desk, ended, raced, known)
    for channel in dict.fromkeys(one.channel for one in due):
        marks = [one.token_id for one in due if one.channel == channel]
        desk.registry.seen_again(desk.intake, marks, channel)
    desk.journal.write(ended)
    return ended


def _unmarked(
    desk: Desk, ended: Sequence[Taken], raced: Collection[Key], known: Collection[Key]
) -> list[Taken]:
    """Those without a mark. One that an earlier run entered has its mark if the chain has more of
    them, of this ticket and channel, than the journal has rows for."""
    over: Counter[tuple[bytes, str]] = Counter()
    for one in {(one.token_id, one.channel): one for one in ended if one.key in known}.values():
        events = desk.registry.events("SeenAgain", one.token_id)
        marks = sum(channel_of(event) == one.channel for event in events)
        rows = [row for row in desk.journal.asked(one.token_id) if row.outcome == "duplicate"]
        rows += [row for row in ended if row.key in raced and row.token_id == one.token_id]
        over[one.token_id, one.channel] = marks - sum(row.channel == one.channel for row in rows)
    due: list[Taken] = []
    for one in ended:
        mine = one.token_id, one.channel
        if one.key in raced:
            continue
        if one.key in known and over[mine] > 0:
            over[mine] -= 1
        else:
            due.append(one)
    return due
