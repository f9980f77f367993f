"""Blocks in a Kubo node, through ``ipfshttpclient`` 0.7.

``ipfshttpclient.connect()`` refuses every current Kubo for its version number, so the client is
built directly; the calls used here are tried against Kubo 0.42. Each thread has a client of its
own, for a client is one HTTP session.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil

from ipfshttpclient import exceptions

from counterfoil.errors import BadInput, Tampered, Unavailable
from counterfoil.ipfs.calls import Client
from counterfoil.ipfs.cid import cid_of, digest_in, digest_of
from counterfoil.ipfs.reading import BlockReader
from counterfoil.ipfs.store import BlockState, checked_hash, checked_size

DEFAULT_TIMEOUT = 30.0
"""Seconds for one call; also how long a block may take to come from another node."""
_THREADS = 16
_PAGE = 25  # blocks in one request: 1,000 puts a second, and 450 with a request for each


class KuboStore:
    """A :class:`~counterfoil.ipfs.store.BlockStore` in the Kubo node at ``address``.

    Args:
        address: the node's RPC address as a multiaddress, ``/ip4/127.0.0.1/tcp/5001/http``.
        timeout: seconds after which a call is given up.

    Raises:
        BadInput: not such an address. Whether a node answers shows at the first call.
    """

    def __init__(self, address: str, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        # The client passes an argument that only urllib3 3 refuses; the release is pinned below it.
        warnings.filterwarnings("ignore", "The 'strict' parameter", FutureWarning, "urllib3")
        self._address = address
        self._timeout = timeout
        self._here = threading.local()
        self._lock = threading.Lock()
        self._clients: list[Client] = []
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="kubo")
        self._client()  # an address that can't be read is told now
        self._reader = BlockReader(address, timeout)

    def version(self) -> str:
        """The node's version, which also shows that it answers."""
        with self._asking():
            return str(self._client().version(timeout=self._timeout)["Version"])

    def put(self, block: bytes) -> bytes:
        """See ``BlockStore.put``."""
        (digest,) = self._put([block])
        return digest

    def put_all(self, blocks: Sequence[bytes]) -> list[bytes]:
        """See ``BlockStore.put_all``."""
        return [one for page in self._pool.map(self._put, _pages(blocks)) for one in page]

    def get(self, digest: bytes) -> bytes:
        """See ``BlockStore.get``; waits up to the timeout for other nodes of the swarm."""
        with self._asking(digest):
            block = self._reader.read(cid_of(digest))
        return checked_hash(block, digest)

    def get_all(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        """See ``BlockStore.get_all``; those that are as long as the 24 around them, as padded case
        files are."""
        pages = self._pool.map(self._get_page, _pages(digests))
        return {digest: block for page in pages for digest, block in page.items()}

    def has(self, digest: bytes) -> bool:
        """See ``BlockStore.has``."""
        with self._asking():
            try:
                self._client().block.stat(cid_of(digest), offline=True, timeout=self._timeout)
            except exceptions.ErrorResponse as error:
                if _says(error, "not find"):
                    return False
                raise
        return True

    def pin(self, digest: bytes) -> None:
        """See ``BlockStore.pin``."""
        with self._asking(digest):
            self._client().pin.add(cid_of(digest), timeout=self._timeout)

    def pin_all(self, digests: Sequence[bytes]) -> None:
        """See ``BlockStore.pin_all``."""
        # Blocks of one request are fetched in a row, and a node asks its peers every 20 ms: what is
        # asked for side by side goes in one message.
        size = max(1, ceil(len(digests) / _THREADS))
        list(self._pool.map(self._pin, _pages(digests, size)))

    def unpin(self, digest: bytes) -> None:
        """See ``BlockStore.unpin``."""
        with self._asking():
            try:
                self._client().pin.rm(cid_of(digest), timeout=self._timeout)
            except exceptions.ErrorResponse as error:
                if not _says(error, "not pinned"):
                    raise

    def delete(self, digest: bytes) -> None:
        """See ``BlockStore.delete``."""
        self.unpin(digest)
        with self._asking():
            self._client().block_rm(cid_of(digest), self._timeout)

    def is_pinned(self, digest: bytes) -> bool:
        """Whether the node keeps the block for good."""
        return self._are_pinned([digest])

    def look(self, digest: bytes) -> BlockState:
        """See ``BlockStore.look``."""
        if not self.has(digest):
            return "missing"
        with self._asking(digest):
            block = self._reader.read(cid_of(digest), offline=True)
        if digest_of(block) != digest:
            return "corrupt"
        return "kept" if self.is_pinned(digest) else "unpinned"

    def look_all(self, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        """See ``BlockStore.look_all``; what all is well with takes two requests for 25 blocks."""
        pages = self._pool.map(self._look_page, _pages(digests))
        return {digest: state for page in pages for digest, state in page.items()}

    def mend(self, digest: bytes) -> None:
        """See ``BlockStore.mend``; waits up to the timeout for other nodes of the swarm."""
        self.delete(digest)
        self.pin(digest)

    def close(self) -> None:
        """See ``BlockStore.close``."""
        self._pool.shutdown()
        self._reader.close()
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()

    def _get_page(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        with self._asking():
            try:
                blocks = self._reader.read_together([cid_of(one) for one in digests])
            except exceptions.ErrorResponse as error:
                if _says(error, "not find"):
                    return {}
                raise
        pairs = zip(digests, blocks, strict=True)
        return {digest: block for digest, block in pairs if digest_of(block) == digest}

    def _look_page(self, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        sound = self._get_page(digests)
        if not sound or not self._are_pinned(list(sound)):
            sound = {}
        return {one: "kept" if one in sound else self.look(one) for one in digests}

    def _are_pinned(self, digests: Sequence[bytes]) -> bool:
        """Whether the node keeps all of these blocks for good."""
        with self._asking():
            try:
                self._client().pin.ls(*map(cid_of, digests), timeout=self._timeout)
            except exceptions.ErrorResponse as error:
                if _says(error, "not pinned"):
                    return False
                raise
        return True

    def _put(self, blocks: Sequence[bytes]) -> list[bytes]:
        digests = [digest_of(checked_size(block)) for block in blocks]
        with self._asking():
            # Not `add`, which leaves a second, unpinned block beside each.
            given = self._client().block_put_many(blocks, self._timeout)
        if [digest_in(cid) for cid in given] != digests:
            raise Tampered("the node put other blocks than it was given", code="block-corrupt")
        return digests

    def _pin(self, digests: Sequence[bytes]) -> None:
        with self._asking(*digests):
            self._reader.pin_together([cid_of(one) for one in digests])

    def _client(self) -> Client:
        client: Client | None = getattr(self._here, "client", None)
        if client is None:
            try:
                client = Client(self._address, session=True)
            except (exceptions.AddressError, ValueError):
                raise BadInput(
                    "not the multiaddress of an IPFS node",
                    fix="Write it like /ip4/127.0.0.1/tcp/5001/http.",
                ) from None
            self._here.client = client
            with self._lock:
                self._clients.append(client)
        return client

    @contextmanager
    def _asking(self, *digests: bytes) -> Iterator[None]:
        """What the client raises, as ours: about these blocks, or about the node."""
        try:
            yield
        except (exceptions.ConnectionError, exceptions.ProtocolError) as error:
            # The latter if it went away in the middle of its answer.
            raise Unavailable(
                f"no IPFS node answers at {self._address}",
                fix="Start it (counterfoil up), then run again.",
                code="ipfs-unreachable",
            ) from error
        except exceptions.Error as error:
            timed_out = isinstance(error, exceptions.TimeoutError)
            if digests and (timed_out or _says(error, "not find")):
                which = f"one of {len(digests)} blocks from" if len(digests) > 1 else "block"
                raise Unavailable(
                    f"no node that can be asked has {which} {cid_of(digests[0])}",
                    code="block-missing",
                ) from error
            raise Unavailable(
                f"the IPFS node at {self._address} failed: {error}",
                fix="See its log, then run again.",
                code="ipfs-failed",
            ) from error


def _pages(items: Sequence[bytes], size: int = _PAGE) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _says(error: Exception, words: str) -> bool:
    return words in str(error)
