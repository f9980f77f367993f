"""Blocks as files in a folder, under the CIDs that IPFS would give them.

For where no IPFS node can run. ``blocks/<last two letters>/<cid>`` holds a block and
``pins/<cid>`` says that it is to stay; a block is written beside its place and moved there, so
that a crash leaves it whole or absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from counterfoil import files
from counterfoil.errors import Unavailable
from counterfoil.ipfs.cid import cid_of, digest_of
from counterfoil.ipfs.store import BlockState, checked_hash, checked_size


@dataclass(frozen=True, slots=True)
class EmbeddedStore:
    """A :class:`~counterfoil.ipfs.store.BlockStore` in the folder ``root``, made on first use."""

    root: Path

    def put(self, block: bytes) -> bytes:
        """See ``BlockStore.put``; a damaged copy is written anew."""
        digest = digest_of(checked_size(block))
        with _as_unavailable():
            if not self._holds(digest):
                files.put(self._block(digest), block)
            self._pinned(digest)
        return digest

    def put_all(self, blocks: Sequence[bytes]) -> list[bytes]:
        """See ``BlockStore.put_all``; one after another, since a disk gains nothing by more."""
        return [self.put(block) for block in blocks]

    def get(self, digest: bytes) -> bytes:
        """See ``BlockStore.get``."""
        with _as_unavailable():
            try:
                block = self._block(digest).read_bytes()
            except FileNotFoundError:
                raise _missing(digest) from None
        return checked_hash(block, digest)

    def get_all(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        """See ``BlockStore.get_all``: none, for one file costs no less beside another."""
        return {}

    def has(self, digest: bytes) -> bool:
        """See ``BlockStore.has``."""
        return self._block(digest).is_file()

    def pin(self, digest: bytes) -> None:
        """See ``BlockStore.pin``; there is nobody else to fetch from."""
        if not self.has(digest):
            raise _missing(digest)
        with _as_unavailable():
            self._pinned(digest)

    def pin_all(self, digests: Sequence[bytes]) -> None:
        """See ``BlockStore.pin_all``."""
        for digest in digests:
            self.pin(digest)

    def unpin(self, digest: bytes) -> None:
        """See ``BlockStore.unpin``."""
        with _as_unavailable():
            self._pin(digest).unlink(missing_ok=True)

    def delete(self, digest: bytes) -> None:
        """See ``BlockStore.delete``."""
        self.unpin(digest)
        with _as_unavailable():
            self._block(digest).unlink(missing_ok=True)

    def is_pinned(self, digest: bytes) -> bool:
        """Whether the block is to stay."""
        return self._pin(digest).is_file()

    def look(self, digest: bytes) -> BlockState:
        """See ``BlockStore.look``."""
        if not self.has(digest):
            return "missing"
        with _as_unavailable():
            if not self._holds(digest):
                return "corrupt"
        return "kept" if self.is_pinned(digest) else "unpinned"

    def look_all(self, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        """See ``BlockStore.look_all``."""
        return {digest: self.look(digest) for digest in digests}

    def mend(self, digest: bytes) -> None:
        """See ``BlockStore.mend``; there is nobody to fetch from, so a damaged copy stays."""
        raise _missing(digest)

    def close(self) -> None:
        """See ``BlockStore.close``; nothing is held open."""

    def _block(self, digest: bytes) -> Path:
        cid = cid_of(digest)
        return self.root / "blocks" / cid[-2:] / cid

    def _pin(self, digest: bytes) -> Path:
        return self.root / "pins" / cid_of(digest)

    def _holds(self, digest: bytes) -> bool:
        try:
            return digest_of(self._block(digest).read_bytes()) == digest
        except FileNotFoundError:
            return False

    def _pinned(self, digest: bytes) -> None:
        self._pin(digest).parent.mkdir(parents=True, exist_ok=True)
        self._pin(digest).touch()


def _missing(digest: bytes) -> Unavailable:
    return Unavailable(f"no block {cid_of(digest)} in this store", code="block-missing")


@contextmanager
def _as_unavailable() -> Iterator[None]:
    """Trouble with the disk (full, read-only, gone) as the error that says: mend it, run again."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"the block folder can't be used: {error.strerror or error}",
            fix="Check the disk and the folder's rights, then run again.",
        ) from error
