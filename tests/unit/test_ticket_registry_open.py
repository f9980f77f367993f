"""Minting tickets: one, a batch, and queries that come again."""

from __future__ import annotations

from tests.support.ticket_events import APP
from tests.support.ticket_rules import Opening, Status
from tests.support.ticket_samples import opening
from tests.support.tickets import Desk

ONE, TWO, THREE = (opening(number) for number in (1, 2, 3))
LIMIT = 256
INTAKE = "INTAKE_ROLE"


def test_open_mintsTicket(desk: Desk) -> None:
    desk.open(ONE)

    assert desk.registry.call("ownerOf", ONE.token_id) == desk.resolver.address


def test_open_mintsTicketIfHandlerIsSupervisor(desk: Desk) -> None:
    desk.open(ONE, handler=desk.supervisor.address)


def test_open_mintsTicketIfAnotherIsThere(desk: Desk) -> None:
    desk.open(ONE)
    desk.open(TWO)


def test_open_keepsTimeIfLastOfItsBits(desk: Desk) -> None:
    last = 2**36 - 1
    proof = desk.proof([ONE], deadline=last)
    desk.chain.request("evm_setNextBlockTimestamp", last)

    desk.open(ONE, proof)

    assert desk.tickets[ONE.token_id].opened_at == last


def test_open_revertsIfDuplicate(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("DuplicateTicket", tokenId=ONE.token_id):
        desk.open(ONE)


def test_open_revertsIfDuplicateWithOtherDigest(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("DuplicateTicket", tokenId=ONE.token_id):
        desk.open(Opening(ONE.token_id, TWO.digest))


def test_open_revertsIfErased(desk: Desk) -> None:
    desk.bring(ONE, Status.ERASED)

    with desk.refuses("DuplicateTicket", tokenId=ONE.token_id):
        desk.open(ONE)


def test_open_revertsIfDigestZero(desk: Desk) -> None:
    with desk.refuses("ZeroDigest", tokenId=ONE.token_id):
        desk.open(Opening(ONE.token_id, bytes(32)))


def test_open_revertsIfHandlerNotStaff(desk: Desk) -> None:
    with desk.refuses("NotStaff", account=desk.intake.address):
        desk.open(ONE, handler=desk.intake.address)


def test_open_revertsIfHandlerNoLongerStaff(desk: Desk) -> None:
    desk.revoke("RESOLVER_ROLE", desk.resolver.address)

    with desk.refuses("NotStaff", account=desk.resolver.address):
        desk.open(ONE)


def test_open_revertsIfCallerNotIntake(desk: Desk) -> None:
    with desk.needs(INTAKE, desk.supervisor):
        desk.open(ONE, by=desk.supervisor)


def test_openBatch_mintsTickets(desk: Desk) -> None:
    desk.open_batch([ONE, TWO, THREE])


def test_openBatch_mintsTicketIfAlone(desk: Desk) -> None:
    desk.open_batch([ONE])


def test_openBatch_skipsTicketIfOpenBefore(desk: Desk) -> None:
    desk.open(TWO)

    desk.open_batch([ONE, TWO, THREE])


def test_openBatch_skipsTicketIfTwiceInBatch(desk: Desk) -> None:
    desk.open_batch([ONE, TWO, ONE, Opening(TWO.token_id, THREE.digest)])


def test_openBatch_mintsNothingIfAllSeen(desk: Desk) -> None:
    desk.open_batch([ONE, TWO])
    desk.open_batch([TWO, ONE])


def test_openBatch_mintsTicketsIfAtLimit(desk: Desk) -> None:
    desk.open_batch([opening(number) for number in range(LIMIT)])


def test_openBatch_revertsIfOverLimit(desk: Desk) -> None:
    assert desk.registry.call("MAX_BATCH") == LIMIT

    with desk.refuses("BatchTooLarge", size=LIMIT + 1, limit=LIMIT):
        desk.open_batch([opening(number) for number in range(LIMIT + 1)])


def test_openBatch_revertsIfEmpty(desk: Desk) -> None:
    with desk.refuses("EmptyBatch"):
        desk.open_batch([])


def test_openBatch_revertsIfDigestZero(desk: Desk) -> None:
    with desk.refuses("ZeroDigest", tokenId=TWO.token_id):
        desk.open_batch([ONE, Opening(TWO.token_id, bytes(32))])


def test_openBatch_revertsIfHandlerNotStaff(desk: Desk) -> None:
    with desk.refuses("NotStaff", account=desk.outsider.address):
        desk.open_batch([ONE], handler=desk.outsider.address)


def test_openBatch_revertsIfCallerNotIntake(desk: Desk) -> None:
    with desk.needs(INTAKE, desk.resolver):
        desk.open_batch([ONE], by=desk.resolver)


def test_seenAgain_leavesTraceOfEach(desk: Desk) -> None:
    desk.open_batch([ONE, TWO])

    desk.seen_again([TWO, ONE, TWO])

    assert len(desk.registry.events("SeenAgain", tokenId=TWO.token_id, channel=APP)) == 2


def test_seenAgain_revertsIfNoTicket(desk: Desk) -> None:
    desk.open(ONE)

    with desk.refuses("NoSuchTicket", tokenId=TWO.token_id):
        desk.seen_again([ONE, TWO])


def test_seenAgain_revertsIfCallerNotIntake(desk: Desk) -> None:
    desk.open(ONE)

    with desk.needs(INTAKE, desk.resolver):
        desk.seen_again([ONE], by=desk.resolver)
