"""Keccak-256 (https://keccak.team/keccak.html), the hash of the chain, and addresses made of it.

Straight from C: a settled order takes five of them, and the usual wrappers ten times as long.
"""

from __future__ import annotations

from sha3 import keccak_256


def keccak(data: bytes) -> bytes:
    """The 32-byte Keccak-256 of ``data``."""
    digest: bytes = keccak_256(data).digest()
    return digest


def checksummed(address: bytes) -> str:
    """The 20 bytes of an address as people write them (https://eips.ethereum.org/EIPS/eip-55)."""
    digits = address.hex()
    check = keccak(digits.encode()).hex()
    pairs = zip(digits, check, strict=False)
    return "0x" + "".join(one.upper() if mark >= "8" else one for one, mark in pairs)
