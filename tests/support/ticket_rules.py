"""The lifecycle of a ticket, written down a second time to hold the contract's table against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

NOBODY = "0x" + "00" * 20


class Status(IntEnum):
    """Numbered as in ITicketRegistry."""

    NONE = 0
    OPEN = 1
    IN_PROGRESS = 2
    PENDING_CUSTOMER = 3
    RESOLVED = 4
    CLOSED = 5
    REOPENED = 6
    REJECTED = 7
    WITHDRAWN = 8
    ERASURE_REQUESTED = 9
    ERASED = 10


class Action(IntEnum):
    """Numbered as in ITicketRegistry."""

    TAKE = 0
    NOTE = 1
    ASK = 2
    REPLY = 3
    RESOLVE = 4
    CLOSE = 5
    REOPEN = 6
    REJECT = 7
    WITHDRAW = 8
    REQUEST_ERASURE = 9
    ERASE = 10


class Right(IntEnum):
    """Numbered as in ITicketRegistry."""

    STAFF = 0
    HANDLER = 1
    SUPERVISOR = 2


_LIVE = {Status.OPEN, Status.REOPENED, Status.IN_PROGRESS, Status.PENDING_CUSTOMER}
_ENDED = {Status.RESOLVED, Status.CLOSED, Status.REJECTED, Status.WITHDRAWN}

STARTS = {
    Action.TAKE: {Status.OPEN, Status.REOPENED},
    Action.NOTE: _LIVE | {Status.RESOLVED},
    Action.ASK: {Status.IN_PROGRESS},
    Action.REPLY: {Status.PENDING_CUSTOMER},
    Action.RESOLVE: {Status.IN_PROGRESS, Status.PENDING_CUSTOMER},
    Action.CLOSE: {Status.RESOLVED},
    Action.REOPEN: _ENDED | {Status.ERASURE_REQUESTED},
    Action.REJECT: _LIVE,
    Action.WITHDRAW: _LIVE,
    Action.REQUEST_ERASURE: _LIVE | _ENDED,
    Action.ERASE: {Status.ERASURE_REQUESTED},
}

ENDS: dict[Action, Status | None] = {  # None: where it was
    Action.TAKE: Status.IN_PROGRESS,
    Action.NOTE: None,
    Action.ASK: Status.PENDING_CUSTOMER,
    Action.REPLY: Status.IN_PROGRESS,
    Action.RESOLVE: Status.RESOLVED,
    Action.CLOSE: Status.CLOSED,
    Action.REOPEN: Status.REOPENED,
    Action.REJECT: Status.REJECTED,
    Action.WITHDRAW: Status.WITHDRAWN,
    Action.REQUEST_ERASURE: Status.ERASURE_REQUESTED,
    Action.ERASE: Status.ERASED,
}

RIGHTS = dict.fromkeys(Action, Right.HANDLER) | {
    Action.TAKE: Right.STAFF,
    Action.REOPEN: Right.SUPERVISOR,
    Action.REQUEST_ERASURE: Right.SUPERVISOR,
    Action.ERASE: Right.SUPERVISOR,
}

# The shortest way from a new ticket to each status.
PATHS: dict[Status, tuple[Action, ...]] = {
    Status.OPEN: (),
    Status.IN_PROGRESS: (Action.TAKE,),
    Status.PENDING_CUSTOMER: (Action.TAKE, Action.ASK),
    Status.RESOLVED: (Action.TAKE, Action.RESOLVE),
    Status.CLOSED: (Action.TAKE, Action.RESOLVE, Action.CLOSE),
    Status.REOPENED: (Action.REJECT, Action.REOPEN),
    Status.REJECTED: (Action.REJECT,),
    Status.WITHDRAWN: (Action.WITHDRAW,),
    Status.ERASURE_REQUESTED: (Action.REQUEST_ERASURE,),
    Status.ERASED: (Action.REQUEST_ERASURE, Action.ERASE),
}


@dataclass(frozen=True, slots=True)
class Opening:
    """A query to mint: its fingerprint and the digest of its first case file."""

    token_id: int
    digest: bytes

    @property
    def row(self) -> tuple[int, bytes]:
        """As the registry takes it."""
        return (self.token_id, self.digest)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the registry holds of a ticket, in the order of its struct; times in seconds."""

    handler: str = NOBODY
    status: int = Status.NONE
    version: int = 0
    opened_at: int = 0
    updated_at: int = 0
    digest: bytes = bytes(32)

    def after(self, status: int, digest: bytes, time: int, handler: str) -> Ticket:
        """One version on."""
        return replace(
            self,
            handler=handler,
            status=status,
            version=self.version + 1,
            updated_at=time,
            digest=digest,
        )
