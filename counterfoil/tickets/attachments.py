"""Files that come with a query, as encrypted blocks of their own.

Each block is bound to its ticket, its file and its place in the file, so that none can be left
out, moved or taken from elsewhere. The last one is padded; the case file knows the true size.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.errors import Tampered
from counterfoil.tickets.casecrypto import Binding, seal, unseal
from counterfoil.tickets.casefile import SIZES

MAX_ATTACHMENT = 25_000_000
"""Bytes of one file."""
TOO_LARGE = f"over {MAX_ATTACHMENT // 1_000_000} MB"
_PIECE = SIZES[-1]


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """A file to attach."""

    name: str
    data: bytes


def new_attachment_id() -> str:
    """A random name for a file within its case, 32 hex digits."""
    return secrets.token_hex(16)


def seal_file(data: bytes, key: bytes, binding: Binding, attachment_id: str) -> list[bytes]:
    """``data`` as blocks that each fit IPFS; none for an empty file."""
    pieces = [data[start : start + _PIECE] for start in range(0, len(data), _PIECE)]
    return [
        seal(_padded(piece), key, binding, _kind(attachment_id, place, len(pieces)))
        for place, piece in enumerate(pieces)
    ]


def unseal_file(
    blocks: Sequence[bytes], size: int, key: bytes, binding: Binding, attachment_id: str
) -> bytes:
    """The file of ``size`` bytes that these blocks hold.

    Raises:
        Tampered: a block is missing, changed, moved or foreign.
    """
    pieces = [
        unseal(block, key, binding, _kind(attachment_id, place, len(blocks)))
        for place, block in enumerate(blocks)
    ]
    data = b"".join(pieces)
    if not len(data) - _PIECE <= size <= len(data):
        raise Tampered("an attachment has another size than its case says", code="schema")
    return data[:size]


def _kind(attachment_id: str, place: int, count: int) -> str:
    return f"attachment/1 {attachment_id} {place + 1}/{count}"


def _padded(piece: bytes) -> bytes:
    return piece.ljust(next(size for size in SIZES if len(piece) <= size), b"\0")
