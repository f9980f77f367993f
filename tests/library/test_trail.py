"""The trail of a ticket on chain."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.tickets import lifecycle
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.registry import Action
from counterfoil.tickets.trail import trail
from tests.support.ticket_cases import LATER, one_ticket


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    return one_ticket(desk, tmp_path)


def test_trail_tellsEveryStep(desk: Desk, token_id: bytes) -> None:
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    desk.registry.seen_again(desk.intake, [token_id], "hotline")
    resolved = lifecycle.move(desk, token_id, Action.RESOLVE, now=LATER, note="Done.").ticket
    steps = trail(desk.registry, token_id)

    assert [(one.action, one.before, one.after, one.version) for one in steps] == [
        ("open", None, "open", 1),
        ("take", "open", "in-progress", 2),
        ("seen-again", "in-progress", "in-progress", None),
        ("resolve", "in-progress", "resolved", 3),
    ]
    assert [one.channel for one in steps] == ["app", None, "hotline", None]
    assert [one.actor for one in steps][:2] == [desk.intake.address, desk.staff.address]
    assert (steps[-1].digest, steps[-1].at) == (resolved.digest, resolved.updated_at)
    assert steps[0].digest == desk.registry.first_digest(token_id)


def test_trail_isEmptyIfThereIsNoTicket(desk: Desk) -> None:
    assert trail(desk.registry, bytes(32)) == []
