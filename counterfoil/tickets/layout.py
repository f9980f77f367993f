"""Where things lie in the registry's storage, for those that are asked for with every batch: a
chain that runs contracts step by step reads storage in a tenth of the time of a call.

Owner, status, version and times share the slot that solady's ERC721 (0.1, ``ERC721.sol``, "The
ownership slot") gives a token; it is zero for a ticket that doesn't exist.
"""

from __future__ import annotations

from counterfoil.hashing import keccak

_ROLES = 2  # OpenZeppelin's AccessControl (5.4), after the two strings of its EIP712
QUORUM_SLOT = (5).to_bytes(32)
_SEED = bytes.fromhex("7d882553")  # the part of ``_ERC721_MASTER_SLOT_SEED`` that is hashed


def slot_of(token_id: bytes) -> bytes:
    """The 32-byte number of the slot."""
    hashed = int.from_bytes(keccak(token_id[:28] + _SEED))
    return ((2 * int.from_bytes(token_id) + hashed) % 2**256).to_bytes(32)


def role_slot(role: str, account: str) -> bytes:
    """The slot that isn't zero if the account (0x hex) has a role such as ``INTAKE_ROLE``."""
    holders = keccak(keccak(role.encode()) + _ROLES.to_bytes(32))
    return keccak(bytes.fromhex(account[2:]).rjust(32, b"\0") + holders)


def quorum_in(word: str) -> int:
    """The quorum in ``QUORUM_SLOT``, where it stands beside whether the registry is paused."""
    return int(word, 16) >> 8 & 0xFF if is_set(word) else 0


def reading(contract: str, slot: bytes) -> tuple[str, list[object]]:
    """The JSON-RPC call that reads a slot."""
    return "eth_getStorageAt", [contract, "0x" + slot.hex(), "latest"]


def is_set(word: str) -> bool:
    """Whether there is anything in a slot: Ganache writes an empty one as ``0x``, others as
    ``0x000…``."""
    return bool(word.strip("0x"))
