"""From checked queries to minted tickets: seal, note in the journal, keep, attest, mint.

Each step can be done again: what was sealed for a query stands in its journal row before it goes
to IPFS, so that a later run goes on with it or clears it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from counterfoil.errors import BadInput
from counterfoil.ipfs.cid import digest_of
from counterfoil.tickets.attestation import OPEN_ALREADY, Opening
from counterfoil.tickets.casefile import (
    Asked,
    Attachment,
    CaseFile,
    Entry,
    Identity,
    Process,
    Transaction,
)
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import utc_text
from counterfoil.tickets.journal import Key, Taken
from counterfoil.tickets.queries import Query
from counterfoil.tickets.quorum import Attested, ask


@dataclass(frozen=True, slots=True)
class Draft:
    """A query that is to become a ticket, with its journal row."""

    query: Query
    taken: Taken


@dataclass(slots=True)
class Batch:
    """How a batch ended, by token id."""

    sealed: dict[Key, Taken] = field(default_factory=dict)
    """The rows whose blocks are in the store now, minted or not."""
    minted: dict[bytes, Taken] = field(default_factory=dict)
    raced: set[bytes] = field(default_factory=set)
    """Minted by somebody else meanwhile; the registry left the mark."""
    refused: dict[bytes, str] = field(default_factory=dict)
    """The verifiers' reason."""

    def add(self, other: Batch) -> None:
        """Count another batch, of other tickets, in."""
        self.sealed |= other.sealed
        self.minted |= other.minted
        self.raced |= other.raced
        self.refused |= other.refused


def mint(desk: Desk, channel: str, drafts: Sequence[Draft], now: datetime) -> Batch:
    """Mint the tickets of one channel's queries, all different and none on chain yet.

    Raises:
        Unavailable: a part doesn't answer, or no quorum of verifiers does.
    """
    batch = Batch()
    keys = desk.vault.obtain([draft.taken.token_id for draft in drafts])
    ready = _kept(desk, drafts, keys, now, batch)
    batch.sealed |= {one.key: one for one in ready}
    while ready:
        openings = [Opening(one.token_id, one.digest or b"") for one in ready]
        attested = ask(
            desk.verifiers,
            desk.registry,
            openings,
            [keys[one.token_id] for one in ready],
            partial(_has_pinned, desk, openings),
        )
        if not attested.refusals:
            _mint(desk, channel, openings, attested, batch, ready)
            break
        for one in ready:
            reason = attested.refusals.get(one.token_id)
            if reason and reason != OPEN_ALREADY:  # one that is open now is a duplicate
                batch.refused[one.token_id] = reason
                batch.sealed.pop(one.key)
                discard(desk, one)
        ready = [one for one in ready if one.token_id not in attested.refusals]
    return batch


def _has_pinned(desk: Desk, openings: Sequence[Opening], verifier: str) -> None:
    """A verifier that vouches for cases keeps their blocks."""
    desk.mirror.paid(verifier, [one.digest for one in openings], "keep")


def discard(desk: Desk, taken: Taken) -> Taken:
    """Drop what was sealed for a query that got no ticket of its own; its row says so after."""
    for digest in (*taken.blocks, *((taken.digest,) if taken.digest else ())):
        desk.store.delete(digest)
    cleared = replace(taken, digest=None, blocks=())
    desk.journal.write([cleared])
    return cleared


def _mint(
    desk: Desk,
    channel: str,
    openings: Sequence[Opening],
    attested: Attested,
    batch: Batch,
    ready: Sequence[Taken],
) -> None:
    minted = desk.registry.open_batch(
        desk.intake,
        openings,
        handler=desk.staff.address,
        channel=channel,
        deadline=attested.deadline,
        signatures=attested.signatures,
    )
    batch.minted |= {one.token_id: one for one in ready if one.token_id in minted.opened}
    batch.raced |= minted.seen


def _kept(
    desk: Desk, drafts: Sequence[Draft], keys: dict[bytes, bytes], now: datetime, batch: Batch
) -> list[Taken]:
    """The drafts' rows once their blocks are in the store; what an earlier run kept is used."""
    ready: list[Taken] = []
    blocks: list[bytes] = []
    for draft in drafts:
        taken = draft.taken
        if taken.digest and all(map(desk.store.has, (taken.digest, *taken.blocks))):
            ready.append(taken)
            continue
        key = keys[taken.token_id]
        try:
            taken, attachments = _attached(desk, draft, key)
        except BadInput:
            batch.refused[taken.token_id] = "attachment-changed"
            continue
        block = desk.cases.sealed(
            taken.token_id, key, _first_version(desk, draft, attachments, now)
        )
        ready.append(replace(taken, digest=digest_of(block)))
        blocks.append(block)
    desk.journal.write(ready)
    desk.store.put_all(blocks)
    return ready


def _attached(desk: Desk, draft: Draft, key: bytes) -> tuple[Taken, tuple[Attachment, ...]]:
    """The query's files, kept; one at a time, for they may be large."""
    taken = draft.taken
    if taken.digest or taken.blocks:
        taken = discard(desk, taken)
    attachments: list[Attachment] = []
    for upload in draft.query.uploads:
        entry, blocks = desk.cases.sealed_file(taken.token_id, key, upload.name, upload.read())
        attachments.append(entry)
        taken = replace(taken, blocks=taken.blocks + tuple(map(digest_of, blocks)))
        desk.journal.write([taken])
        desk.store.put_all(blocks)
    return taken, tuple(attachments)


def _first_version(
    desk: Desk, draft: Draft, attachments: tuple[Attachment, ...], now: datetime
) -> CaseFile:
    query = draft.query
    opened = Entry(at=utc_text(now), actor=desk.intake.address, action="open", note=query.note)
    return CaseFile(
        identity=Identity(pan=query.composite.card_number, customer=query.customer),
        transaction=Transaction(
            amount=query.composite.amount,
            local_datetime=query.local_datetime,
            serial=query.composite.serial,
            address=query.address,
            merchant_category_code=query.merchant_category_code,
        ),
        process=Process(
            status="open",
            handler=desk.staff.address,
            entries=(opened,),
            priority=query.priority or "normal",
        ),
        channels=(
            Asked(channel=query.channel, channel_ref=query.channel_ref, at=draft.taken.taken_at),
        ),
        attachments=attachments,
    )
