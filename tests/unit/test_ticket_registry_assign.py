"""Giving a ticket to another member of staff."""

from __future__ import annotations

import pytest

from tests.support.ticket_rules import PATHS, Status
from tests.support.ticket_samples import opening
from tests.support.tickets import Desk

ONE = opening(1)


@pytest.mark.parametrize("status", [status for status in PATHS if status is not Status.ERASED])
def test_assign_givesTicket(desk: Desk, status: Status) -> None:
    desk.bring(ONE, status)

    desk.assign(desk.resolver, ONE, desk.colleague.address)


def test_assign_givesTicketIfSupervisor(desk: Desk) -> None:
    desk.open(ONE)

    desk.assign(desk.supervisor, ONE, desk.colleague.address)


def test_assign_givesTicketIfHandlerGone(desk: Desk) -> None:
    desk.open(ONE)
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    desk.assign(desk.supervisor, ONE, desk.supervisor.address)


def test_assign_revertsIfErased(desk: Desk) -> None:
    desk.bring(ONE, Status.ERASED)

    with desk.refuses("TicketErased", tokenId=ONE.token_id):
        desk.assign(desk.supervisor, ONE, desk.colleague.address)


def test_assign_revertsIfNoTicket(desk: Desk) -> None:
    with desk.refuses("NoSuchTicket", tokenId=ONE.token_id):
        desk.assign(desk.supervisor, ONE, desk.colleague.address)


def test_assign_revertsIfReceiverNotStaff(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("NotStaff", account=desk.outsider.address):
        desk.assign(desk.resolver, ONE, desk.outsider.address)


def test_assign_revertsIfStaffButNotHandler(desk: Desk) -> None:
    desk.open(ONE)

    refusal = {"actor": desk.colleague.address, "handler": desk.resolver.address}
    with desk.refuses("NotHandler", tokenId=ONE.token_id, **refusal):
        desk.assign(desk.colleague, ONE, desk.colleague.address)


def test_assign_revertsIfHandlerNoLongerStaff(desk: Desk) -> None:
    desk.open(ONE)
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    with desk.refuses("NotStaff", account=desk.resolver.address):
        desk.assign(desk.resolver, ONE, desk.colleague.address)


def test_assign_revertsIfTheirsAlready(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("AlreadyHandler", tokenId=ONE.token_id, handler=desk.resolver.address):
        desk.assign(desk.resolver, ONE, desk.resolver.address)


@pytest.mark.parametrize("expected", [0, 2])
def test_assign_revertsIfVersionMismatch(desk: Desk, expected: int) -> None:
    desk.open(ONE)

    with desk.refuses("VersionMismatch", tokenId=ONE.token_id, expected=expected, found=1):
        desk.assign(desk.resolver, ONE, desk.colleague.address, version=expected)


def test_assign_revertsIfVersionsExhausted(desk: Desk) -> None:
    desk.open(ONE)
    desk.set_version(ONE, 2**16 - 3)

    with desk.refuses("VersionsExhausted", tokenId=ONE.token_id, limit=2**16 - 3):
        desk.assign(desk.resolver, ONE, desk.colleague.address)


def test_assign_revertsIfDigestZero(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("ZeroDigest", tokenId=ONE.token_id):
        desk.assign(desk.resolver, ONE, desk.colleague.address, digest=bytes(32))


def test_assign_revertsIfDigestUnchanged(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("DigestUnchanged", tokenId=ONE.token_id, digest=ONE.digest):
        desk.assign(desk.resolver, ONE, desk.colleague.address, digest=ONE.digest)
