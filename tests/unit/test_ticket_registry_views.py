"""What the registry answers and claims, and where it keeps things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from counterfoil.chain import Chain
from counterfoil.errors import Unavailable
from counterfoil.ipfs.cid import cid_of
from counterfoil.node import Call, NodeError
from counterfoil.tickets import stored as storage
from tests.support.ticket_layout import slot_of, stored_tickets, word_of
from tests.support.ticket_rules import NOBODY, Action, Opening, Status, Ticket
from tests.support.ticket_samples import opening
from tests.support.tickets import Desk

ONE, TWO = opening(1), opening(2)
INTERFACES = {
    "ERC-165": "01ffc9a7",
    "ERC-721": "80ac58cd",
    "ERC-721 metadata": "5b5e139f",
    "ERC-4906": "49064906",
    "ERC-5192": "b45a3c0e",
    "access control": "7965db0b",
    "default admin rules": "31498786",
}


@pytest.mark.parametrize("name", INTERFACES)
def test_supportsInterface_answersTrue(desk: Desk, name: str) -> None:
    assert desk.registry.call("supportsInterface", bytes.fromhex(INTERFACES[name])) is True


@pytest.mark.parametrize("interface", ["ffffffff", "150b7a02", "780e9d63"])
def test_supportsInterface_answersFalseIfOther(desk: Desk, interface: str) -> None:
    assert desk.registry.call("supportsInterface", bytes.fromhex(interface)) is False


def test_metadata_namesCollection(desk: Desk) -> None:
    assert desk.registry.call("name") == "Counterfoil Tickets"
    assert desk.registry.call("symbol") == "TICKET"


@pytest.mark.parametrize(
    "digest",
    [
        pytest.param(b"\xff" * 32, id="all ones"),
        pytest.param(bytes(31) + b"\x01", id="lowest bit"),
        pytest.param(b"\x80" + bytes(31), id="highest bit"),
        pytest.param(bytes(range(32)), id="counting"),
        pytest.param(bytes.fromhex("0864215" * 9 + "0"), id="every letter"),
    ],
)
def test_tokenURI_spellsCid(desk: Desk, digest: bytes) -> None:
    desk.open(Opening(ONE.token_id, digest))

    assert desk.registry.call("tokenURI", ONE.token_id) == "ipfs://" + cid_of(digest)


def test_tokenURI_followsVersions(desk: Desk) -> None:
    desk.open(ONE)

    desk.act(desk.resolver, ONE, Action.TAKE)

    digest = desk.tickets[ONE.token_id].digest
    assert desk.registry.call("tokenURI", ONE.token_id) == "ipfs://" + cid_of(digest)


@pytest.mark.parametrize(
    ("view", "error", "values"),
    [
        ("tokenURI", "NoSuchTicket", {"tokenId": ONE.token_id}),
        ("locked", "NoSuchTicket", {"tokenId": ONE.token_id}),
        ("ownerOf", "TokenDoesNotExist", {}),
        ("getApproved", "TokenDoesNotExist", {}),
    ],
)
def test_view_revertsIfNoTicket(
    desk: Desk, view: str, error: str, values: dict[str, object]
) -> None:
    with desk.refuses(error, **values):
        desk.registry.call(view, ONE.token_id)


def test_balanceOf_revertsIfNobody(desk: Desk) -> None:
    with desk.refuses("BalanceQueryForZeroAddress"):
        desk.registry.call("balanceOf", NOBODY)


def test_ticket_isEmptyIfNone(desk: Desk) -> None:
    assert Ticket(*desk.registry.call("ticket", ONE.token_id)) == Ticket()


def test_tickets_answersInOrderAsked(desk: Desk) -> None:
    desk.open_batch([ONE, TWO])
    asked = [TWO.token_id, 7, ONE.token_id, TWO.token_id]

    found = desk.registry.call("tickets", asked)

    assert [Ticket(*row) for row in found] == [desk.tickets.get(one, Ticket()) for one in asked]


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.NONE])
def test_storage_tellsWhatTheContractTells(desk: Desk, status: Status) -> None:
    desk.bring(ONE, status)
    desk.open(TWO)
    asked = [TWO.token_id, 0, ONE.token_id, 2**256 - 1, TWO.token_id]

    stored = stored_tickets(desk.registry, asked)

    assert stored == [Ticket(*row) for row in desk.registry.call("tickets", asked)]
    assert stored[2].status == status


@pytest.mark.parametrize("digest", [b"\xff" * 32, bytes(31) + b"\x01"])
def test_storage_tellsLastVersionAndAnyDigest(desk: Desk, digest: bytes) -> None:
    desk.open(Opening(ONE.token_id, digest))
    desk.set_version(ONE, 2**16 - 1)  # which compares

    assert stored_tickets(desk.registry, [ONE.token_id])[0].digest == digest


def test_storage_tellsTimesOfAllTheirBits(desk: Desk) -> None:
    desk.open(ONE)
    held = desk.tickets[ONE.token_id]
    for opened, updated in ((2**36 - 1, 1), (1, 2**36 - 1)):
        desk.tickets[ONE.token_id] = replace(held, opened_at=opened, updated_at=updated)
        desk.set_version(ONE, 1)


def test_storage_tellsManyAsOneBlockLeftThem(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open_batch([ONE, TWO])
    held = [desk.tickets[one.token_id] for one in (ONE, TWO)]
    monkeypatch.setattr(storage, "_PAGE", 1)
    ask = Chain.requests

    def late(chain: Chain, calls: Sequence[Call]) -> list[object]:
        """The first page is out when somebody moves on what the second is to tell."""
        answers = ask(chain, calls)
        monkeypatch.setattr(Chain, "requests", ask)
        desk.act(desk.resolver, TWO, Action.TAKE)
        return answers

    monkeypatch.setattr(Chain, "requests", late)
    assert stored_tickets(desk.registry, [ONE.token_id, TWO.token_id]) == held
    assert desk.tickets[TWO.token_id] != held[1]


def test_locked_isTrueForEveryTicket(desk: Desk) -> None:
    desk.bring(ONE, Status.CLOSED)

    assert desk.registry.call("locked", ONE.token_id) is True


def test_storage_packsTicketWithOwner(desk: Desk) -> None:
    desk.bring(ONE, Status.RESOLVED)

    address, slot = desk.registry.address, hex(slot_of(ONE.token_id))
    word = desk.chain.request("eth_getStorageAt", address, slot, "latest")

    assert int(word, 16) == word_of(desk.tickets[ONE.token_id])


@pytest.mark.parametrize(
    ("function", "types"),
    [
        ("approve", ["address", "uint256"]),
        ("transferFrom", ["address", "address", "uint256"]),
        ("safeTransferFrom", ["address", "address", "uint256"]),
        ("safeTransferFrom", ["address", "address", "uint256", "bytes"]),
    ],
)
def test_payable_revertsIfEtherSent(desk: Desk, function: str, types: list[str]) -> None:
    desk.open(ONE)
    senders = [desk.resolver.address] if types[1] == "address" else []
    values = [*senders, desk.colleague.address, ONE.token_id, b""][: len(types)]
    selector = keccak(text=f"{function}({','.join(types)})")[:4]
    call = {
        "from": desk.resolver.address,
        "to": desk.registry.address,
        "data": "0x" + (selector + encode(types, values)).hex(),
    }
    desk.chain.request("eth_call", call, "latest")

    with pytest.raises(Unavailable) as caught:
        desk.chain.request("eth_call", call | {"value": "0x1"}, "latest")

    refusal = keccak(text="EtherNotAccepted(uint256)")[:4] + encode(["uint256"], [1])
    assert isinstance(caught.value.__cause__, NodeError)
    assert refusal.hex() in caught.value.__cause__.whole
