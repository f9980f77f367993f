"""Whether every ticket stands: its block in the store, its bytes what the chain says."""

from __future__ import annotations

from collections.abc import Iterator

from counterfoil.errors import Tampered, Unavailable
from counterfoil.ipfs.store import BlockStore
from counterfoil.model import Check
from counterfoil.tickets.registry import Registry

_PAGE = 500


def audit(registry: Registry, store: BlockStore) -> Iterator[Check]:
    """Everything that can be checked without the vault: no case is decrypted."""
    token_ids = registry.opened()
    yield Check("each ticket opened once", len(set(token_ids)), len(token_ids))
    standing = sound = kept = 0
    for start in range(0, len(token_ids), _PAGE):
        for ticket in registry.tickets(token_ids[start : start + _PAGE]):
            if ticket is None:
                continue
            standing += 1
            if ticket.status != "erased":
                kept += 1
                sound += _is_sound(store, ticket.digest)
    yield Check("opened tickets that stand", standing, len(token_ids))
    yield Check("case blocks that are what the chain says", sound, kept)


def _is_sound(store: BlockStore, digest: bytes) -> bool:
    """Whether the block is there and hashes to its digest.

    Raises:
        Unavailable: the store is away, which is no finding about the block.
    """
    try:
        store.get(digest)
    except Tampered:
        return False
    except Unavailable:
        if store.has(digest):
            raise
        return False  # the store answers, and it has no such block
    return True
