"""What a channel is told of each row that it sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from counterfoil.errors import Refused, Tampered, Unavailable
from counterfoil.ipfs.cid import cid_of
from counterfoil.tickets.casefile import Status
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import Problem
from counterfoil.tickets.journal import Outcome, Taken
from counterfoil.tickets.masking import masked_pan
from counterfoil.tickets.queries import BadQuery, Query


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of one row. ``answer`` is for the customer; ``problems`` name no values."""

    row: int
    channel: str | None
    channel_ref: str | None
    outcome: Literal["minted", "duplicate", "invalid", "refused"]
    token_id: bytes | None = None
    cid: str | None = None
    status: Status | None = None
    answer: str | None = None
    card_number: str | None = None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False


def look_up(desk: Desk, token_id: bytes, digest: bytes) -> tuple[Status, str | None]:
    """Status and answer as the case file of this version has them; an erased case has none.

    Raises:
        Tampered, Unavailable, Refused: as ``Cases.read``.
    """
    try:
        case = desk.cases.read(token_id, digest)
    except Refused as error:
        if error.code != "erased":
            raise
        return "erased", None
    return case.process.status, case.answer


def answered(desk: Desk, query: Query, taken: Taken, outcome: Outcome, *, replayed: bool) -> Opened:
    """The row of a query that has its ticket; a case that can't be read back is its problem."""
    digest = taken.digest or b""
    found = Opened(
        row=query.row,
        channel=query.channel,
        channel_ref=query.channel_ref,
        outcome=outcome,
        token_id=taken.token_id,
        cid=cid_of(digest),
        status="open",
        card_number=masked_pan(query.composite.card_number),
        replayed=replayed,
    )
    if outcome == "minted":
        return found
    try:
        status, answer = look_up(desk, taken.token_id, digest)
    except (Tampered, Refused, Unavailable) as error:
        if isinstance(error, Unavailable) and error.code != "block-missing":
            raise
        return replace(found, status=None, problems=(Problem("case", error.message),))
    return replace(found, status=status, answer=answer)


def invalid(row: BadQuery) -> Opened:
    """The row of a query that can't be taken."""
    return Opened(row.row, row.channel, row.channel_ref, "invalid", problems=row.problems)


def refused(query: Query, taken: Taken, problem: Problem) -> Opened:
    """The row of a query that gets no ticket for this reason."""
    return Opened(
        row=query.row,
        channel=query.channel,
        channel_ref=query.channel_ref,
        outcome="refused",
        token_id=taken.token_id,
        card_number=masked_pan(query.composite.card_number),
        problems=(problem,),
    )
