"""What the channels are still to be told: every one that asked gets the answer when it comes.

A message is due until it is noted as delivered, so that a channel may hear it twice but never not
at all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from counterfoil.errors import Refused, Tampered, Unavailable
from counterfoil.tickets.casefile import ANSWERED, CaseFile, Status
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.journal import Taken
from counterfoil.tickets.masking import masked_pan
from counterfoil.tickets.standing import Ticket
from counterfoil.tickets.told import Told

ENDED: tuple[Status, ...] = (*ANSWERED, "rejected", "withdrawn", "erased")
"""The statuses that a channel is told of."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Message:
    """For one channel, about one query of its own. ``at`` is Unix seconds, ``card_number`` masked;
    a case that can't be read now makes a message with a ``problem``, which can't be delivered."""

    channel: str
    channel_ref: str
    token_id: bytes
    status: Status
    answer: str | None
    card_number: str | None
    at: int
    told: Told
    problem: str | None = None


def due(desk: Desk, channel: str | None = None) -> Iterator[Message]:
    """The messages for all channels or for one, by ticket in the order in which they were raised.

    Raises:
        Unavailable: chain, IPFS or database don't answer.
    """
    told = desk.told.everything()
    asked: dict[bytes, list[Taken]] = {}
    for row in desk.journal.finished():
        if channel in (None, row.channel):
            asked.setdefault(row.token_id, []).append(row)
    token_ids = list(asked)
    for start in range(0, len(token_ids), _PAGE):
        for ticket in desk.registry.tickets(token_ids[start : start + _PAGE]):
            if ticket is None or ticket.status not in ENDED:
                continue
            rows = [
                row
                for row in asked[ticket.token_id]
                if row.key not in told or told[row.key].digest != ticket.digest
            ]
            if rows:
                yield from _messages(desk, ticket, rows, told)


def delivered(desk: Desk, messages: Sequence[Message]) -> None:
    """These channels have their message."""
    desk.told.write([one.told for one in messages if one.problem is None])


def note_told(desk: Desk, taken: Taken, digest: bytes, status: Status, answer: str | None) -> None:
    """A channel heard the outcome another way: as the result of its query."""
    if status in ENDED:
        desk.told.write([_told(desk, taken, digest, status, answer)])


def _messages(
    desk: Desk, ticket: Ticket, rows: Sequence[Taken], told: dict[tuple[str, str], Told]
) -> Iterator[Message]:
    case: CaseFile | None = None
    problem: str | None = None
    if ticket.status != "erased":
        try:
            case = desk.cases.read(ticket.token_id, ticket.digest)
        except (Tampered, Refused, Unavailable) as error:
            if isinstance(error, Unavailable) and error.code != "block-missing":
                raise
            problem = error.message
    answer = case.answer if case else None
    known: list[Told] = []
    for row in rows:
        now = _told(desk, row, ticket.digest, ticket.status, answer)
        if problem is None and row.key in told and told[row.key].content == now.content:
            known.append(now)  # a later version that says the same
            continue
        yield Message(
            channel=row.channel,
            channel_ref=row.channel_ref,
            token_id=ticket.token_id,
            status=ticket.status,
            answer=answer,
            card_number=masked_pan(case.identity.pan) if case else None,
            at=ticket.updated_at,
            told=now,
            problem=problem,
        )
    desk.told.write(known)


def _told(desk: Desk, row: Taken, digest: bytes, status: Status, answer: str | None) -> Told:
    outcome = "answered" if status in ANSWERED else status
    said = json.dumps([outcome, answer]).encode()
    content = hmac.digest(desk.journal_key, said, hashlib.sha256)
    return Told(row.channel, row.channel_ref, digest, content)
