"""Whether every block is where it has to be: on the desk's own node and on every verifier's.

That is each version of every case and each attachment, pinned and sound; of an erased case nothing
at all, and nothing that a step which was cut off left behind. Repairing fetches from another node
what one has lost or damaged, and drops what shouldn't be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from counterfoil.errors import CounterfoilError, Refused, Tampered, Unavailable
from counterfoil.ipfs.store import BlockState
from counterfoil.tickets.attestation import Order
from counterfoil.tickets.cases import digests_of
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.leftovers import cut_off, left_over, never_minted
from counterfoil.tickets.minting import discard
from counterfoil.tickets.standing import Ticket

DESK = "desk"
_PAGE = 200
State = Literal[
    "unpinned", "missing", "corrupt", "not-erased", "left-over", "unreadable", "unreachable"
]
Ask = Callable[[Order, Sequence[bytes]], Mapping[bytes, BlockState]]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is amiss.

    ``unreadable`` is a case whose attachments can't be told, ``unreachable`` a verifier that
    doesn't answer; the latter has no ticket, and neither has a block.
    """

    node: str
    state: State
    token_id: bytes | None = None
    digest: bytes | None = None
    repaired: bool = False


def examine(desk: Desk, now: datetime, *, repair: bool = False) -> Iterator[Finding]:
    """What is amiss with the blocks of every ticket, node by node: versions, then attachments, then
    leftovers.

    Args:
        now: an aware time.
        repair: put right what can be put right.

    Raises:
        Unavailable: chain or the desk's own node don't answer.
    """
    drafts, rows = desk.drafts.everything(), cut_off(desk, now)
    kept, gone, standing = _versions(desk)
    silent: set[str] = set()
    amiss: set[bytes | None] = set()
    cases = (_Lot(kept, "kept"), _Lot(gone, "missing", "not-erased"))
    for finding in _everywhere(desk, cases, silent, repair=repair):
        amiss.add(finding.token_id)
        yield finding
    attached: dict[bytes, bytes] = {}
    here = desk.store.look_all([ticket.digest for ticket in standing])
    for ticket in standing:
        digests = _attachments(desk, ticket, here[ticket.digest])
        if digests is not None:
            attached |= dict.fromkeys(digests, ticket.token_id)
        elif ticket.token_id not in amiss:
            yield Finding(DESK, "unreadable", ticket.token_id)
    yield from _everywhere(desk, [_Lot(attached, "kept")], silent, repair=repair)
    over = left_over(desk, drafts, {one.token_id: one.version for one in standing}, now)
    rows = never_minted(desk, rows, set_aside=repair)
    left = over | {digest: one.token_id for one in rows for digest in one.kept}
    if repair:
        desk.mirror.owe(left, "drop")
    yield from _everywhere(desk, [_Lot(left, "missing", "left-over")], silent, repair=repair)
    if repair:
        for one in rows:
            discard(desk, one)
        desk.drafts.strike(over)
        desk.share(patience=None)


def _versions(desk: Desk) -> tuple[dict[bytes, bytes], dict[bytes, bytes], list[Ticket]]:
    """Case blocks that have to be there and those that may not, each with its ticket; and the
    tickets that aren't erased."""
    versions = desk.registry.versions()
    token_ids = list(dict.fromkeys(token_id for token_id, _ in versions))
    standing: list[Ticket] = []
    for start in range(0, len(token_ids), _PAGE):
        page = desk.registry.tickets(token_ids[start : start + _PAGE])
        standing += [ticket for ticket in page if ticket and ticket.status != "erased"]
    alive = {ticket.token_id for ticket in standing}
    kept = {digest: token_id for token_id, digest in versions if token_id in alive}
    gone = {digest: token_id for token_id, digest in versions if token_id not in alive}
    return kept, gone, standing


def _attachments(desk: Desk, ticket: Ticket, state: BlockState) -> list[bytes] | None:
    """Digests of a case's attachments; None if the case can't be read here and now."""
    if state in ("missing", "corrupt"):
        return None
    try:
        return digests_of(desk.cases.read(ticket.token_id, ticket.digest).attachments)
    except (Tampered, Refused):
        return None


@dataclass(frozen=True, slots=True)
class _Lot:
    """Blocks, each with its ticket, and how every node should have them; ``otherwise`` is what they
    are called where one has them and shouldn't."""

    blocks: Mapping[bytes, bytes]
    wanted: Literal["kept", "missing"]
    otherwise: State = "unreadable"


def _everywhere(
    desk: Desk, lots: Sequence[_Lot], silent: set[str], *, repair: bool
) -> Iterator[Finding]:
    """What is amiss on each node that answers; one that doesn't joins the ``silent``."""
    nodes: dict[str, Ask] = {DESK: _Own(desk).blocks}
    nodes |= {one.name: one.blocks for one in desk.verifiers if one.name not in silent}
    for name, ask in nodes.items():
        try:
            for lot in lots:
                yield from _on(name, ask, lot, repair=repair)
        except CounterfoilError:
            if name == DESK:
                raise
            silent.add(name)
            yield Finding(name, "unreachable")


def _on(name: str, ask: Ask, lot: _Lot, *, repair: bool) -> Iterator[Finding]:
    """What one node has otherwise than it is wanted."""
    order: Order = "keep" if lot.wanted == "kept" else "drop"
    digests = list(lot.blocks)
    for start in range(0, len(digests), _PAGE):
        page = digests[start : start + _PAGE]
        states = ask("look", page)
        amiss = [digest for digest in page if states.get(digest) != lot.wanted]
        after = ask(order, amiss) if repair and amiss else {}
        for digest in amiss:
            found = states.get(digest, "missing")
            state: State = lot.otherwise if lot.wanted == "missing" or found == "kept" else found
            yield Finding(name, state, lot.blocks[digest], digest, after.get(digest) == lot.wanted)


@dataclass(frozen=True, slots=True)
class _Own:
    """The desk's own node, asked as a verifier's is."""

    desk: Desk

    def blocks(self, order: Order, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        if order == "look":
            return self.desk.store.look_all(digests)
        return {digest: self._one(order, digest) for digest in digests}

    def _one(self, order: Order, digest: bytes) -> BlockState:
        store = self.desk.store
        if order == "drop":
            store.own.delete(digest)
        elif store.look(digest) == "unpinned":
            store.pin(digest)
        else:
            try:
                store.mend(digest)
            except Unavailable as error:
                if error.code != "block-missing":
                    raise
        return store.look(digest)
