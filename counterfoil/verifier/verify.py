"""What a verifier node checks before it signs, and that it signs nothing else.

It fetches each block from its own store, re-hashes it, opens it with the case key that came for
it alone, holds it to the schema, works out the fingerprint again from the four fields, and asks
the chain whether the ticket exists. It keeps no plaintext; the encrypted blocks that it is asked
about stay pinned in its store until the intake desk asks it to drop them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from counterfoil.errors import Refused, Tampered, Unavailable
from counterfoil.ipfs.store import BlockState, BlockStore
from counterfoil.keys import Signer
from counterfoil.tickets.attestation import (
    OPEN_ALREADY,
    Opening,
    Order,
    Refusal,
    Request,
    Verdict,
    attestation_digest,
)
from counterfoil.tickets.casecrypto import unseal
from counterfoil.tickets.casefile import SCHEMA, from_bytes
from counterfoil.tickets.fingerprint import EpochKey, token_id_of
from counterfoil.tickets.keywrap import public_key_of, unwrap_keys
from counterfoil.tickets.registry import Registry

MAX_BATCH = 256
MAX_DEADLINE = 3600
"""Seconds that a signature may count, from the latest block."""
_THREADS = 16  # what takes time is a block that has to come from another node

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, repr=False)
class VerifierNode:
    """A verifier: its own signing key, its own X25519 key, its own store and view of the chain."""

    name: str
    signer: Signer
    private_key: bytes
    store: BlockStore
    registry: Registry
    epoch_key: EpochKey

    @property
    def address(self) -> str:
        """The address that its signatures recover to."""
        return self.signer.address

    @property
    def public_key(self) -> bytes:
        """The X25519 key that case keys are encrypted to."""
        return public_key_of(self.private_key)

    def attest(self, request: Request) -> Verdict:
        """A signature over the whole batch, or what is wrong with which ticket.

        Reasons: ``already-open``, ``repeated``, ``block-missing``, ``block-corrupt``,
        ``undecryptable``, ``schema``, ``fingerprint``, ``status``.

        Raises:
            Refused: the request itself won't do: ``wrong-registry``, ``batch-size``,
                ``deadline``, ``unreadable-keys``.
            Unavailable: its store or chain can't be reached.
        """
        keys, standing = self._readable(request)
        firsts: set[bytes] = set()
        reasons: dict[int, str] = {}
        for place, opening in enumerate(request.openings):
            if opening.token_id in standing:
                reasons[place] = OPEN_ALREADY
            elif opening.token_id in firsts:
                reasons[place] = "repeated"
            firsts.add(opening.token_id)
        unread = [place for place in range(len(keys)) if place not in reasons]
        blocks = self._kept([request.openings[place].digest for place in unread])
        for place in unread:
            opening = request.openings[place]
            reason = self._objection(opening, keys[place], blocks[opening.digest])
            if reason:
                reasons[place] = reason
        if reasons:
            return Verdict(
                self.address,
                None,
                tuple(
                    Refusal(request.openings[place].token_id, reason)
                    for place, reason in sorted(reasons.items())
                ),
            )
        return Verdict(self.address, self.signer.sign_digest(attestation_digest(request)))

    def blocks(self, order: Order, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        """Keep, drop or look at blocks in this node's own store; how it has each of them then.

        To keep a block is to have a sound copy, fetched from others if need be, and pinned.

        Raises:
            Unavailable: its store can't be reached.
        """
        if order == "look":
            return self.store.look_all(digests)
        if order == "drop":
            return dict(zip(digests, _side_by_side(self._drop, digests), strict=True))
        return self._keep_all(digests)

    def _keep_all(self, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        states = dict(self.store.look_all(digests))
        due = [one for one in digests if states[one] in ("missing", "unpinned")]
        self._fetch(due)
        states |= self.store.look_all(due)
        rest = [one for one in digests if states[one] != "kept"]
        return states | dict(zip(rest, _side_by_side(self._keep, rest), strict=True))

    def _keep(self, digest: bytes) -> BlockState:
        state = self.store.look(digest)
        if state == "kept":
            return state
        try:
            if state == "unpinned":
                self.store.pin(digest)
            else:
                self.store.mend(digest)
        except Unavailable as error:
            if error.code != "block-missing":
                raise
        return self.store.look(digest)

    def _drop(self, digest: bytes) -> BlockState:
        self.store.delete(digest)
        return self.store.look(digest)

    def _readable(self, request: Request) -> tuple[list[bytes], set[bytes]]:
        """The case keys of a request that is meant for this node and its registry; and which of
        its tickets are on chain."""
        if (request.chain_id, request.contract) != (self.registry.chain_id, self.registry.address):
            raise Refused("the request is for another registry", code="wrong-registry")
        if not 0 < len(request.openings) <= MAX_BATCH:
            raise Refused(f"a batch has 1 to {MAX_BATCH} tickets", code="batch-size")
        asked = [opening.token_id for opening in request.openings]
        standing, now = self.registry.standing_now(asked)
        if not now <= request.deadline <= now + MAX_DEADLINE:
            raise Refused("the deadline is past or over an hour off", code="deadline")
        keys = unwrap_keys(request.keys, self.private_key)
        if len(keys) != len(request.openings):
            raise Refused("not one case key for each ticket", code="unreadable-keys")
        return keys, standing

    def _kept(self, digests: Sequence[bytes]) -> dict[bytes, bytes | str]:
        """Each block, pinned in this node's store; or the reason why it can't be had."""
        self._fetch(digests)
        found: dict[bytes, bytes | str] = {**self.store.get_all(digests)}
        rest = [one for one in dict.fromkeys(digests) if one not in found]
        return found | dict(zip(rest, _side_by_side(self._pinned, rest), strict=True))

    def _fetch(self, digests: Sequence[bytes]) -> None:
        """Have blocks from the intake's node, many at once, and keep them; some may not come."""
        try:
            self.store.pin_all(digests)
        except Unavailable as error:
            if error.code != "block-missing":
                raise

    def _pinned(self, digest: bytes) -> bytes | str:
        """One block; a damaged copy is fetched anew from another node."""
        try:
            try:
                block = self.store.get(digest)
            except Tampered:
                self.store.mend(digest)
                block = self.store.get(digest)
            self.store.pin(digest)
        except Tampered as error:
            return error.code
        except Unavailable as error:
            if error.code != "block-missing":
                raise
            return error.code
        return block

    def _objection(self, opening: Opening, key: bytes, block: bytes | str) -> str:
        """Why this ticket's case file won't do; empty if it will."""
        if isinstance(block, str):
            return block
        try:
            binding = self.registry.binding(opening.token_id)
            case = from_bytes(unseal(block, key, binding, SCHEMA))
            token_id = token_id_of(case.composite(), self.epoch_key)
        except Tampered as error:
            return error.code
        if token_id != opening.token_id:
            return "fingerprint"
        if case.process.status != "open" or case.previous is not None:
            return "status"
        return ""


def _side_by_side(act: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """What ``act`` gives for each item, a few at a time: most of it is waiting for blocks."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(act, items))
