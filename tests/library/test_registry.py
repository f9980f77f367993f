"""What the registry tells out of its storage is what the contract tells."""

from __future__ import annotations

from counterfoil.tickets import lifecycle
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.layout import slot_of
from counterfoil.tickets.registry import Action
from tests.support import ticket_layout
from tests.support.cases import NOW, row
from tests.support.intake import Opener

_NOBODYS = [bytes(32), b"\x01" * 32, b"\xff" * 32]


def test_standing_namesTheTicketsThatThereAre(desk: Desk, opener: Opener) -> None:
    opened = opener(*(row(channel_ref=f"A-{number}", serial=str(number)) for number in range(3)))
    minted = [one.token_id for one in opened if one.token_id]
    lifecycle.move(desk, minted[1], Action.WITHDRAW, now=NOW, note="by mistake")
    asked = [minted[2], *_NOBODYS, *minted]

    assert desk.registry.standing(asked) == set(minted)
    found = desk.registry.tickets(asked)
    assert {one.token_id for one in found if one} == set(minted)
    assert desk.registry.standing(_NOBODYS) == set()
    assert desk.registry.standing([]) == set()


def test_slotOf_agreesWithASecondReckoning() -> None:
    for token_id in (*_NOBODYS, bytes(range(32))):
        number = int.from_bytes(token_id)
        assert int.from_bytes(slot_of(token_id)) == ticket_layout.slot_of(number)
