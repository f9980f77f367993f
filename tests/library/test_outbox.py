"""Every channel that asked is told the answer, once, when it comes; and tickets that are late."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from counterfoil.chain import Chain
from counterfoil.tickets import lifecycle
from counterfoil.tickets.clocks import late
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.opened import Opened
from counterfoil.tickets.outbox import Message, delivered, due
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.registry import Action
from counterfoil.tickets.sla import ALLOWANCES, HOUR
from tests.support.cases import NOW, queries_file, row

ANSWER = "It was refunded."


def opened(desk: Desk, folder: Path, *rows: dict[str, Any]) -> list[Opened]:
    queries = read_queries(queries_file(folder, *rows), now=NOW)
    return list(open_queries(desk, queries, now=NOW))


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    """A ticket that two channels asked for."""
    first, second = opened(desk, tmp_path, row(), row(channel="hotline", channel_ref="T-1"))
    assert first.token_id == second.token_id
    assert first.token_id
    return first.token_id


def act(desk: Desk, token_id: bytes, *actions: tuple[Action, str | None]) -> None:
    for action, note in actions:
        lifecycle.move(desk, token_id, action, now=NOW, note=note)


def resolve(desk: Desk, token_id: bytes, answer: str = ANSWER) -> None:
    act(desk, token_id, (Action.TAKE, None), (Action.RESOLVE, answer))


def said(messages: list[Message]) -> list[tuple[str, str, str, str | None]]:
    return [(one.channel, one.channel_ref, one.status, one.answer) for one in messages]


def take_out(desk: Desk, channel: str | None = None) -> list[tuple[str, str, str, str | None]]:
    messages = list(due(desk, channel))
    delivered(desk, messages)
    return said(messages)


BOTH = [("app", "A-1", "resolved", ANSWER), ("hotline", "T-1", "resolved", ANSWER)]


def test_due_isEmptyUntilThereIsAnAnswer(desk: Desk, token_id: bytes) -> None:
    assert take_out(desk) == []
    act(desk, token_id, (Action.TAKE, None), (Action.ASK, "Which shop?"))
    assert take_out(desk) == []


def test_due_tellsEveryChannelOnce(desk: Desk, token_id: bytes) -> None:
    resolve(desk, token_id)
    (first, _) = due(desk)

    assert (first.card_number, first.token_id) == ("622202******7894", token_id)
    assert said(list(due(desk))) == BOTH  # nothing was noted as delivered yet
    assert take_out(desk) == BOTH
    assert take_out(desk) == []


def test_due_tellsNoCardNumberThatIsInTheAnswer(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    resolve(desk, token_id, "Card 6222 0212 3456 7894 was refunded.")
    (again,) = opened(desk, tmp_path, row(channel="branch", channel_ref="B-1"))

    told = [one[3] for one in take_out(desk)]
    assert {*told, again.answer} == {"Card 622202******7894 was refunded."}


def test_due_isOneChannelsOwn(desk: Desk, token_id: bytes) -> None:
    resolve(desk, token_id)

    assert take_out(desk, "hotline") == BOTH[1:]
    assert take_out(desk, "branch") == []
    assert take_out(desk) == BOTH[:1]


def test_due_saysNothingNewIfTheAnswerStays(desk: Desk, token_id: bytes) -> None:
    resolve(desk, token_id)
    take_out(desk)
    act(desk, token_id, (Action.CLOSE, None))

    assert take_out(desk) == []


def test_due_tellsTheNewAnswerIfReopened(desk: Desk, token_id: bytes) -> None:
    resolve(desk, token_id)
    take_out(desk)
    act(desk, token_id, (Action.REOPEN, "new evidence"))
    assert take_out(desk) == []
    resolve(desk, token_id, "It was not refunded.")

    assert [one[3] for one in take_out(desk)] == ["It was not refunded."] * 2


@pytest.mark.parametrize(
    ("action", "status"), [(Action.REJECT, "rejected"), (Action.WITHDRAW, "withdrawn")]
)
def test_due_tellsOtherEndsToo(desk: Desk, token_id: bytes, action: Action, status: str) -> None:
    act(desk, token_id, (action, "for the desk only"))

    assert take_out(desk, "app") == [("app", "A-1", status, None)]


def test_due_tellsThatACaseWasErased(desk: Desk, token_id: bytes) -> None:
    resolve(desk, token_id)
    take_out(desk)
    lifecycle.erase(desk, token_id, now=NOW)
    messages = list(due(desk))

    assert {(one.status, one.answer, one.card_number) for one in messages} == {
        ("erased", None, None)
    }


def test_due_isEmptyForAChannelThatHeardItAsItAsked(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    resolve(desk, token_id)
    (again,) = opened(desk, tmp_path, row(channel="branch", channel_ref="B-1"))

    assert again.answer == ANSWER
    assert take_out(desk, "branch") == []
    assert take_out(desk) == BOTH


def test_due_saysIfACaseCantBeReadAndKeepsTheMessage(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    resolve(desk, token_id)
    digest = lifecycle.read(desk, token_id).ticket.digest
    block = desk.store.get(digest)
    desk.store.own.delete(digest)
    messages = list(due(desk))
    delivered(desk, messages)

    assert all(one.problem and one.answer is None for one in messages)
    desk.store.put(block)
    assert take_out(desk) == BOTH


def test_told_isKeptWithoutTheAnswer(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    resolve(desk, token_id)
    take_out(desk)

    written = b"".join(file.read_bytes() for file in (tmp_path / "state").glob("*.db*"))
    assert b"channels_told" in written
    assert ANSWER.encode() not in written


def test_late_findsTicketsWhoseTimeIsOver(desk: Desk, token_id: bytes) -> None:
    start = lifecycle.read(desk, token_id).ticket.opened_at
    until = start + ALLOWANCES["normal"]

    assert lifecycle.read(desk, token_id).due_at == until
    assert list(late(desk, until)) == []
    (found,) = late(desk, until + 1)
    assert (found.ticket.token_id, found.priority, found.clock.left) == (token_id, "normal", -1)


def test_late_goesByPriority(desk: Desk, tmp_path: Path) -> None:
    rows = [
        row(channel_ref=name, serial=f"S{place}", process={"priority": name})
        for place, name in enumerate(ALLOWANCES)
    ]
    tickets = [one.token_id for one in opened(desk, tmp_path, *rows)]
    start = lifecycle.read(desk, tickets[0] or b"").ticket.opened_at

    for place, allowed in enumerate(ALLOWANCES.values()):
        found = [one.ticket.token_id for one in late(desk, start + allowed + 1)]
        assert found == tickets[: place + 1]


def test_late_seesANewPriority(desk: Desk, token_id: bytes) -> None:
    sheet = lifecycle.move(
        desk, token_id, Action.NOTE, now=NOW, note="priority urgent", priority="urgent"
    )
    assert sheet.case
    assert sheet.case.process.priority == "urgent"
    assert sheet.due_at == sheet.ticket.opened_at + 4 * HOUR
    act(desk, token_id, (Action.NOTE, "it stays"))

    assert [one.priority for one in late(desk, sheet.due_at + 1)] == ["urgent"]


def test_late_countsNoTimeOfTheCustomers(desk: Desk, token_id: bytes, chain: Chain) -> None:
    act(desk, token_id, (Action.TAKE, None), (Action.ASK, "Which shop?"))
    asked = lifecycle.read(desk, token_id)
    assert asked.due_at is None
    assert list(late(desk, asked.ticket.updated_at + 10 * ALLOWANCES["normal"])) == []

    chain.request("evm_increaseTime", 5 * 86_400)
    act(desk, token_id, (Action.REPLY, "The one at the harbour."))
    replied = lifecycle.read(desk, token_id)
    waited = replied.ticket.updated_at - asked.ticket.updated_at

    assert waited >= 5 * 86_400
    assert replied.due_at == replied.ticket.opened_at + ALLOWANCES["normal"] + waited
    assert list(late(desk, replied.due_at)) == []
    assert len(list(late(desk, replied.due_at + 1))) == 1


def test_late_leavesOutWhatHasEnded(desk: Desk, token_id: bytes) -> None:
    resolve(desk, token_id)

    assert list(late(desk, 2**40)) == []


def test_late_takesACaseThatCantBeReadForNormal(desk: Desk, token_id: bytes) -> None:
    ticket = lifecycle.read(desk, token_id).ticket
    desk.store.own.delete(ticket.digest)
    until = ticket.opened_at + ALLOWANCES["normal"]

    assert list(late(desk, until)) == []
    assert [one.priority for one in late(desk, until + 1)] == [None]


def test_allowances_areTheDesksOwn(desk: Desk, token_id: bytes) -> None:
    strict = replace(desk, allowances={**ALLOWANCES, "normal": 60})
    start = lifecycle.read(desk, token_id).ticket.opened_at

    assert len(list(late(strict, start + 61))) == 1
    assert list(late(desk, start + 61)) == []
