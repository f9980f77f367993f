"""Which store an address means."""

from __future__ import annotations

from pathlib import Path

from counterfoil.ipfs.embedded import EmbeddedStore
from counterfoil.ipfs.kubo import DEFAULT_TIMEOUT, KuboStore
from counterfoil.ipfs.store import BlockStore

_EMBEDDED = "embedded:"


def store_at(address: str, *, timeout: float = DEFAULT_TIMEOUT) -> BlockStore:
    """The store at ``address``: ``embedded:FOLDER``, or a Kubo node's RPC multiaddress.

    Args:
        address: ``embedded:/srv/blocks`` or ``/ip4/127.0.0.1/tcp/5001/http``.
        timeout: seconds for one call to a node.

    Raises:
        BadInput: neither of the two.
    """
    if address.startswith(_EMBEDDED):
        return EmbeddedStore(Path(address.removeprefix(_EMBEDDED)))
    return KuboStore(address, timeout=timeout)
