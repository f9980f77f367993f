"""Case keys on their way to a verifier: one JWE (``ECDH-ES+A256KW``) to its X25519 key."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from counterfoil.errors import Refused
from counterfoil.tickets.casecrypto import KEY_BYTES

_HEADER = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}


class _Registry(jwe.JWERegistry):
    max_ciphertext_length = 128 * 1024  # over two thousand keys; a batch has 256 at most


_REGISTRY = _Registry(algorithms=list(_HEADER.values()))


def public_key_of(private_key: bytes) -> bytes:
    """The 32-byte X25519 public key of a 32-byte private one."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def wrap_keys(keys: Sequence[bytes], public_key: bytes) -> str:
    """Case keys of 32 bytes each, for the owner of ``public_key`` only."""
    receiver = OKPKey.import_key(X25519PublicKey.from_public_bytes(public_key))
    header = dict(_HEADER)  # the library puts the ephemeral key into it
    return jwe.encrypt_compact(header, b"".join(keys), receiver, registry=_REGISTRY)


def unwrap_keys(wrapped: str, private_key: bytes) -> list[bytes]:
    """The keys in their order.

    Raises:
        Refused: not for this key, or not keys (``unreadable-keys``).
    """
    receiver = OKPKey.import_key(X25519PrivateKey.from_private_bytes(private_key))
    try:
        joined = jwe.decrypt_compact(wrapped, receiver, registry=_REGISTRY).plaintext or b""
    except (JoseError, ValueError, KeyError):
        raise _unreadable() from None
    if len(joined) % KEY_BYTES:
        raise _unreadable()
    return [joined[start : start + KEY_BYTES] for start in range(0, len(joined), KEY_BYTES)]


def _unreadable() -> Refused:
    return Refused("the case keys aren't encrypted to this verifier", code="unreadable-keys")
