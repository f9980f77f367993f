"""Roles, their admin, and pausing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from counterfoil.keys import Signer
from tests.support.ticket_rules import Action
from tests.support.ticket_samples import ADMIN, opening, person, role
from tests.support.tickets import HOUR, Desk

ONE, TWO = opening(1), opening(2)
ROLES = ["INTAKE_ROLE", "RESOLVER_ROLE", "SUPERVISOR_ROLE", "VERIFIER_ROLE", "PAUSER_ROLE"]
WRITES: dict[str, Callable[[Desk], object]] = {
    "open": lambda desk: desk.open(TWO),
    "openBatch": lambda desk: desk.open_batch([TWO]),
    "seenAgain": lambda desk: desk.seen_again([ONE]),
    "act": lambda desk: desk.act(desk.resolver, ONE, Action.TAKE),
    "assign": lambda desk: desk.assign(desk.resolver, ONE, desk.colleague.address),
    "transferFrom": lambda desk: desk.transfer(desk.resolver, ONE, desk.colleague.address),
    "safeTransferFrom": lambda desk: desk.transfer(
        desk.resolver,
        ONE,
        desk.colleague.address,
        "safeTransferFrom(address,address,uint256)",
    ),
}


def funded(desk: Desk, name: str) -> Signer:
    """Someone new, who can pay for gas."""
    someone = person(name)
    desk.chain.request("anvil_setBalance", someone.address, hex(10**21))
    return someone


@pytest.mark.parametrize("name", ROLES)
def test_roles_areNamedAndAdminsToGive(desk: Desk, name: str) -> None:
    assert desk.registry.call(name) == role(name)
    assert desk.registry.call("getRoleAdmin", role(name)) == role(ADMIN)


@pytest.mark.parametrize("name", ROLES)
def test_grantRole_revertsIfCallerNotAdmin(desk: Desk, name: str) -> None:
    with desk.needs(ADMIN, desk.supervisor):
        desk.registry.send(desk.supervisor, "grantRole", role(name), desk.outsider.address)


def test_revokeRole_revertsIfCallerNotAdmin(desk: Desk) -> None:
    resolver = desk.resolver.address

    with desk.needs(ADMIN, desk.supervisor):
        desk.registry.send(desk.supervisor, "revokeRole", role("RESOLVER_ROLE"), resolver)


def test_renounceRole_endsBeingStaff(desk: Desk) -> None:
    resolver = desk.resolver.address

    desk.registry.send(desk.resolver, "renounceRole", role("RESOLVER_ROLE"), resolver)

    with desk.refuses("NotStaff", account=resolver):
        desk.open(ONE)


@pytest.mark.parametrize("lost", ["RESOLVER_ROLE", "SUPERVISOR_ROLE"])
def test_revokeRole_leavesStaffIfOtherRoleRemains(desk: Desk, lost: str) -> None:
    both = desk.colleague.address
    desk.grant("SUPERVISOR_ROLE", both)
    desk.open(TWO, handler=both)

    desk.revoke(lost, both)

    desk.open(ONE, handler=both)


def test_revokeRole_endsSupervising(desk: Desk) -> None:
    desk.grant("RESOLVER_ROLE", desk.supervisor.address)
    desk.open(ONE)

    desk.revoke("SUPERVISOR_ROLE", desk.supervisor.address)

    refusal = {"actor": desk.supervisor.address, "handler": desk.resolver.address}
    with desk.refuses("NotHandler", tokenId=ONE.token_id, **refusal):
        desk.act(desk.supervisor, ONE, Action.REJECT)


def test_admin_changesAfterDelay(desk: Desk) -> None:
    heir = funded(desk, "heir")
    begun = desk.registry.send(desk.admin, "beginDefaultAdminTransfer", heir.address)
    desk.chain.request("evm_setNextBlockTimestamp", begun.timestamp + HOUR + 1)
    desk.chain.request("evm_mine")

    desk.registry.send(heir, "acceptDefaultAdminTransfer")

    assert desk.registry.call("defaultAdmin") == heir.address
    with desk.needs(ADMIN, desk.admin):
        desk.registry.send(desk.admin, "setQuorum", 0)


def test_admin_staysIfDelayNotOver(desk: Desk) -> None:
    heir = funded(desk, "heir")
    begun = desk.registry.send(desk.admin, "beginDefaultAdminTransfer", heir.address)
    desk.chain.request("evm_setNextBlockTimestamp", begun.timestamp + HOUR)
    desk.chain.request("evm_mine")
    desk.chain.request("evm_setNextBlockTimestamp", begun.timestamp + HOUR)

    with desk.refuses("AccessControlEnforcedDefaultAdminDelay", schedule=begun.timestamp + HOUR):
        desk.registry.send(heir, "acceptDefaultAdminTransfer")

    assert desk.registry.call("defaultAdmin") == desk.admin.address


@pytest.mark.parametrize("write", WRITES)
def test_pause_stops(desk: Desk, write: str) -> None:
    desk.open(ONE)
    mined = desk.registry.send(desk.pauser, "pause")

    assert [(event.name, event.arguments) for event in mined.events] == [
        ("Paused", {"account": desk.pauser.address})
    ]
    with desk.refuses("EnforcedPause"):
        WRITES[write](desk)


@pytest.mark.parametrize("write", WRITES)
def test_unpause_letsGoOn(desk: Desk, write: str) -> None:
    desk.open(ONE)
    desk.registry.send(desk.pauser, "pause")

    desk.registry.send(desk.pauser, "unpause")

    WRITES[write](desk)


def test_pause_leavesReadsAndQuorum(desk: Desk) -> None:
    desk.open(ONE)
    desk.registry.send(desk.pauser, "pause")

    desk.check()
    assert desk.registry.call("tokenURI", ONE.token_id)
    assert desk.registry.call("paused") is True
    assert desk.registry.call("quorum") == 2


@pytest.mark.parametrize("function", ["pause", "unpause"])
def test_pause_revertsIfCallerNotPauser(desk: Desk, function: str) -> None:
    if function == "unpause":
        desk.registry.send(desk.pauser, "pause")

    with desk.needs("PAUSER_ROLE", desk.admin):
        desk.registry.send(desk.admin, function)
