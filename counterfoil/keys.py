"""Keys that sign: transactions for the chain, orders of terminals, attestations of verifiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_typing import Hash32
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

from counterfoil.errors import BadInput


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A secp256k1 key that never shows itself."""

    _account: LocalAccount

    @classmethod
    def from_hex(cls, text: str) -> Signer:
        """The signer of a private key in hex, 32 bytes, with or without 0x.

        Raises:
            BadInput: not such a key. The message doesn't repeat it.
        """
        try:
            return cls(Account.from_key(text.strip()))
        except Exception as error:  # eth-account raises several unrelated kinds
            raise BadInput(
                "not a private key", fix="Give 32 bytes of hex, not zero, below the curve's order."
            ) from error.with_traceback(None)

    @classmethod
    def generate(cls) -> Signer:
        """A new key from the operating system's randomness."""
        return cls(Account.create())

    @property
    def address(self) -> str:
        """The address that answers for this key, checksummed (EIP-55)."""
        return str(self._account.address)

    def private_key(self) -> bytes:
        """The 32 bytes themselves, for the one file that keeps them."""
        return bytes(self._account.key)

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes, r ‖ s ‖ v with v 27 or 28 and s in the lower half, over a 32-byte digest."""
        return bytes(self._account.unsafe_sign_hash(Hash32(digest)).signature)

    def sign_text(self, text: str) -> bytes:
        """65 bytes as :meth:`sign_digest`, over a text (EIP-191, version 0x45)."""
        return self.sign_digest(text_digest(text))

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """The signed transaction as the node takes it."""
        return bytes(self._account.sign_transaction(dict(transaction)).raw_transaction)

    def __repr__(self) -> str:
        return f"Signer({self.address})"


def text_digest(text: str) -> bytes:
    """The 32 bytes that are signed of a text (EIP-191, version 0x45)."""
    message = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n%d" % len(message) + message)


def signer_of(digest: bytes, signature: bytes) -> str | None:
    """The checksummed address that made these 65 bytes over ``digest``; None if nobody did."""
    try:
        found = Signature(signature[:64] + bytes((signature[64] - 27,)))
        return str(found.recover_public_key_from_msg_hash(digest).to_checksum_address())
    except (BadSignature, ValidationError, ValueError, IndexError):
        return None
