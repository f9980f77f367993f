"""Where things lie in the registry's storage, for those that are asked for with every batch: a
chain that runs contracts step by step reads storage in a tenth of the time of a call.

Owner, status, version and times share the slot that solady's ERC721 (0.1, ``ERC721.sol``, "The
ownership slot") gives a token; it is zero for a ticket that doesn't exist. In it, from the lowest
bit: owner 160, status 8, version 16, time opened 36, time updated 36 (``TicketData.sol``).
"""

from __future__ import annotations

from eth_utils.address import to_checksum_address

from counterfoil.hashing import keccak
from counterfoil.tickets.standing import Ticket, status_of

_ROLES = 2  # OpenZeppelin's AccessControl (5.4), after the two strings of its EIP712
QUORUM_SLOT = (5).to_bytes(32)
_FILES = 6  # the registry's own mapping, after the quorum
_SECONDS = (1 << 36) - 1
_SEED = bytes.fromhex("7d882553")  # the part of ``_ERC721_MASTER_SLOT_SEED`` that is hashed


def slot_of(token_id: bytes) -> bytes:
    """The 32-byte number of the slot."""
    hashed = int.from_bytes(keccak(token_id[:28] + _SEED))
    return ((2 * int.from_bytes(token_id) + hashed) % 2**256).to_bytes(32)


def digest_slot(token_id: bytes) -> bytes:
    """The slot of the digest of its latest version."""
    return keccak(token_id + _FILES.to_bytes(32))


def ticket_in(token_id: bytes, owned: str, digest: str) -> Ticket | None:
    """The ticket that two slots tell of, its own and its digest's; None if they tell of none."""
    word = number_in(owned)
    handler, rest = word & (1 << 160) - 1, word >> 160
    status = status_of(rest & 0xFF)
    if status is None:
        return None
    return Ticket(
        token_id=token_id,
        handler=to_checksum_address(handler.to_bytes(20)),
        status=status,
        version=rest >> 8 & 0xFFFF,
        opened_at=rest >> 24 & _SECONDS,
        updated_at=rest >> 60 & _SECONDS,
        digest=number_in(digest).to_bytes(32),
    )


def role_slot(role: str, account: str) -> bytes:
    """The slot that isn't zero if the account (0x hex) has a role such as ``INTAKE_ROLE``."""
    holders = keccak(keccak(role.encode()) + _ROLES.to_bytes(32))
    return keccak(bytes.fromhex(account[2:]).rjust(32, b"\0") + holders)


def quorum_in(word: str) -> int:
    """The quorum in ``QUORUM_SLOT``, where it stands beside whether the registry is paused."""
    return number_in(word) >> 8 & 0xFF


def reading(contract: str, slot: bytes, block: str = "latest") -> tuple[str, list[object]]:
    """The JSON-RPC call that reads a slot as a block (its number in hex) left it."""
    return "eth_getStorageAt", [contract, "0x" + slot.hex(), block]


def number_in(word: str) -> int:
    """What a slot holds. Ganache leaves out a word's leading zeros."""
    return int(word, 16) if is_set(word) else 0


def is_set(word: str) -> bool:
    """Whether there is anything in a slot: Ganache writes an empty one as ``0x``, others as
    ``0x000…``."""
    return bool(word.strip("0x"))
