"""What staff do with a ticket. Each step appends a version of the case file, which names the one
before, and moves the ticket on chain to its digest; or, if the chain refuses, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from counterfoil.errors import BadInput, Refused, Tampered, Unavailable
from counterfoil.tickets.attachments import File
from counterfoil.tickets.casefile import CaseFile, Entry, Priority, Status
from counterfoil.tickets.cases import digests_of
from counterfoil.tickets.clocks import due_at
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import utc_text
from counterfoil.tickets.journal import Taken
from counterfoil.tickets.leftovers import clear
from counterfoil.tickets.registry import Action
from counterfoil.tickets.standing import Ticket
from counterfoil.tickets.trail import trail
from counterfoil.tickets.versions import Change, is_lost, next_version, standing_case


@dataclass(frozen=True, slots=True)
class Sheet:
    """A ticket with its case, every byte checked against the chain. ``case`` is not masked."""

    ticket: Ticket
    case: CaseFile | None
    """None once it is erased."""
    asked: tuple[Taken, ...]
    """Every channel that raised the query here, oldest first."""
    due_at: int | None = None
    """By when it has to be answered, Unix seconds; None while its clock stands."""


def read(desk: Desk, token_id: bytes) -> Sheet:
    """The ticket as it stands.

    Raises:
        Refused: there is none (``no-such-ticket``), or this vault has no key for it (``no-key``).
        Tampered: the case isn't what the chain says.
        Unavailable: chain or IPFS don't answer, or no node has the block.
    """
    ticket = _standing(desk, token_id)
    case = standing_case(desk, ticket)
    due = due_at(desk, ticket, case.process.priority) if case else None
    return Sheet(ticket, case, tuple(desk.journal.asked(token_id)), due)


def read_all(desk: Desk, token_id: bytes) -> Sheet:
    """Like :func:`read`, and every attached file is fetched and checked too."""
    sheet = read(desk, token_id)
    for attachment in sheet.case.attachments if sheet.case else ():
        desk.cases.read_file(token_id, attachment)
    return sheet


def move(
    desk: Desk,
    token_id: bytes,
    action: Action,
    *,
    now: datetime,
    note: str | None = None,
    files: Sequence[File] = (),
    priority: Priority | None = None,
) -> Sheet:
    """Do ``action`` as the desk's member of staff.

    Args:
        desk: whose ``staff`` acts.
        token_id: the ticket.
        action: any but ``ERASE``, which :func:`erase` does.
        now: an aware time, for the case's own entry.
        note: what is to be said with it: the answer, the question, the reason.
        files: what to attach.
        priority: another one from now on.

    Raises:
        Refused: the ticket isn't where the action starts from, somebody else was quicker
            (``VersionMismatch``), or it isn't theirs to do; nothing was changed.
        BadInput: a note that can't be kept.
    """
    _step(desk, _standing(desk, token_id), action, now, note, files, priority)
    return _settled(desk, token_id, now)


def _step(
    desk: Desk,
    ticket: Ticket,
    action: Action,
    now: datetime,
    note: str | None,
    files: Sequence[File] = (),
    priority: Priority | None = None,
) -> None:
    after = desk.registry.after(action, ticket.status)
    if after is None:
        raise Refused(
            f"a ticket that is {ticket.status} can't take the step {action.word}",
            code="ActionNotAllowed",
            fix=f"What it can take: {_steps_from(desk, ticket.status)}.",
        )
    handler = desk.staff.address if action == Action.TAKE else ticket.handler
    entry = _entry(desk, action.word, note, now)
    change = Change(entry, after, handler, files, priority)
    with next_version(desk, ticket, change, now) as digest:
        desk.registry.act(desk.staff, ticket.token_id, action, digest, ticket.version)


def _steps_from(desk: Desk, status: Status) -> str:
    able = (one for one in Action if desk.registry.after(one, status))
    words = ("erase" if one == Action.REQUEST_ERASURE else one.word for one in able)
    return ", ".join(words) or "nothing any more"


def assign(
    desk: Desk, token_id: bytes, to: str, *, now: datetime, note: str | None = None
) -> Sheet:
    """Give the ticket to the member of staff at address ``to``; errors as :func:`move`."""
    ticket = _standing(desk, token_id)
    entry = _entry(desk, "assign", note, now)
    with next_version(desk, ticket, Change(entry, ticket.status, to), now) as digest:
        desk.registry.assign(desk.staff, token_id, to, digest, ticket.version)
    return _settled(desk, token_id, now)


def erase(desk: Desk, token_id: bytes, *, now: datetime, note: str | None = None) -> Sheet:
    """Make the case unreadable for good: its key is destroyed, its blocks are dropped, and the
    trail on chain stays. Cut off half-way, it goes on when it is called again. A case that nobody
    can read is erased all the same.

    Raises:
        Refused: it isn't theirs to do, or the ticket is erased already.
    """
    ticket = _standing(desk, token_id)
    if ticket.status != "erasure-requested":
        _step(desk, ticket, Action.REQUEST_ERASURE, now, note)
        ticket = _standing(desk, token_id)
    blocks = [step.digest for step in trail(desk.registry, token_id) if step.digest]
    for block in _attached(desk, ticket, blocks):
        desk.store.delete(block)  # only the case knows of them all, and it can be read till here
    desk.vault.destroy(token_id)
    for block in dict.fromkeys(blocks):
        desk.store.delete(block)
    desk.registry.act(desk.staff, token_id, Action.ERASE, ticket.digest, ticket.version)
    return _settled(desk, token_id, now)


def _settled(desk: Desk, token_id: bytes, now: datetime) -> Sheet:
    """The ticket after a step; what former steps left of it is dropped, on every node."""
    sheet = read(desk, token_id)
    clear(desk, sheet.ticket, now)
    desk.share()
    return sheet


def _standing(desk: Desk, token_id: bytes) -> Ticket:
    ticket = desk.registry.ticket(token_id)
    if ticket is None:
        raise Refused(f"there is no ticket 0x{token_id.hex()}", code="no-such-ticket")
    return ticket


def _attached(desk: Desk, ticket: Ticket, versions: Sequence[bytes]) -> list[bytes]:
    """Digests of all attached blocks: those that came with its queries, and those of the latest
    version that can be read."""
    known = [block for row in desk.journal.asked(ticket.token_id) for block in row.blocks]
    for digest in reversed(versions):
        if digest != ticket.digest and not desk.store.has(digest):
            continue  # others were asked for the latest, and have no more of the ones before
        try:
            return known + digests_of(desk.cases.read(ticket.token_id, digest).attachments)
        except (Refused, Tampered, Unavailable) as error:
            if not is_lost(error):
                raise
    return known


def _entry(desk: Desk, action: str, note: str | None, now: datetime) -> Entry:
    try:
        return Entry(at=utc_text(now), actor=desk.staff.address, action=action, note=note)
    except ValidationError:
        raise BadInput(
            "has 1 to 4,000 characters and no control characters", field="note"
        ) from None
