"""Where a ticket lies in the registry's storage.

Owner, status, version and times share the slot that solady's ERC721 (0.1, ``ERC721.sol``, "The
ownership slot") gives a token; it is zero for a ticket that doesn't exist.
"""

from __future__ import annotations

from counterfoil.hashing import keccak

_SEED = bytes.fromhex("7d882553")  # the part of ``_ERC721_MASTER_SLOT_SEED`` that is hashed


def slot_of(token_id: bytes) -> bytes:
    """The 32-byte number of the slot."""
    hashed = int.from_bytes(keccak(token_id[:28] + _SEED))
    return ((2 * int.from_bytes(token_id) + hashed) % 2**256).to_bytes(32)


def reading(contract: str, token_id: bytes) -> tuple[str, list[object]]:
    """The JSON-RPC call that reads it."""
    return "eth_getStorageAt", [contract, "0x" + slot_of(token_id).hex(), "latest"]
