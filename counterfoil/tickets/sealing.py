"""A few bytes under a passphrase: scrypt (RFC 7914) for the key, AES-256-GCM for the bytes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from counterfoil.errors import BadInput, Refused

KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
MIN_PASSPHRASE = 12
"""Characters."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What scrypt takes: ``n`` · ``r`` · 128 bytes of memory, ``p`` times over."""

    n: int = 2**17
    r: int = 8
    p: int = 1


def derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """The 32-byte key that a passphrase stands for.

    Raises:
        BadInput: it is too short to be one; it isn't repeated.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise BadInput(f"has {MIN_PASSPHRASE} characters at least", field="the passphrase")
    return Scrypt(salt, KEY_BYTES, cost.n, cost.r, cost.p).derive(passphrase.encode())


def seal(plain: bytes, passphrase: str, context: bytes, cost: Cost) -> tuple[bytes, bytes]:
    """A fresh salt, and nonce and ciphertext that open with it, the passphrase and ``context``."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    key = derive(passphrase, salt, cost)
    return salt, nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(sealed: bytes, salt: bytes, passphrase: str, context: bytes, cost: Cost) -> bytes:
    """What :func:`seal` was given.

    Raises:
        Refused: another passphrase, or bytes that were changed (``passphrase``).
    """
    key = derive(passphrase, salt, cost)
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise Refused(
            "this passphrase doesn't open it", fix="Or it was changed.", code="passphrase"
        ) from None
