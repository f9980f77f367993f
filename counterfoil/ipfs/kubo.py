"""Blocks in a Kubo node, through ``ipfshttpclient`` 0.7.

``ipfshttpclient.connect()`` refuses every current Kubo for its version number, so the client is
built directly; the calls used here are tried against Kubo 0.42. Each thread has a client of its
own, for a client is one HTTP session.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import ipfshttpclient
from ipfshttpclient import exceptions
from ipfshttpclient.multipart import stream_files

from counterfoil.errors import BadInput, Tampered, Unavailable
from counterfoil.ipfs.cid import cid_of, digest_in, digest_of
from counterfoil.ipfs.reading import BlockReader
from counterfoil.ipfs.store import BlockState, checked_hash, checked_size

DEFAULT_TIMEOUT = 30.0
"""Seconds for one call; also how long a block may take to come from another node."""
_THREADS = 4  # more don't help on two cores
_PAGE = 25  # blocks in one request: 1,000 puts a second, and 450 with a request for each
_AS_ONE_RAW_BLOCK = {"cid-codec": "raw", "mhtype": "sha2-256", "pin": "true"}


class _Client(ipfshttpclient.Client):  # type: ignore[misc]  # the package carries no types
    """The client with the calls that its release leaves out."""

    def block_put_many(self, blocks: Sequence[bytes], timeout: float) -> list[str]:
        """Put and pin blocks in one request; their CIDs."""
        body, headers = stream_files([io.BytesIO(one) for one in blocks])
        # A copy of the options: the client adds its own to the dictionary that it is given.
        opts = dict(_AS_ONE_RAW_BLOCK)
        answers = self._client.request(
            "/block/put", decoder="json", opts=opts, data=body, headers=headers, timeout=timeout
        )
        return [one["Key"] for one in (answers if isinstance(answers, list) else [answers])]

    def pin_many(self, cids: Sequence[str], timeout: float) -> None:
        """Pin blocks in one request."""
        self._client.request("/pin/add", cids, decoder="json", timeout=timeout)

    def block_rm(self, cid: str, timeout: float) -> None:
        """Drop a block that isn't pinned; a missing one is no error (``force``)."""
        self._client.request(
            "/block/rm", (cid,), decoder="json", opts={"force": "true"}, timeout=timeout
        )


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
        self._clients: list[_Client] = []
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
        list(self._pool.map(self._pin, _pages(digests)))

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
        with self._asking():
            try:
                self._client().pin.ls(cid_of(digest), timeout=self._timeout)
            except exceptions.ErrorResponse as error:
                if _says(error, "not pinned"):
                    return False
                raise
        return True

    def look(self, digest: bytes) -> BlockState:
        """See ``BlockStore.look``."""
        if not self.has(digest):
            return "missing"
        with self._asking(digest):
            block = self._reader.read(cid_of(digest), offline=True)
        if digest_of(block) != digest:
            return "corrupt"
        return "kept" if self.is_pinned(digest) else "unpinned"

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

    def _put(self, blocks: Sequence[bytes]) -> list[bytes]:
        digests = [digest_of(checked_size(block)) for block in blocks]
        with self._asking():
            # Not `add`, which leaves a second, unpinned block beside each.
            given = self._client().block_put_many(blocks, self._timeout)
        if [digest_in(cid) for cid in given] != digests:
            raise Tampered("the node put other blocks than it was given", code="block-corrupt")
        return digests

    def _pin(self, digests: Sequence[bytes]) -> None:
        with self._asking():
            self._client().pin_many([cid_of(one) for one in digests], self._timeout)

    def _client(self) -> _Client:
        client: _Client | None = getattr(self._here, "client", None)
        if client is None:
            try:
                client = _Client(self._address, session=True)
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
    def _asking(self, digest: bytes | None = None) -> Iterator[None]:
        """What the client raises, as ours: about block ``digest``, or about the node."""
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
            if digest is not None and (timed_out or _says(error, "not find")):
                raise Unavailable(
                    f"no node that can be asked has block {cid_of(digest)}", code="block-missing"
                ) from error
            raise Unavailable(
                f"the IPFS node at {self._address} failed: {error}",
                fix="See its log, then run again.",
                code="ipfs-failed",
            ) from error


def _pages(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(items), _PAGE):
        yield items[start : start + _PAGE]


def _says(error: Exception, words: str) -> bool:
    return words in str(error)
