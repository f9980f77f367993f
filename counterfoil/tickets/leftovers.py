"""Blocks that a step of staff, or a file of queries, put into IPFS before it was cut off, and that
no version will ever name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from counterfoil.tickets.desk import Desk
from counterfoil.tickets.drafts import Draft
from counterfoil.tickets.fingerprint import utc_text
from counterfoil.tickets.journal import Taken
from counterfoil.tickets.standing import Ticket

PATIENCE = 3600
"""Seconds after which a step whose ticket stands where it began isn't under way any more."""


def left_over(
    desk: Desk, drafts: Sequence[Draft], standing: Mapping[bytes, int], now: datetime
) -> dict[bytes, bytes]:
    """Which of these drafts' blocks belong to nothing, each with its ticket. The rows of those that
    are a version's after all are struck.

    Args:
        desk: whose drafts they are.
        drafts: read before ``standing``.
        standing: the version of each ticket that isn't erased, as the chain just had it.
        now: an aware time of the desk's clock.
    """
    if not drafts:
        return {}
    # Read last: what the chain took before a ticket's version was read is among them.
    versions = {digest for _, digest in desk.registry.versions()}
    desk.drafts.strike([one.digest for one in drafts if one.case in versions])
    return {
        one.digest: one.token_id
        for one in drafts
        if one.case not in versions and _is_over(one, standing.get(one.token_id), now)
    }


def cut_off(desk: Desk, now: datetime) -> list[Taken]:
    """Journal rows of queries that were cut off: no run of ``ticket open`` has them in hand."""
    return desk.journal.cut_off(before=utc_text(now - timedelta(seconds=PATIENCE)))


def never_minted(desk: Desk, rows: Sequence[Taken], *, set_aside: bool) -> list[Taken]:
    """Those of these rows whose case no ticket has.

    Args:
        desk: whose rows they are.
        rows: from :func:`cut_off`.
        set_aside: only those that no run has taken up since; from now on none can.
    """
    if not rows:
        return []
    versions = {digest for _, digest in desk.registry.versions()}
    found = [one for one in rows if one.digest not in versions]
    if not set_aside:
        return found
    return [aside for one in found if (aside := desk.journal.set_aside(one))]


def clear(desk: Desk, ticket: Ticket, now: datetime) -> None:
    """Drop what steps that were cut off left of a ticket that was just read."""
    stands = {} if ticket.status == "erased" else {ticket.token_id: ticket.version}
    for digest in left_over(desk, desk.drafts.of(ticket.token_id), stands, now):
        desk.store.delete(digest)
        desk.drafts.strike([digest])


def _is_over(draft: Draft, version: int | None, now: datetime) -> bool:
    """A step says which version it goes on from: once there is another, the chain won't take it."""
    moved_on = version is None or version > draft.version
    return moved_on or now.timestamp() - draft.at > PATIENCE
