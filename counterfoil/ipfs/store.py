"""What Counterfoil asks of a place that keeps blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from counterfoil.errors import BadInput, Tampered
from counterfoil.ipfs.cid import cid_of, digest_of

MAX_BLOCK = 256 * 1024
"""Bytes. Kubo cuts larger files into several blocks, and then the digest is no longer that of
the bytes."""


BlockState = Literal["kept", "unpinned", "missing", "corrupt"]
"""How one store has a block; ``kept`` is pinned, and hashes to its digest."""


class BlockStore(Protocol):
    """Keeps raw blocks under their SHA-256 digest; every method may be called by several threads.

    All of them raise ``Unavailable`` when the store can't be reached.
    """

    def put(self, block: bytes) -> bytes:
        """Keep and pin ``block`` (at most ``MAX_BLOCK`` bytes); its 32-byte digest."""

    def put_all(self, blocks: Sequence[bytes]) -> list[bytes]:
        """Like :meth:`put` for each, several at a time; the digests in the order given."""

    def get(self, digest: bytes) -> bytes:
        """The block, re-hashed: ``Tampered`` if the bytes are others, ``Unavailable`` (code
        ``block-missing``) if nobody who can be asked has it."""

    def get_all(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        """Those of these blocks that this very store has and gives together at little cost, by
        digest and re-hashed. It may be fewer than it has: :meth:`get` tells of each of the rest."""

    def has(self, digest: bytes) -> bool:
        """Whether this very store has the block, without asking others for it."""

    def pin(self, digest: bytes) -> None:
        """Keep the block for good, fetched from others if need be; again is no error."""

    def pin_all(self, digests: Sequence[bytes]) -> None:
        """Like :meth:`pin` for each, several at a time."""

    def unpin(self, digest: bytes) -> None:
        """Let the block be collected; one that isn't pinned is no error."""

    def delete(self, digest: bytes) -> None:
        """Unpin the block and drop it from this store now; a missing one is no error."""

    def look(self, digest: bytes) -> BlockState:
        """How this very store has the block, re-hashed, without asking others for it."""

    def look_all(self, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        """Like :meth:`look` for each."""

    def mend(self, digest: bytes) -> None:
        """Put a sound copy from another store in the place of a missing or damaged one, and pin
        it; ``Unavailable`` (``block-missing``) if nobody who can be asked has one."""

    def close(self) -> None:
        """Give back connections and threads."""


def checked_size(block: bytes) -> bytes:
    """``block`` itself, if one IPFS block holds it.

    Raises:
        BadInput: it is larger than ``MAX_BLOCK``.
    """
    if len(block) > MAX_BLOCK:
        raise BadInput(f"a block of {len(block)} bytes; one block holds {MAX_BLOCK}")
    return block


def checked_hash(block: bytes, digest: bytes) -> bytes:
    """``block`` itself, if it is what ``digest`` names.

    Raises:
        Tampered: it is not.
    """
    if digest_of(block) != digest:
        raise Tampered(
            f"the bytes that came for {cid_of(digest)} have another hash",
            fix="Fetch the block from another node, or put it back from a copy.",
            code="block-corrupt",
        )
    return block
