"""Who may do what to which ticket, written down a second time: what the registry refuses, and why.

Each method gives the error and its values, or None for what goes through; the checks stand in the
order that ITicketRegistry publishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.ticket_rules import (
    ENDS,
    RIGHTS,
    STARTS,
    Action,
    Opening,
    Right,
    Status,
    Ticket,
)
from tests.support.ticket_samples import role

Refusal = tuple[str, dict[str, Any]]


@dataclass(slots=True)
class Oracle:
    """Roles, switches and tickets as they are now. Accounts are addresses."""

    holders: dict[str, set[str]]
    quorum: int
    tickets: dict[int, Ticket]
    paused: bool = False
    staff_roles: tuple[str, ...] = field(default=("RESOLVER_ROLE", "SUPERVISOR_ROLE"))

    def is_staff(self, account: str) -> bool:
        """Whether the account is resolver or supervisor."""
        return any(account in self.holders[name] for name in self.staff_roles)

    def needs(self, role_name: str, account: str) -> Refusal | None:
        """What an account without this role is told."""
        if account in self.holders[role_name]:
            return None
        told = {"account": account, "neededRole": role(role_name)}
        return "AccessControlUnauthorizedAccount", told

    def open_batch(
        self, actor: str, openings: Sequence[Opening], handler: str, signers: Sequence[str]
    ) -> Refusal | None:
        """Minting with these signatures, all of them over the batch."""
        return (
            self._stopped()
            or self.needs("INTAKE_ROLE", actor)
            or (None if openings else ("EmptyBatch", {}))
            or self._staff(handler)
            or self._attested(signers)
        )

    def seen_again(self, actor: str, openings: Sequence[Opening]) -> Refusal | None:
        """A mark for each of these."""
        missing = [self._missing(one) for one in openings]
        return (
            self._stopped()
            or self.needs("INTAKE_ROLE", actor)
            or next((one for one in missing if one), None)
        )

    def act(
        self, actor: str, one: Opening, action: Action, digest: bytes, version: int
    ) -> Refusal | None:
        """One step on one ticket."""
        held = self.tickets.get(one.token_id, Ticket())
        not_from_there = {"tokenId": one.token_id, "action": action, "status": held.status}
        return (
            self._stopped()
            or self._missing(one)
            or self._entitled(RIGHTS[action], actor, one, held)
            or _version(one, held, version)
            or (None if held.status in STARTS[action] else ("ActionNotAllowed", not_from_there))
            or _digest(one, held, digest, keeps=ENDS[action] is Status.ERASED)
        )

    def assign(
        self, actor: str, one: Opening, to: str, digest: bytes, version: int
    ) -> Refusal | None:
        """Another handler."""
        held = self.tickets.get(one.token_id, Ticket())
        already = ("AlreadyHandler", {"tokenId": one.token_id, "handler": to})
        return (
            self._stopped()
            or self._missing(one)
            or self._entitled(Right.HANDLER, actor, one, held)
            or self._staff(to)
            or (already if to == held.handler else None)
            or _version(one, held, version)
            or _erased(one, held)
            or _digest(one, held, digest, keeps=False)
        )

    def transfer(self, actor: str, one: Opening, to: str) -> Refusal | None:
        """A bare transfer from the present handler, of whom nobody has an approval."""
        held = self.tickets[one.token_id]
        owns = actor == held.handler or actor in self.holders["SUPERVISOR_ROLE"]
        return (
            self._stopped()
            or self._staff(actor)
            or (None if actor in self.holders["SUPERVISOR_ROLE"] else self._staff(held.handler))
            or self._staff(to)
            or _erased(one, held)
            or (None if owns else ("NotOwnerNorApproved", {}))
        )

    def pause(self, actor: str, *, on: bool) -> Refusal | None:
        """Stopping, or going on."""
        same = ("EnforcedPause" if on else "ExpectedPause", {})
        return self.needs("PAUSER_ROLE", actor) or (same if self.paused == on else None)

    def _stopped(self) -> Refusal | None:
        return ("EnforcedPause", {}) if self.paused else None

    def _staff(self, account: str) -> Refusal | None:
        return None if self.is_staff(account) else ("NotStaff", {"account": account})

    def _missing(self, one: Opening) -> Refusal | None:
        gone = one.token_id not in self.tickets
        return ("NoSuchTicket", {"tokenId": one.token_id}) if gone else None

    def _entitled(self, right: Right, actor: str, one: Opening, held: Ticket) -> Refusal | None:
        if actor in self.holders["SUPERVISOR_ROLE"]:
            return None
        if right is Right.SUPERVISOR:
            return self.needs("SUPERVISOR_ROLE", actor)
        if right is Right.HANDLER and actor != held.handler:
            told = {"tokenId": one.token_id, "actor": actor, "handler": held.handler}
            return "NotHandler", told
        return self._staff(actor)

    def _attested(self, signers: Sequence[str]) -> Refusal | None:
        if len(signers) < self.quorum:
            told = {"signatures": len(signers), "quorum": self.quorum}
            return "QuorumNotReached", told
        previous = "0x" + "00" * 20
        for signer in signers:
            if int(signer, 16) <= int(previous, 16):
                return "SignersNotAscending", {"previous": previous, "signer": signer}
            if signer not in self.holders["VERIFIER_ROLE"]:
                return "NotVerifier", {"signer": signer}
            previous = signer
        return None


def _version(one: Opening, held: Ticket, version: int) -> Refusal | None:
    if version == held.version:
        return None
    told = {"tokenId": one.token_id, "expected": version, "found": held.version}
    return "VersionMismatch", told


def _erased(one: Opening, held: Ticket) -> Refusal | None:
    gone = held.status == Status.ERASED
    return ("TicketErased", {"tokenId": one.token_id}) if gone else None


def _digest(one: Opening, held: Ticket, digest: bytes, *, keeps: bool) -> Refusal | None:
    if keeps:
        told = {"tokenId": one.token_id, "given": digest, "present": held.digest}
        return None if digest == held.digest else ("DigestMismatch", told)
    if digest == bytes(32):
        return "ZeroDigest", {"tokenId": one.token_id}
    if digest == held.digest:
        return "DigestUnchanged", {"tokenId": one.token_id, "digest": digest}
    return None
