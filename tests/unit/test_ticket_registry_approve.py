"""ERC-721 approvals: by staff and for staff only."""

from __future__ import annotations

from tests.support.ticket_rules import NOBODY, Action
from tests.support.ticket_samples import opening
from tests.support.tickets import Desk

ONE = opening(1)


def test_approve_letsColleagueMoveTicket(desk: Desk) -> None:
    desk.open(ONE)

    mined = desk.registry.send(desk.resolver, "approve", desk.colleague.address, ONE.token_id)

    told = {"owner": desk.resolver.address, "account": desk.colleague.address, "id": ONE.token_id}
    assert [(event.name, event.arguments) for event in mined.events] == [("Approval", told)]
    assert desk.registry.call("getApproved", ONE.token_id) == desk.colleague.address
    desk.transfer(desk.colleague, ONE, desk.supervisor.address)
    assert desk.registry.call("getApproved", ONE.token_id) == NOBODY


def test_approve_endsIfTakenBack(desk: Desk) -> None:
    desk.open(ONE)
    desk.registry.send(desk.resolver, "approve", desk.colleague.address, ONE.token_id)

    desk.registry.send(desk.resolver, "approve", NOBODY, ONE.token_id)

    with desk.refuses("NotOwnerNorApproved"):
        desk.transfer(desk.colleague, ONE, desk.supervisor.address)


def test_approve_endsIfColleagueNoLongerStaff(desk: Desk) -> None:
    desk.open(ONE)
    desk.registry.send(desk.resolver, "approve", desk.colleague.address, ONE.token_id)
    desk.revoke("RESOLVER_ROLE", desk.colleague.address)

    with desk.refuses("NotStaff", account=desk.colleague.address):
        desk.transfer(desk.colleague, ONE, desk.supervisor.address)


def test_approve_endsIfHandlerNoLongerStaff(desk: Desk) -> None:
    desk.open(ONE)
    desk.registry.send(desk.resolver, "approve", desk.colleague.address, ONE.token_id)
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    with desk.refuses("NotStaff", account=desk.resolver.address):
        desk.transfer(desk.colleague, ONE, desk.colleague.address)
    desk.transfer(desk.supervisor, ONE, desk.colleague.address)


def test_approve_isTakenBackBySomebodyNoLongerStaff(desk: Desk) -> None:
    desk.open(ONE)
    desk.registry.send(desk.resolver, "approve", desk.colleague.address, ONE.token_id)
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    desk.registry.send(desk.resolver, "approve", NOBODY, ONE.token_id)

    assert desk.registry.call("getApproved", ONE.token_id) == NOBODY


def test_approve_givesNoRightToAct(desk: Desk) -> None:
    desk.open(ONE)
    desk.registry.send(desk.resolver, "approve", desk.colleague.address, ONE.token_id)

    refusal = {"actor": desk.colleague.address, "handler": desk.resolver.address}
    with desk.refuses("NotHandler", tokenId=ONE.token_id, **refusal):
        desk.act(desk.colleague, ONE, Action.REJECT)


def test_approve_revertsIfAccountNotStaff(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("NotStaff", account=desk.outsider.address):
        desk.registry.send(desk.resolver, "approve", desk.outsider.address, ONE.token_id)


def test_approve_revertsIfHandlerNoLongerStaff(desk: Desk) -> None:
    desk.open(ONE)
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    with desk.refuses("NotStaff", account=desk.resolver.address):
        desk.registry.send(desk.resolver, "approve", desk.colleague.address, ONE.token_id)


def test_approve_revertsIfNotHandler(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("NotOwnerNorApproved"):
        desk.registry.send(desk.colleague, "approve", desk.colleague.address, ONE.token_id)


def test_approve_revertsIfNoTicket(desk: Desk) -> None:
    with desk.refuses("TokenDoesNotExist"):
        desk.registry.send(desk.resolver, "approve", desk.colleague.address, ONE.token_id)


def test_setApprovalForAll_letsColleagueMoveTickets(desk: Desk) -> None:
    desk.open(ONE)
    pair = (desk.resolver.address, desk.colleague.address)

    mined = desk.registry.send(desk.resolver, "setApprovalForAll", pair[1], True)

    told = {"owner": pair[0], "operator": pair[1], "isApproved": True}
    assert [(event.name, event.arguments) for event in mined.events] == [("ApprovalForAll", told)]
    assert desk.registry.call("isApprovedForAll", *pair) is True
    desk.transfer(desk.colleague, ONE, desk.colleague.address)


def test_setApprovalForAll_endsIfTakenBack(desk: Desk) -> None:
    desk.open(ONE)
    operator = desk.colleague.address
    desk.registry.send(desk.resolver, "setApprovalForAll", operator, True)
    desk.revoke("RESOLVER_ROLE", operator)

    desk.registry.send(desk.resolver, "setApprovalForAll", operator, False)

    assert desk.registry.call("isApprovedForAll", desk.resolver.address, operator) is False


def test_setApprovalForAll_revertsIfOperatorNotStaff(desk: Desk) -> None:
    with desk.refuses("NotStaff", account=desk.outsider.address):
        desk.registry.send(desk.resolver, "setApprovalForAll", desk.outsider.address, True)


def test_setApprovalForAll_revertsIfHandlerNoLongerStaff(desk: Desk) -> None:
    desk.open(ONE)
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    with desk.refuses("NotStaff", account=desk.resolver.address):
        desk.registry.send(desk.resolver, "setApprovalForAll", desk.colleague.address, True)


def test_setApprovalForAll_endsIfHandlerNoLongerStaff(desk: Desk) -> None:
    desk.open(ONE)
    desk.registry.send(desk.resolver, "setApprovalForAll", desk.colleague.address, True)
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    with desk.refuses("NotStaff", account=desk.resolver.address):
        desk.transfer(desk.colleague, ONE, desk.colleague.address)


def test_setApprovalForAll_endsIfTakenBackByFormerStaff(desk: Desk) -> None:
    pair = (desk.resolver.address, desk.colleague.address)
    desk.registry.send(desk.resolver, "setApprovalForAll", pair[1], True)
    desk.revoke("RESOLVER_ROLE", pair[0])

    desk.registry.send(desk.resolver, "setApprovalForAll", pair[1], False)

    assert desk.registry.call("isApprovedForAll", *pair) is False
