"""Working on tickets: the transition table, the rights, the versions."""

from __future__ import annotations

import pytest

from counterfoil.keys import Signer
from tests.support.ticket_rules import ENDS, PATHS, RIGHTS, STARTS, Action, Right, Status
from tests.support.ticket_samples import later_digest, opening
from tests.support.tickets import Desk

ONE, TWO = opening(1), opening(2)
FULL = 2**16 - 3  # two more are for erasing
OF_HANDLER = [action for action in Action if RIGHTS[action] is Right.HANDLER]
OF_SUPERVISOR = [action for action in Action if RIGHTS[action] is Right.SUPERVISOR]


def start(action: Action) -> Status:
    """One of the states from which the action starts."""
    return min(STARTS[action])


def entitled(desk: Desk, action: Action) -> Signer:
    """Someone with just the right that the action takes."""
    return desk.supervisor if RIGHTS[action] is Right.SUPERVISOR else desk.resolver


@pytest.mark.parametrize("status", Status)
def test_transition_agreesWithTable(desk: Desk, status: Status) -> None:
    for action in Action:
        end = (ENDS[action] or status) if status in STARTS[action] else Status.NONE

        assert tuple(desk.registry.call("transition", action, status)) == (end, RIGHTS[action])


@pytest.mark.parametrize("status", PATHS)
def test_act_followsTableIfSupervisor(desk: Desk, status: Status) -> None:
    desk.bring(ONE, status)
    before = dict(desk.tickets)

    for action in Action:
        if status in STARTS[action]:
            snapshot = desk.chain.request("evm_snapshot")
            desk.act(desk.supervisor, ONE, action)
            desk.chain.request("evm_revert", snapshot)
            desk.tickets = dict(before)
        else:
            refusal = {"tokenId": ONE.token_id, "action": action, "status": status}
            with desk.refuses("ActionNotAllowed", **refusal):
                desk.act(desk.supervisor, ONE, action)


@pytest.mark.parametrize("action", Action)
def test_act_movesTicketIfEntitled(desk: Desk, action: Action) -> None:
    desk.bring(ONE, start(action))

    desk.act(entitled(desk, action), ONE, action)


@pytest.mark.parametrize("action", OF_HANDLER)
def test_act_revertsIfStaffButNotHandler(desk: Desk, action: Action) -> None:
    desk.bring(ONE, start(action))

    refusal = {"actor": desk.colleague.address, "handler": desk.resolver.address}
    with desk.refuses("NotHandler", tokenId=ONE.token_id, **refusal):
        desk.act(desk.colleague, ONE, action)


@pytest.mark.parametrize("action", OF_HANDLER)
def test_act_revertsIfHandlerNoLongerStaff(desk: Desk, action: Action) -> None:
    desk.bring(ONE, start(action))
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    with desk.refuses("NotStaff", account=desk.resolver.address):
        desk.act(desk.resolver, ONE, action)


@pytest.mark.parametrize("action", OF_SUPERVISOR)
def test_act_revertsIfHandlerNotSupervisor(desk: Desk, action: Action) -> None:
    desk.bring(ONE, start(action))

    with desk.needs("SUPERVISOR_ROLE", desk.resolver):
        desk.act(desk.resolver, ONE, action)


@pytest.mark.parametrize("status", [Status.OPEN, Status.REOPENED])
def test_act_changesHandlerIfTakenByColleague(desk: Desk, status: Status) -> None:
    desk.bring(ONE, status)
    desk.open(TWO)

    desk.act(desk.colleague, ONE, Action.TAKE)

    assert desk.registry.call("ownerOf", ONE.token_id) == desk.colleague.address


def test_act_forgetsApprovalIfTaken(desk: Desk) -> None:
    desk.open(ONE)
    desk.registry.send(desk.resolver, "approve", desk.supervisor.address, ONE.token_id)

    desk.act(desk.colleague, ONE, Action.TAKE)

    assert int(desk.registry.call("getApproved", ONE.token_id), 16) == 0


def test_act_revertsIfTakenByOutsider(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("NotStaff", account=desk.outsider.address):
        desk.act(desk.outsider, ONE, Action.TAKE)


def test_act_revertsIfTakenTwice(desk: Desk) -> None:
    desk.open(ONE)
    desk.act(desk.colleague, ONE, Action.TAKE)

    refusal = {"tokenId": ONE.token_id, "expected": 1, "found": 2}
    with desk.refuses("VersionMismatch", **refusal):
        desk.act(desk.resolver, ONE, Action.TAKE, version=1)


@pytest.mark.parametrize("expected", [1, 3, 2**16 + 2])
def test_act_revertsIfVersionMismatch(desk: Desk, expected: int) -> None:
    desk.bring(ONE, Status.IN_PROGRESS)

    refusal = {"tokenId": ONE.token_id, "expected": expected, "found": 2}
    with desk.refuses("VersionMismatch", **refusal):
        desk.act(desk.resolver, ONE, Action.NOTE, version=expected)


def test_act_revertsIfNoTicket(desk: Desk) -> None:
    with desk.refuses("NoSuchTicket", tokenId=ONE.token_id):
        desk.act(desk.resolver, ONE, Action.TAKE)


def test_act_revertsIfDigestZero(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("ZeroDigest", tokenId=ONE.token_id):
        desk.act(desk.resolver, ONE, Action.TAKE, digest=bytes(32))


def test_act_revertsIfDigestUnchanged(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("DigestUnchanged", tokenId=ONE.token_id, digest=ONE.digest):
        desk.act(desk.resolver, ONE, Action.TAKE, digest=ONE.digest)


def test_act_takesEarlierDigest(desk: Desk) -> None:
    desk.bring(ONE, Status.IN_PROGRESS)

    desk.act(desk.resolver, ONE, Action.NOTE, digest=ONE.digest)


@pytest.mark.parametrize("digest", [bytes(32), later_digest(ONE.token_id, 3)])
def test_act_revertsIfErasedWithNewDigest(desk: Desk, digest: bytes) -> None:
    desk.bring(ONE, Status.ERASURE_REQUESTED)

    refusal = {"given": digest, "present": later_digest(ONE.token_id, 2)}
    with desk.refuses("DigestMismatch", tokenId=ONE.token_id, **refusal):
        desk.act(desk.supervisor, ONE, Action.ERASE, digest=digest)


def test_act_keepsDigestIfErased(desk: Desk) -> None:
    desk.bring(ONE, Status.ERASED)

    assert desk.tickets[ONE.token_id].digest == later_digest(ONE.token_id, 2)


def test_act_reachesLastVersion(desk: Desk) -> None:
    desk.open(ONE)
    desk.set_version(ONE, FULL - 1)

    desk.act(desk.resolver, ONE, Action.NOTE)

    assert desk.tickets[ONE.token_id].version == FULL


def test_act_revertsIfVersionsExhausted(desk: Desk) -> None:
    desk.open(ONE)
    desk.set_version(ONE, FULL)

    with desk.refuses("VersionsExhausted", tokenId=ONE.token_id, limit=FULL):
        desk.act(desk.resolver, ONE, Action.NOTE)


def test_act_erasesIfTrailIsFull(desk: Desk) -> None:
    desk.open(ONE)
    desk.set_version(ONE, FULL)

    desk.act(desk.supervisor, ONE, Action.REQUEST_ERASURE)
    desk.act(desk.supervisor, ONE, Action.ERASE)

    assert desk.tickets[ONE.token_id].version == 2**16 - 1


@pytest.mark.parametrize(
    ("status", "action", "limit"),
    [
        (Status.ERASURE_REQUESTED, Action.REOPEN, FULL),
        (Status.OPEN, Action.REQUEST_ERASURE, FULL + 1),
        (Status.ERASURE_REQUESTED, Action.ERASE, FULL + 2),
    ],
)
def test_act_keepsVersionsForErasing(
    desk: Desk, status: Status, action: Action, limit: int
) -> None:
    desk.bring(ONE, status)
    desk.set_version(ONE, limit)

    with desk.refuses("VersionsExhausted", tokenId=ONE.token_id, limit=limit):
        desk.act(desk.supervisor, ONE, action)


def test_act_revertsIfActionUnknown(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("reverted"):
        desk.registry.send(desk.resolver, "act", ONE.token_id, 11, TWO.digest, 1)


def test_act_keepsTimesIfLastOfTheirBits(desk: Desk) -> None:
    last = 2**36 - 1
    desk.chain.request("evm_setNextBlockTimestamp", last - 1)
    desk.open(ONE, desk.proof([ONE], deadline=last))
    desk.chain.request("evm_setNextBlockTimestamp", last)

    desk.act(desk.resolver, ONE, Action.TAKE)

    held = desk.tickets[ONE.token_id]
    assert (held.opened_at, held.updated_at) == (last - 1, last)


def test_act_leavesOtherTicketsAlone(desk: Desk) -> None:
    desk.open_batch([ONE, TWO])

    desk.act(desk.colleague, ONE, Action.TAKE)

    assert desk.tickets[TWO.token_id].version == 1
