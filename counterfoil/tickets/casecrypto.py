"""Case files and attachments as encrypted blocks: JWE (RFC 7516) ``dir`` with ``A256GCM``.

The protected header is the associated data. It says which ticket on which chain the block
belongs to and what it is, and a block is only opened where it belongs: moved to another ticket,
contract or chain, it doesn't decrypt. Every ticket has a key of its own, made by :func:`new_key`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from counterfoil.errors import Tampered
from counterfoil.ipfs.store import MAX_BLOCK

KEY_BYTES = 32


class _Registry(jwe.JWERegistry):
    """One pair of algorithms, our own header fields, and blocks as large as IPFS takes."""

    max_ciphertext_length = MAX_BLOCK


_REGISTRY = _Registry(algorithms=["dir", "A256GCM"], strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Binding:
    """The one ticket that a block belongs to."""

    chain_id: int
    contract: str
    """Checksummed address of the registry."""
    token_id: bytes

    def header(self, kind: str) -> dict[str, object]:
        """The protected header of this ticket's blocks of one kind."""
        return {
            "alg": "dir",
            "enc": "A256GCM",
            "kind": kind,
            "chain": self.chain_id,
            "contract": self.contract,
            "token": self.token_id.hex(),
        }


def new_key() -> bytes:
    """A fresh 32-byte case key."""
    return secrets.token_bytes(KEY_BYTES)


def seal(plain: bytes, key: bytes, binding: Binding, kind: str) -> bytes:
    """``plain`` as a JWE in compact form, with a fresh random nonce.

    Args:
        plain: at most 194,560 bytes, or the block outgrows IPFS's.
        key: the ticket's case key.
        binding: the ticket.
        kind: what this is, with its version: ``case/1``.
    """
    header = binding.header(kind)
    return jwe.encrypt_compact(header, plain, OctKey.import_key(key), registry=_REGISTRY).encode()


def unseal(block: bytes, key: bytes, binding: Binding, kind: str) -> bytes:
    """What :func:`seal` was given.

    Raises:
        Tampered: another key, ticket or kind, or bytes that were changed.
    """
    try:
        opened = jwe.decrypt_compact(block, OctKey.import_key(key), registry=_REGISTRY)
    except (JoseError, ValueError, KeyError):
        # The cause may quote the block, and says no more than that it doesn't decrypt.
        raise _foreign(binding) from None
    if opened.protected != binding.header(kind) or opened.plaintext is None:
        raise _foreign(binding)
    return opened.plaintext


def _foreign(binding: Binding) -> Tampered:
    return Tampered(
        f"a block of ticket 0x{binding.token_id.hex()} doesn't decrypt as that ticket's",
        code="undecryptable",
    )
