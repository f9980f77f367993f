"""The next version of a ticket's case: one more entry, sealed, and kept if the chain takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from counterfoil.errors import CounterfoilError, Refused, Tampered, Unavailable
from counterfoil.ipfs.cid import digest_of
from counterfoil.tickets.attachments import File
from counterfoil.tickets.casecrypto import new_key, seal
from counterfoil.tickets.casefile import (
    ROOM_TO_END,
    ROOM_TO_ERASE,
    SIZES,
    CaseFile,
    Entry,
    Priority,
    Process,
    Status,
)
from counterfoil.tickets.cases import digests_of
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.drafts import Draft
from counterfoil.tickets.registry import Action
from counterfoil.tickets.standing import Ticket

_ENDING = (Action.RESOLVE, Action.CLOSE, Action.REOPEN, Action.REJECT, Action.WITHDRAW)
_FINISH = "Finish it: `counterfoil ticket erase`."
_SAY_LITTLE = (Action.TAKE.word, "assign")


@dataclass(frozen=True, slots=True)
class Change:
    """What a step makes of a case. ``handler``, ``files`` and ``priority`` are the new ones."""

    entry: Entry
    status: Status
    handler: str
    files: Sequence[File] = ()
    priority: Priority | None = None

    @property
    def asks_to_erase(self) -> bool:
        """Whether it is the step after which the case is only there to be erased."""
        return self.entry.action == Action.REQUEST_ERASURE.word

    @property
    def spare(self) -> int:
        """Bytes that the case has to have free after it, for the steps that come later."""
        if self.asks_to_erase:
            return 0
        says_little = self.entry.note is None and self.entry.action in _SAY_LITTLE
        ends = self.entry.action in [action.word for action in _ENDING]
        return ROOM_TO_ERASE if ends or says_little else ROOM_TO_END

    def without_note(self) -> Change:
        """The same, with nothing said."""
        return replace(self, entry=self.entry.model_copy(update={"note": None}))


def standing_case(desk: Desk, ticket: Ticket) -> CaseFile | None:
    """The ticket's case, None once it is erased; errors as ``Cases.read``."""
    try:
        return desk.cases.read(ticket.token_id, ticket.digest)
    except Refused as error:
        if error.code == "erased":
            return None
        raise


def is_lost(error: CounterfoilError) -> bool:
    """Whether it says that a case can't be read: changed, gone, or its key destroyed; and not that
    something is away."""
    return isinstance(error, Tampered) or error.code in ("block-missing", "erased")


@contextmanager
def next_version(desk: Desk, ticket: Ticket, change: Change, now: datetime) -> Iterator[bytes]:
    """The digest of the case's next version, kept in the store unless the chain refuses it.

    Any other failure leaves blocks and drafts: the chain may have taken the version all the same.
    """
    blocks = _blocks(desk, ticket, change)
    digests = list(map(digest_of, blocks))
    began = int(now.timestamp())
    desk.drafts.enter(
        [Draft(one, digests[-1], ticket.token_id, ticket.version, began) for one in digests]
    )
    desk.store.put_all(blocks)
    try:
        yield digests[-1]
    except Refused:
        for digest in digests:
            desk.store.delete(digest)
        desk.drafts.strike(digests)
        raise
    desk.drafts.strike(digests)


def _blocks(desk: Desk, ticket: Ticket, change: Change) -> list[bytes]:
    """Every new block, the case last. Whoever asks to erase a case needs neither room in it nor the
    case itself: a block of noise stands for a version that can't be made."""
    if not change.asks_to_erase:
        return _sealed(desk, ticket, change)
    for one in (change, change.without_note()):
        try:
            return _sealed(desk, ticket, one)
        except (Refused, Tampered, Unavailable) as error:
            if not is_lost(error) and error.code != "case-too-large":
                raise
    binding = desk.registry.binding(ticket.token_id)
    return [seal(bytes(SIZES[0]), new_key(), binding, "noise/1")]


def _sealed(desk: Desk, ticket: Ticket, change: Change) -> list[bytes]:
    case = standing_case(desk, ticket)
    if case is None:
        raise Refused("the case is erased", fix=_FINISH, code="erased")
    if ticket.status == "erasure-requested" and change.status != ticket.status:
        _keep_files(desk, case)
    key = desk.vault.key_of(ticket.token_id)
    attachments, blocks = desk.cases.sealed_files(ticket.token_id, key, change.files)
    process = Process(
        status=change.status,
        handler=change.handler,
        entries=(*case.process.entries, change.entry),
        priority=change.priority or case.process.priority,
    )
    following = case.model_copy(
        update={
            "process": process,
            "previous": "0x" + ticket.digest.hex(),
            "attachments": (*case.attachments, *attachments),
        }
    )
    return [*blocks, desk.cases.sealed(ticket.token_id, key, following, change.spare)]


def _keep_files(desk: Desk, case: CaseFile) -> None:
    """Have the files of a case stay whose erasure is called off.

    Raises:
        Refused: some are gone already (``erasure-began``).
    """
    blocks = digests_of(case.attachments)
    if "missing" in desk.store.look_all(blocks).values():
        raise Refused(
            "its erasure has begun: attached files are gone already",
            fix=_FINISH,
            code="erasure-began",
        )
    desk.mirror.owe(blocks, "keep")
    desk.store.pin_all(blocks)
