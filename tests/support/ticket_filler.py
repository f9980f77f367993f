"""Tickets by the thousand, put straight where real ones end up: they were never opened.

The slots of owner and digest are written into the chain's storage, their rows into vault and
journal. There is no event and no block of theirs; who looks up another ticket by its id meets none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from eth_utils.crypto import keccak
from sqlalchemy import insert

from counterfoil.database import transaction
from counterfoil.tickets import journal as journal_rows
from counterfoil.tickets import vault as vault_rows
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.journal import Taken
from counterfoil.tickets.layout import slot_of

_PAGE = 2_500


def fill(desk: Desk, like: bytes, count: int) -> None:
    """So many more tickets, each as the chain has the ticket ``like``. The chain is an Anvil."""
    chain, address = desk.registry._contract.chain, desk.registry.address
    place = _digests_place(desk, like)
    word = chain.request("eth_getStorageAt", address, _hex(slot_of(like)), "latest")
    for ids in _pages(count):
        chain.requests(
            [("anvil_setStorageAt", [address, _hex(slot_of(one)), word]) for one in ids]
            + [("anvil_setStorageAt", [address, _hex(_at(one, place)), _hex(one)]) for one in ids]
        )
        _enter(desk, ids)


def _enter(desk: Desk, ids: list[bytes]) -> None:
    taken = [
        Taken("app", one.hex(), one, one, "2025-06-01T12:00:00Z", digest=one, outcome="minted")
        for one in ids
    ]
    with transaction(desk.journal._engine) as link:
        link.execute(insert(journal_rows._INTAKE), [desk.journal._columns(one) for one in taken])
    with transaction(desk.vault._engine) as link:
        keys = [desk.vault._row(one, os.urandom(40)) for one in ids]
        link.execute(insert(vault_rows._KEYS), keys)


def _digests_place(desk: Desk, token_id: bytes) -> int:
    """Where the contract has its mapping of digests, told by a ticket that is known."""
    ticket = desk.registry.ticket(token_id)
    assert ticket
    places = range(64)
    words = desk.registry._contract.chain.requests(
        [
            ("eth_getStorageAt", [desk.registry.address, _hex(_at(token_id, one)), "latest"])
            for one in places
        ]
    )
    return words.index(_hex(ticket.digest))


def _at(token_id: bytes, place: int) -> bytes:
    return keccak(token_id + place.to_bytes(32))


def _pages(count: int) -> Iterator[list[bytes]]:
    for start in range(0, count, _PAGE):
        yield [os.urandom(32) for _ in range(min(_PAGE, count - start))]


def _hex(data: bytes) -> str:
    return "0x" + data.hex()
