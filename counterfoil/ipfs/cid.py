"""Content identifiers of single raw blocks.

The chain keeps the 32-byte SHA-256 digest of a block; IPFS names the same block by a
CIDv1 (https://github.com/multiformats/cid). Both say the same thing, and this module
turns one into the other without asking a node.
"""

from __future__ import annotations

import base64
import hashlib

from counterfoil.errors import BadInput, InvalidCid

DIGEST_BYTES = 32
_RAW_SHA256 = bytes((0x01, 0x55, 0x12, 0x20))  # CIDv1, raw codec, sha2-256, 32 bytes
_CID_LENGTH = 59  # "b" and 36 bytes in base32, five bits a letter


def digest_of(block: bytes) -> bytes:
    """The 32-byte digest under which the chain and IPFS know ``block``."""
    return hashlib.sha256(block).digest()


def cid_of(digest: bytes) -> str:
    """The CIDv1 (base32, ``bafkrei…``) of the raw block with this 32-byte digest.

    Raises:
        BadInput: a digest of another length.
    """
    if len(digest) != DIGEST_BYTES:
        raise BadInput(f"a digest has {DIGEST_BYTES} bytes, this one {len(digest)}")
    return "b" + base64.b32encode(_RAW_SHA256 + digest).decode().lower().rstrip("=")


def digest_in(cid: str) -> bytes:
    """The digest inside a raw CIDv1.

    Only the one spelling that :func:`cid_of` gives is read: base32 has two unused bits here, and
    a capital or another base would name the same block by a second text.

    Raises:
        InvalidCid: another version, codec, hash, base or spelling, or not a CID at all.
    """
    if len(cid) != _CID_LENGTH or not cid.isascii():
        raise InvalidCid(cid)
    try:
        raw = base64.b32decode(cid[1:].upper() + "=" * 6)
    except ValueError:
        raise InvalidCid(cid) from None
    digest = raw[len(_RAW_SHA256) :]
    if cid != cid_of(digest):
        raise InvalidCid(cid)
    return digest
