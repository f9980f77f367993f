"""What the verifiers' nodes are still to keep or to drop.

A row is written before a block is put or deleted on the intake desk's own node, and goes when the
verifier has done it. So a verifier that was away is brought up to date when it is back, and a
desk that was cut off knows what it owes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, delete, select

from counterfoil.database import insert_new, transaction
from counterfoil.errors import CounterfoilError, Tampered, Unavailable
from counterfoil.ipfs.cid import cid_of, digest_of
from counterfoil.ipfs.store import BlockState, BlockStore
from counterfoil.tickets.attestation import Verifier
from counterfoil.tickets.rows import RegistryRows

_TABLES = MetaData()
_OWED = Table(
    "blocks_owed",
    _TABLES,
    Column("registry", String(66), primary_key=True),
    Column("verifier", String(200), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("wish", String(4), nullable=False),
)
_LOG = logging.getLogger("counterfoil.ipfs")
_PAGE = 100
PATIENCE = 2.0
"""Seconds that a desk waits for the verifiers' nodes after its own work is done."""

Wish = Literal["keep", "drop"]


class Mirror(RegistryRows):
    """The rows of one registry in the database at ``url``.

    Args:
        url: SQLAlchemy URL; every method raises ``Unavailable`` if that fails.
        registry: what tells the registry from every other, ``Registry.birth()``.
        verifiers: the names of the verifiers that mirror its blocks.
    """

    def __init__(self, url: str, registry: str, verifiers: Sequence[str]) -> None:
        self.verifiers = tuple(verifiers)
        super().__init__(url, registry, _TABLES)

    def owe(self, digests: Iterable[bytes], wish: Wish) -> None:
        """Every verifier is to do this; what was wished before for these blocks is void."""
        wanted = list(dict.fromkeys(digests))
        if not wanted or not self.verifiers:
            return
        rows = [
            {"registry": self._registry, "verifier": name, "digest": digest, "wish": wish}
            for name in self.verifiers
            for digest in wanted
        ]
        with transaction(self._engine) as link:
            for page in _pages(wanted):
                here = (_OWED.c.registry == self._registry) & _OWED.c.digest.in_(page)
                link.execute(delete(_OWED).where(here))
            insert_new(link, _OWED, rows)

    def owed(self, verifier: str) -> dict[bytes, Wish]:
        """What one verifier is still to do, by digest."""
        here = (_OWED.c.registry == self._registry) & (_OWED.c.verifier == verifier)
        with transaction(self._engine) as link:
            return {row.digest: row.wish for row in link.execute(select(_OWED).where(here))}

    def paid(self, verifier: str, digests: Iterable[bytes], wish: Wish) -> None:
        """The verifier has done it, for these blocks; a later wish to the contrary stays."""
        with transaction(self._engine) as link:
            for page in _pages(list(digests)):
                here = (_OWED.c.registry == self._registry) & (_OWED.c.verifier == verifier)
                here &= (_OWED.c.wish == wish) & _OWED.c.digest.in_(page)
                link.execute(delete(_OWED).where(here))


@dataclass(frozen=True, slots=True)
class MirroredStore:
    """The desk's own store; whatever it puts and deletes is noted in the mirror first.

    A damaged copy is replaced by a sound one from another node, where there is one.
    """

    own: BlockStore
    mirror: Mirror

    def put(self, block: bytes) -> bytes:
        """See ``BlockStore.put``."""
        self.mirror.owe([digest_of(block)], "keep")
        return self.own.put(block)

    def put_all(self, blocks: Sequence[bytes]) -> list[bytes]:
        """See ``BlockStore.put_all``."""
        self.mirror.owe(map(digest_of, blocks), "keep")
        return self.own.put_all(blocks)

    def get(self, digest: bytes) -> bytes:
        """See ``BlockStore.get``."""
        try:
            return self.own.get(digest)
        except Tampered as damage:
            try:
                self.own.mend(digest)
            except Unavailable:
                raise damage from None
            _LOG.warning("block %s was damaged here; put right from another node", cid_of(digest))
            return self.own.get(digest)

    def get_all(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        """See ``BlockStore.get_all``."""
        return self.own.get_all(digests)

    def has(self, digest: bytes) -> bool:
        """See ``BlockStore.has``."""
        return self.own.has(digest)

    def pin(self, digest: bytes) -> None:
        """See ``BlockStore.pin``."""
        self.own.pin(digest)

    def pin_all(self, digests: Sequence[bytes]) -> None:
        """See ``BlockStore.pin_all``."""
        self.own.pin_all(digests)

    def unpin(self, digest: bytes) -> None:
        """See ``BlockStore.unpin``."""
        self.own.unpin(digest)

    def delete(self, digest: bytes) -> None:
        """See ``BlockStore.delete``."""
        self.mirror.owe([digest], "drop")
        self.own.delete(digest)

    def look(self, digest: bytes) -> BlockState:
        """See ``BlockStore.look``."""
        return self.own.look(digest)

    def look_all(self, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        """See ``BlockStore.look_all``."""
        return self.own.look_all(digests)

    def mend(self, digest: bytes) -> None:
        """See ``BlockStore.mend``."""
        self.own.mend(digest)

    def close(self) -> None:
        """See ``BlockStore.close``."""
        self.own.close()


def settle(store: MirroredStore, verifiers: Sequence[Verifier], patience: float | None) -> None:
    """Have the verifiers' nodes keep and drop what they owe, all at once.

    What is nowhere, because the desk's own node failed when it was put, is owed no longer.

    Args:
        patience: seconds to wait for them; None waits until each has done it or failed. What
            isn't done stays owed.
    """
    work = [
        # Daemons: a verifier that hangs holds nobody up.
        threading.Thread(target=_settle_one, args=(store, one), daemon=True)
        for one in verifiers
        if store.mirror.owed(one.name)
    ]
    for thread in work:
        thread.start()
    end = None if patience is None else time.monotonic() + patience
    for thread in work:
        thread.join(None if end is None else max(0.0, end - time.monotonic()))


def _settle_one(store: MirroredStore, verifier: Verifier) -> None:
    mirror = store.mirror
    owed = mirror.owed(verifier.name)
    wishes: tuple[tuple[Wish, BlockState], ...] = (("drop", "missing"), ("keep", "kept"))
    try:
        for wish, done in wishes:
            for page in _pages([digest for digest, one in owed.items() if one == wish]):
                states = verifier.blocks(wish, page)
                mirror.paid(verifier.name, [one for one in page if states.get(one) == done], wish)
                lost = [one for one in page if wish == "keep" and states.get(one) == "missing"]
                mirror.paid(verifier.name, [one for one in lost if not store.has(one)], wish)
    except CounterfoilError as error:
        _LOG.info("%s: %s", verifier.name, error.message)  # it stays owed


def _pages(digests: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(digests), _PAGE):
        yield digests[start : start + _PAGE]
