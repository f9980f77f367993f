"""Erasing a case: the trail stays and nothing else, however often it is cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.errors import Refused
from counterfoil.tickets import lifecycle
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.registry import Action
from counterfoil.tickets.trail import trail
from tests.support.cases import queries_file, row
from tests.support.ticket_cases import LATER, digests_in, one_ticket


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    return one_ticket(desk, tmp_path)


def test_erase_leavesTheTrailAndNothingElse(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)
    kept = {digest: desk.store.get(digest) for digest in digests_in(tmp_path)}
    sheet = lifecycle.erase(desk, token_id, now=LATER, note="asked to be forgotten")

    assert (sheet.ticket.status, sheet.case) == ("erased", None)
    assert digests_in(tmp_path) == set()
    assert [one.after for one in trail(desk.registry, token_id)] == [
        "open",
        "in-progress",
        "erasure-requested",
        "erased",
    ]
    for block in kept.values():  # somebody kept copies: nobody can read them
        desk.store.put(block)
    with pytest.raises(Refused) as caught:
        desk.cases.read(token_id, sheet.ticket.digest)
    assert caught.value.code == "erased"


@pytest.mark.parametrize("part", ["vault.destroy", "store.delete", "registry.act"])
def test_erase_goesOnIfItWasCutOff(
    desk: Desk, token_id: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    lifecycle.move(desk, token_id, Action.REQUEST_ERASURE, now=LATER)
    room, name = part.split(".")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(getattr(desk, room)), name, killed)
        with pytest.raises(KeyboardInterrupt):
            lifecycle.erase(desk, token_id, now=LATER)

    assert lifecycle.erase(desk, token_id, now=LATER).ticket.status == "erased"
    assert digests_in(tmp_path) == set()


def test_open_saysErasedForAnErasedTicket(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    lifecycle.erase(desk, token_id, now=LATER)
    again = queries_file(tmp_path, row(channel_ref="A-2"))
    (result,) = open_queries(desk, read_queries(again, now=LATER), now=LATER)

    assert (result.outcome, result.status, result.answer) == ("duplicate", "erased", None)
