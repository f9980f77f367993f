"""From checked queries to minted tickets: seal, note in the journal, keep, attest, mint.

Each step can be done again: what was sealed for a query stands in its journal row before it goes
to IPFS, so that a later run goes on with it or clears it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from counterfoil.errors import BadInput, Refused
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
from counterfoil.tickets.fingerprint import Problem, utc_text
from counterfoil.tickets.journal import Key, Taken
from counterfoil.tickets.queries import Query
from counterfoil.tickets.queryrow import problem_at
from counterfoil.tickets.quorum import Attested, ask


@dataclass(frozen=True, slots=True)
class Draft:
    """A query that is to become a ticket, with its journal row."""

    query: Query
    taken: Taken


@dataclass(slots=True)
class Batch:
    """Queries of one channel on their way to tickets, all different; what came of them, by id."""

    channel: str
    drafts: Sequence[Draft] = ()
    keys: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    ready: list[Taken] = field(default_factory=list)
    """Those to be minted: their blocks are in the store, and nobody refuses them."""
    sealed: dict[Key, Taken] = field(default_factory=dict)
    """The rows whose blocks are in the store now, minted or not."""
    attested: Attested | None = None
    minted: dict[bytes, Taken] = field(default_factory=dict)
    raced: set[bytes] = field(default_factory=set)
    """Minted by somebody else meanwhile; the registry left the mark."""
    refused: dict[bytes, Problem] = field(default_factory=dict)
    """What the verifiers say against it."""
    unfit: dict[Key, Problem] = field(default_factory=dict)
    """Rows that no case can be made of."""


def keep(desk: Desk, batch: Batch, now: datetime) -> Batch:
    """The first step: cases sealed, noted in the journal and put into the store.

    Args:
        desk: the intake desk.
        batch: its drafts are of different tickets, none of which is on chain.
        now: an aware time.

    Raises:
        Unavailable: a part doesn't answer.
    """
    batch.keys = desk.vault.obtain([draft.taken.token_id for draft in batch.drafts])
    batch.ready = _kept(desk, batch, now)
    batch.sealed = {one.key: one for one in batch.ready}
    return batch


def attest(desk: Desk, batch: Batch) -> Batch:
    """The second step: a quorum vouches for the whole batch, without those that it refuses.

    Raises:
        Unavailable: no quorum of verifiers answers.
    """
    while batch.ready:
        openings = _openings(batch)
        attested = ask(
            desk.verifiers,
            desk.registry,
            openings,
            [batch.keys[one.token_id] for one in batch.ready],
            partial(_has_pinned, desk, openings),
        )
        if not attested.refusals:
            batch.attested = attested
            break
        for one in batch.ready:
            reason = attested.refusals.get(one.token_id)
            if reason and reason != OPEN_ALREADY:  # one that is open now is a duplicate
                batch.refused[one.token_id] = Problem("case", f"the verifiers refuse it: {reason}")
                batch.sealed.pop(one.key)
                discard(desk, one)
        batch.ready = [one for one in batch.ready if one.token_id not in attested.refusals]
    return batch


def mint(desk: Desk, batch: Batch) -> Batch:
    """The last step: one transaction for all that was vouched for.

    Raises:
        Unavailable: the chain doesn't answer.
        Refused: it says no to the batch as a whole.
    """
    if batch.attested:
        minted = desk.registry.open_batch(
            desk.intake,
            _openings(batch),
            handler=desk.staff.address,
            channel=batch.channel,
            deadline=batch.attested.deadline,
            signatures=batch.attested.signatures,
        )
        batch.minted = {one.token_id: one for one in batch.ready if one.token_id in minted.opened}
        batch.raced = set(minted.seen)
    return batch


def _openings(batch: Batch) -> list[Opening]:
    return [Opening(one.token_id, one.digest or b"") for one in batch.ready]


def _has_pinned(desk: Desk, openings: Sequence[Opening], verifier: str) -> None:
    """A verifier that vouches for cases keeps their blocks."""
    desk.mirror.paid(verifier, [one.digest for one in openings], "keep")


def discard(desk: Desk, taken: Taken) -> Taken:
    """Drop what was sealed for a query that got no ticket of its own; its row says so after."""
    for digest in taken.kept:
        desk.store.delete(digest)
    cleared = replace(taken, digest=None, blocks=())
    desk.journal.write([cleared])
    return cleared


def _kept(desk: Desk, batch: Batch, now: datetime) -> list[Taken]:
    """The drafts' rows once their blocks are in the store; what an earlier run kept is used."""
    ready: list[Taken] = []
    blocks: list[bytes] = []
    there: list[bytes] = []
    for draft in batch.drafts:
        taken = draft.taken
        if taken.digest and all(map(desk.store.has, (taken.digest, *taken.blocks))):
            ready.append(taken)
            there += (taken.digest, *taken.blocks)
            continue
        sealed = _sealed(desk, draft, batch.keys[taken.token_id], now)
        if isinstance(sealed, Problem):
            batch.unfit[taken.key] = sealed
            continue
        ready.append(sealed[0])
        blocks.append(sealed[1])
    desk.journal.write(ready)
    desk.store.put_all(blocks)
    desk.store.pin_all(there)  # who is cut off may have put a block, and not pinned it
    return ready


def _sealed(desk: Desk, draft: Draft, key: bytes, now: datetime) -> tuple[Taken, bytes] | Problem:
    """The query's row with its files kept, one at a time, for they may be large; and its case. If
    it can't have one: why, and nothing is kept."""
    taken = draft.taken
    if taken.kept:
        taken = discard(desk, taken)
    attachments: list[Attachment] = []
    try:
        for upload in draft.query.uploads:
            entry, blocks = desk.cases.sealed_file(taken.token_id, key, upload.name, upload.read())
            attachments.append(entry)
            taken = replace(taken, blocks=taken.blocks + tuple(map(digest_of, blocks)))
            desk.journal.write([taken])
            desk.store.put_all(blocks)
        case = _first_version(desk, draft, attachments, now)
        block = desk.cases.sealed(taken.token_id, key, case)
    except BadInput as error:
        problem = problem_at(("attachments", len(attachments), "path"), error.problem)
    except Refused as error:
        if error.code != "case-too-large":
            raise
        problem = Problem("case", f"{error.message}; shorten its texts, or attach less")
    else:
        return replace(taken, digest=digest_of(block)), block
    discard(desk, taken)
    return problem


def _first_version(
    desk: Desk, draft: Draft, attachments: Sequence[Attachment], now: datetime
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
        attachments=tuple(attachments),
    )
