"""The trail of a ticket on chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.chain import Chain
from counterfoil.errors import Refused, Tampered
from counterfoil.keys import Signer
from counterfoil.model import Event
from counterfoil.tickets import lifecycle
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.registry import Action, Registry
from counterfoil.tickets.trail import history, trail
from tests.support.ticket_cases import LATER, grant, one_ticket


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
    assert [one.handler for one in steps] == [desk.staff.address, None, None, None]
    assert [one.actor for one in steps][:2] == [desk.intake.address, desk.staff.address]
    assert (steps[-1].digest, steps[-1].at) == (resolved.digest, resolved.updated_at)
    assert steps[0].digest == desk.registry.first_digest(token_id)


def test_trail_isEmptyIfThereIsNoTicket(desk: Desk) -> None:
    assert trail(desk.registry, bytes(32)) == []
    with pytest.raises(Refused, match="no ticket"):
        history(desk.registry, bytes(32))


@pytest.fixture
def colleague(desk: Desk, chain: Chain, tmp_path: Path) -> Signer:
    """A second member of staff, with ether."""
    colleague = Signer.generate()
    grant(desk, tmp_path, "RESOLVER_ROLE", colleague.address)
    chain.fund(colleague.address, 10**18)
    return colleague


def test_history_showsWhatIsNoStepOfTheLifecycle(
    desk: Desk, token_id: bytes, colleague: Signer
) -> None:
    """A row for each: a transfer and an approval change no status and append no version."""
    contract, number = desk.registry._contract, int.from_bytes(token_id)
    staff, other = desk.staff, colleague.address
    contract.send(staff, "approve", other, number)
    contract.send(colleague, "transferFrom", staff.address, other, number)
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    contract.send(staff, "transferFrom", staff.address, other, number)
    lifecycle.assign(desk, token_id, staff.address, now=LATER)
    steps = history(desk.registry, token_id)

    assert [(one.action, one.before, one.after, one.version) for one in steps] == [
        ("open", None, "open", 1),
        ("approve", "open", "open", None),
        ("transfer", "open", "open", None),
        ("take", "open", "in-progress", 2),
        ("transfer", "in-progress", "in-progress", None),
        ("assign", "in-progress", "in-progress", 3),
    ]
    assert [one.handler for one in steps] == [
        *(staff.address, other, other, staff.address, other, staff.address),
    ]
    assert [one.actor for one in steps][1:3] == [staff.address, other]


def test_history_standsWhenTheCaseIsErased(desk: Desk, token_id: bytes) -> None:
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    before = history(desk.registry, token_id)
    lifecycle.erase(desk, token_id, now=LATER)
    after = history(desk.registry, token_id)

    assert after[: len(before)] == before
    assert [one.after for one in after[len(before) :]] == ["erasure-requested", "erased"]
    assert after[-1].digest == after[-2].digest


@pytest.mark.parametrize("lost", ["open", "take", "note", "transfer"])
def test_history_refusesIfTheNodeLeavesAnEventOut(
    desk: Desk, token_id: bytes, colleague: Signer, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    lifecycle.move(desk, token_id, Action.NOTE, now=LATER, note="said")
    number, to = int.from_bytes(token_id), colleague.address
    desk.registry._contract.send(desk.staff, "transferFrom", desk.staff.address, to, number)
    steps = {one.action: one for one in history(desk.registry, token_id)}
    original = Registry.events

    def partial(registry: Registry, name: str, about: bytes) -> list[Event]:
        missing = steps[lost].transaction
        return [one for one in original(registry, name, about) if one.transaction != missing]

    monkeypatch.setattr(Registry, "events", partial)

    with pytest.raises(Tampered) as caught:
        history(desk.registry, token_id)
    assert caught.value.code == "history"


def test_history_refusesIfTheNodeTellsAnotherDigest(
    desk: Desk, token_id: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Registry.events

    def changed(registry: Registry, name: str, about: bytes) -> list[Event]:
        found = original(registry, name, about)
        return [
            replace(one, arguments={**one.arguments, "digest": bytes(32)})
            if "digest" in one.arguments
            else one
            for one in found
        ]

    monkeypatch.setattr(Registry, "events", changed)

    with pytest.raises(Tampered):
        history(desk.registry, token_id)
