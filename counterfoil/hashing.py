"""Keccak-256 (https://keccak.team/keccak.html), the hash of the chain, without detours.

A settled order takes five of them, so that the microseconds count.
"""

from __future__ import annotations

from sha3 import keccak_256


def keccak(data: bytes) -> bytes:
    """The 32-byte Keccak-256 of ``data``."""
    digest: bytes = keccak_256(data).digest()
    return digest
