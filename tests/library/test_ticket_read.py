"""Looking at tickets: every byte is checked, and every channel that asked is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.errors import Refused, Tampered
from counterfoil.ipfs.cid import digest_in
from counterfoil.keys import Signer
from counterfoil.tickets import lifecycle
from counterfoil.tickets.clocks import late
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.intake import open_queries
from counterfoil.tickets.listing import list_tickets
from counterfoil.tickets.queries import read_queries
from counterfoil.tickets.registry import Action
from tests.support.cases import NOW, queries_file, row
from tests.support.ticket_cases import LATER, grant, one_ticket


@pytest.fixture
def token_id(desk: Desk, tmp_path: Path) -> bytes:
    return one_ticket(desk, tmp_path)


def test_readAll_refusesIfAnAttachmentWasChanged(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    ticket = lifecycle.read_all(desk, token_id).ticket
    for file in (tmp_path / "blocks" / "blocks").rglob("bafk*"):
        if digest_in(file.name) != ticket.digest:
            file.write_bytes(b"other bytes")

    with pytest.raises(Tampered):
        lifecycle.read_all(desk, token_id)


def test_read_refusesIfThereIsNoTicket(desk: Desk) -> None:
    with pytest.raises(Refused) as caught:
        lifecycle.read(desk, bytes(32))

    assert caught.value.code == "no-such-ticket"


def test_read_listsEveryChannelThatAsked(desk: Desk, token_id: bytes, tmp_path: Path) -> None:
    again = queries_file(tmp_path, row(channel="hotline", channel_ref="T-1"))
    list(open_queries(desk, read_queries(again, now=LATER), now=LATER))

    asked = lifecycle.read(desk, token_id).asked
    assert [one.key for one in asked] == [("app", "A-1"), ("hotline", "T-1")]


def test_listTickets_isOldestFirstAndNarrowedByStatus(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    more = [row(channel_ref=f"B-{serial}", serial=serial) for serial in ("1", "2")]
    list(open_queries(desk, read_queries(queries_file(tmp_path, *more), now=NOW), now=NOW))
    lifecycle.move(desk, token_id, Action.TAKE, now=LATER)

    assert [one.status for one in list_tickets(desk)] == ["in-progress", "open", "open"]
    (taken,) = list_tickets(desk, status="in-progress")
    assert taken.token_id == token_id


def test_listTickets_areOneHandlersOrOneChannelsOwn(
    desk: Desk, token_id: bytes, tmp_path: Path
) -> None:
    more = [row(channel="branch", channel_ref="B-1", serial="1"), row(channel="branch")]
    list(open_queries(desk, read_queries(queries_file(tmp_path, *more), now=NOW), now=NOW))
    colleague = Signer.generate().address
    grant(desk, tmp_path, "RESOLVER_ROLE", colleague)
    lifecycle.assign(desk, token_id, colleague, now=LATER)

    def found(**wanted: str) -> list[bytes]:
        return [one.token_id for one in list_tickets(desk, **wanted)]  # type: ignore[arg-type]

    first, second = found()
    assert first == token_id
    assert found(handler=colleague) == [first]
    assert found(handler=desk.staff.address) == [second]
    assert found(channel="app") == [first]
    assert found(channel="branch") == [first, second]  # which raised the first one again
    assert found(channel="branch", handler=colleague) == [first]
    assert found(channel="hotline") == found(channel="b" * 40) == []


def test_late_looksAtTheTicketsThatAreWanted(desk: Desk, token_id: bytes) -> None:
    def overdue(channel: str) -> list[bytes]:
        wanted = list_tickets(desk, channel=channel)
        return [one.ticket.token_id for one in late(desk, 2**40, wanted)]

    assert overdue("app") == [token_id]
    assert overdue("branch") == []
