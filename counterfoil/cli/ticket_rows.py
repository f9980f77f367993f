"""Tickets as JSON rows: the keys of FORMATS, in its order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from counterfoil.ipfs.cid import cid_of
from counterfoil.tickets.clocks import Late
from counterfoil.tickets.doctor import Finding
from counterfoil.tickets.fingerprint import utc_text
from counterfoil.tickets.lifecycle import Sheet
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.outbox import Message
from counterfoil.tickets.showing import shown
from counterfoil.tickets.standing import Ticket
from counterfoil.tickets.trail import Step

Row = dict[str, Any]


def opened_row(opened: Opened) -> Row:
    """A row of ``ticket open``."""
    return {
        "row": opened.row,
        "channel": opened.channel,
        "channel_ref": opened.channel_ref,
        "outcome": opened.outcome,
        "token_id": _hex(opened.token_id),
        "cid": opened.cid,
        "status": opened.status,
        "answer": opened.answer,
        "card_number": opened.card_number,
        "problems": [
            {"field": problem.field, "problem": problem.problem} for problem in opened.problems
        ],
        "replayed": opened.replayed,
    }


def ticket_row(ticket: Ticket) -> Row:
    """A row of ``ticket list``: what the chain says, without opening the case."""
    return {
        "token_id": _hex(ticket.token_id),
        "cid": cid_of(ticket.digest),
        "status": ticket.status,
        "version": ticket.version,
        "handler": ticket.handler,
        "opened_at": time_text(ticket.opened_at),
        "updated_at": time_text(ticket.updated_at),
    }


def sheet_row(sheet: Sheet) -> Row:
    """``ticket show``: the ticket and its case, the card number masked.

    ``verified`` says that every byte shown was hashed again and is what the chain says; an
    erased case has no bytes left.
    """
    case = shown(sheet.case) if sheet.case else None
    return ticket_row(sheet.ticket) | {
        "answer": case.answer if case else None,
        "priority": case.process.priority if case else None,
        "due_at": None if sheet.due_at is None else time_text(sheet.due_at),
        "card_number": case.identity.pan if case else None,
        "channels": [
            {"channel": one.channel, "channel_ref": one.channel_ref, "at": one.taken_at}
            for one in sheet.asked
        ],
        "case": case.model_dump(mode="json", by_alias=True) if case else None,
        "verified": case is not None,
    }


def step_row(step: Step) -> Row:
    """A row of ``ticket history``: one event on chain."""
    return {
        "at": time_text(step.at),
        "block": step.block,
        "actor": step.actor,
        "action": step.action,
        "from": step.before,
        "to": step.after,
        "version": step.version,
        "digest": _hex(step.digest),
        "channel": step.channel,
        "handler": step.handler,
        "transaction": step.transaction,
    }


def finding_row(finding: Finding) -> Row:
    """A row of ``ticket doctor``."""
    return {
        "node": finding.node,
        "state": finding.state,
        "token_id": _hex(finding.token_id),
        "cid": cid_of(finding.digest) if finding.digest else None,
        "repaired": finding.repaired,
    }


def message_row(message: Message) -> Row:
    """A row of ``ticket outbox``."""
    return {
        "channel": message.channel,
        "channel_ref": message.channel_ref,
        "token_id": _hex(message.token_id),
        "status": message.status,
        "answer": message.answer,
        "card_number": message.card_number,
        "at": time_text(message.at),
        "problem": message.problem,
    }


def late_row(late: Late) -> Row:
    """A row of ``ticket list --overdue``. ``due_at`` is null while it waits for the customer."""
    due = late.clock.due_at
    return ticket_row(late.ticket) | {
        "priority": late.priority,
        "due_at": None if due is None else time_text(due),
        "overdue_seconds": -(late.clock.left or 0),
    }


def time_text(seconds: int) -> str:
    """Unix seconds as ``2025-03-04T01:15:00Z``."""
    return utc_text(datetime.fromtimestamp(seconds, UTC))


def _hex(data: bytes | None) -> str | None:
    return None if data is None else "0x" + data.hex()
