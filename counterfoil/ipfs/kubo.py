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

from counterfoil.errors import BadInput, Tampered, Unavailable
from counterfoil.ipfs.cid import cid_of, digest_in, digest_of
from counterfoil.ipfs.store import BlockState, checked_hash, checked_size

DEFAULT_TIMEOUT = 30.0
"""Seconds for one call; also how long a block may take to come from another node."""
_THREADS = 4  # more don't help on two cores: 240 adds a second with one, 520 with four
_AS_ONE_RAW_BLOCK = {"cid-codec": "raw", "mhtype": "sha2-256", "pin": "true"}


class _Client(ipfshttpclient.Client):  # type: ignore[misc]  # the package carries no types
    """The client with the one call that its release leaves out."""

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

    def version(self) -> str:
        """The node's version, which also shows that it answers."""
        with self._asking():
            return str(self._client().version(timeout=self._timeout)["Version"])

    def put(self, block: bytes) -> bytes:
        """See ``BlockStore.put``."""
        digest = digest_of(checked_size(block))
        with self._asking():
            # Not `add`, which leaves a second, unpinned block beside each. A copy of the options:
            # the client adds its own to the dictionary that it is given.
            given = self._client().block.put(
                io.BytesIO(block), opts=dict(_AS_ONE_RAW_BLOCK), timeout=self._timeout
            )["Key"]
        if digest_in(given) != digest:
            raise Tampered(
                f"the node answered {given} for the block {cid_of(digest)}", code="block-corrupt"
            )
        return digest

    def put_all(self, blocks: Sequence[bytes]) -> list[bytes]:
        """See ``BlockStore.put_all``."""
        return list(self._pool.map(self.put, blocks))

    def get(self, digest: bytes) -> bytes:
        """See ``BlockStore.get``; waits up to the timeout for other nodes of the swarm."""
        with self._asking(digest):
            block = self._client().block.get(cid_of(digest), timeout=self._timeout)
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
            block = self._client().block.get(cid_of(digest), offline=True, timeout=self._timeout)
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
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()

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
        except exceptions.ConnectionError as error:
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
                f"the IPFS node at {self._address} failed: {error}", code="ipfs-failed"
            ) from error


def _says(error: Exception, words: str) -> bool:
    return words in str(error)
