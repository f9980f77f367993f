"""ERC-721 transfers: between staff only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from counterfoil.chain import Contract
from tests.support.ticket_rules import NOBODY, Action, Status
from tests.support.ticket_samples import later_digest, opening
from tests.support.tickets import Desk

ONE, TWO = opening(1), opening(2)
ACT_TYPES = ("uint256", "uint8", "bytes32", "uint24")
ACT = keccak(text=f"act({','.join(ACT_TYPES)})")[:4]
SAFE = "safeTransferFrom(address,address,uint256)"
SAFE_WITH_DATA = "safeTransferFrom(address,address,uint256,bytes)"
transfers = pytest.mark.parametrize(
    ("function", "data"), [("transferFrom", ()), (SAFE, ()), (SAFE_WITH_DATA, (b"why",))]
)


@pytest.fixture
def staffed(desk: Desk) -> Callable[[bool], Contract]:
    """Deploys a contract and makes it staff; told whether it accepts tokens."""

    def deploy(accepts: bool) -> Contract:
        contract = desk.chain.deploy(desk.admin, "StaffContract", accepts).contract
        desk.grant("RESOLVER_ROLE", contract.address)
        return contract

    return deploy


@transfers
def test_transfer_changesHandlerOnly(desk: Desk, function: str, data: tuple[bytes, ...]) -> None:
    desk.open_batch([ONE, TWO])

    desk.transfer(desk.resolver, ONE, desk.colleague.address, function, *data)


@transfers
def test_transfer_movesTicketIfSupervisor(
    desk: Desk, function: str, data: tuple[bytes, ...]
) -> None:
    desk.open(ONE)

    desk.transfer(desk.supervisor, ONE, desk.colleague.address, function, *data)


@transfers
def test_transfer_revertsIfReceiverNotStaff(
    desk: Desk, function: str, data: tuple[bytes, ...]
) -> None:
    desk.open(ONE)

    with desk.refuses("NotStaff", account=desk.outsider.address):
        desk.transfer(desk.resolver, ONE, desk.outsider.address, function, *data)


@transfers
def test_transfer_revertsIfReceiverZero(desk: Desk, function: str, data: tuple[bytes, ...]) -> None:
    desk.open(ONE)

    with desk.refuses("NotStaff", account=NOBODY):
        desk.transfer(desk.supervisor, ONE, NOBODY, function, *data)


@transfers
def test_transfer_revertsIfStaffWithoutApproval(
    desk: Desk, function: str, data: tuple[bytes, ...]
) -> None:
    desk.open(ONE)

    with desk.refuses("NotOwnerNorApproved"):
        desk.transfer(desk.colleague, ONE, desk.colleague.address, function, *data)


@transfers
def test_transfer_revertsIfHandlerNoLongerStaff(
    desk: Desk, function: str, data: tuple[bytes, ...]
) -> None:
    desk.open(ONE)
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    with desk.refuses("NotStaff", account=desk.resolver.address):
        desk.transfer(desk.resolver, ONE, desk.colleague.address, function, *data)


@transfers
def test_transfer_revertsIfErased(desk: Desk, function: str, data: tuple[bytes, ...]) -> None:
    desk.bring(ONE, Status.ERASED)

    with desk.refuses("TicketErased", tokenId=ONE.token_id):
        desk.transfer(desk.supervisor, ONE, desk.colleague.address, function, *data)


def test_transferFrom_revertsIfNoTicket(desk: Desk) -> None:
    ends = (desk.resolver.address, desk.colleague.address)

    with desk.refuses("NoSuchTicket", tokenId=ONE.token_id):
        desk.registry.send(desk.supervisor, "transferFrom", *ends, ONE.token_id)


def test_transferFrom_revertsIfFromNotHandler(desk: Desk) -> None:
    desk.open(ONE)
    ends = (desk.colleague.address, desk.supervisor.address)

    with desk.refuses("TransferFromIncorrectOwner"):
        desk.registry.send(desk.supervisor, "transferFrom", *ends, ONE.token_id)


def test_transferFrom_keepsVersionForNextMove(desk: Desk) -> None:
    desk.open(ONE)
    desk.transfer(desk.resolver, ONE, desk.colleague.address)

    desk.act(desk.colleague, ONE, Action.TAKE, version=1)


def test_safeTransferFrom_tellsReceiver(desk: Desk, staffed: Callable[[bool], Contract]) -> None:
    receiver = staffed(True)
    desk.open(ONE)

    desk.transfer(desk.resolver, ONE, receiver.address, SAFE_WITH_DATA, b"why")

    told = [receiver.call(name) for name in ("operator", "from", "tokenId", "data")]
    assert told == [desk.resolver.address, desk.resolver.address, ONE.token_id, b"why"]


def test_safeTransferFrom_revertsIfReceiverRefuses(
    desk: Desk, staffed: Callable[[bool], Contract]
) -> None:
    receiver = staffed(False)
    desk.open(ONE)

    with desk.refuses("TransferToNonERC721ReceiverImplementer"):
        desk.transfer(desk.resolver, ONE, receiver.address, SAFE)


def test_transferFrom_movesTicketIfReceiverWouldRefuse(
    desk: Desk, staffed: Callable[[bool], Contract]
) -> None:
    receiver = staffed(False)
    desk.open(ONE)

    desk.transfer(desk.resolver, ONE, receiver.address)


def test_safeTransferFrom_isOverWhenReceiverReenters(
    desk: Desk, staffed: Callable[[bool], Contract]
) -> None:
    receiver = staffed(True)
    desk.open(ONE)
    note = (ONE.token_id, Action.NOTE, later_digest(ONE.token_id, 2), 1)
    receiver.send(desk.admin, "arm", desk.registry.address, ACT + encode(ACT_TYPES, note))
    ends = (desk.resolver.address, receiver.address)

    mined = desk.registry.send(desk.resolver, SAFE, *ends, ONE.token_id)

    held = desk.tickets[ONE.token_id]
    desk.tickets[ONE.token_id] = held.after(Status.OPEN, note[2], mined.timestamp, ends[1])
    desk.check()


def test_open_callsNobodyIfHandlerIsContract(
    desk: Desk, staffed: Callable[[bool], Contract]
) -> None:
    receiver = staffed(False)

    desk.open(ONE, handler=receiver.address)

    assert receiver.call("received") == 0
