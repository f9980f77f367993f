"""Keys that sign: transactions for the chain, orders of terminals, attestations of verifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coincurve import PrivateKey, PublicKey

from counterfoil.errors import BadInput
from counterfoil.hashing import checksummed, keccak

_TYPE = b"\x02"  # EIP-1559


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A secp256k1 key that never shows itself. ``address`` answers for it, checksummed (EIP-55)."""

    _key: PrivateKey
    address: str

    @classmethod
    def from_hex(cls, text: str) -> Signer:
        """The signer of a private key in hex, 32 bytes, with or without 0x.

        Raises:
            BadInput: not such a key. The message doesn't repeat it.
        """
        try:
            secret = bytes.fromhex(text.strip().removeprefix("0x"))
            if len(secret) != 32:
                raise ValueError
            return cls._of(PrivateKey(secret))
        except ValueError:
            raise BadInput(
                "not a private key", fix="Give 32 bytes of hex, not zero, below the curve's order."
            ) from None

    @classmethod
    def generate(cls) -> Signer:
        """A new key from the operating system's randomness."""
        return cls._of(PrivateKey())

    @classmethod
    def _of(cls, key: PrivateKey) -> Signer:
        return cls(key, checksummed(_account_of(key.public_key)))

    def private_key(self) -> bytes:
        """The 32 bytes themselves, for the one file that keeps them."""
        return bytes(self._key.secret)

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes, r ‖ s ‖ v with v 27 or 28 and s in the lower half, over a 32-byte digest."""
        signature = bytes(self._key.sign_recoverable(digest, hasher=None))
        return signature[:64] + bytes((27 + signature[64],))

    def sign_text(self, text: str) -> bytes:
        """65 bytes as :meth:`sign_digest`, over a text (EIP-191, version 0x45)."""
        return self.sign_digest(text_digest(text))

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        """The signed transaction as the node takes it.

        Args:
            transaction: of EIP-1559, its fields by their JSON-RPC names; ``data`` in bytes.
        """
        fields = [
            *(transaction[name] for name in ("chainId", "nonce", "maxPriorityFeePerGas")),
            *(transaction[name] for name in ("maxFeePerGas", "gas")),
            bytes.fromhex(str(transaction.get("to", "0x"))[2:]),
            transaction.get("value", 0),
            transaction.get("data", b""),
            [],  # access list
        ]
        signature = bytes(self._key.sign_recoverable(keccak(_TYPE + _rlp(fields)), hasher=None))
        numbers = (signature[64:], signature[:32], signature[32:64])
        return _TYPE + _rlp([*fields, *(int.from_bytes(one, "big") for one in numbers)])

    def __repr__(self) -> str:
        return f"Signer({self.address})"


def text_digest(text: str) -> bytes:
    """The 32 bytes that are signed of a text (EIP-191, version 0x45)."""
    message = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n%d" % len(message) + message)


def signer_of(digest: bytes, signature: bytes) -> str | None:
    """The checksummed address that made these 65 bytes over ``digest``; None if nobody did."""
    if len(signature) != 65 or signature[64] not in (27, 28):
        return None
    found = recovered(digest, signature)
    return None if found is None else checksummed(found)


def recovered(digest: bytes, signature: bytes) -> bytes | None:
    """The account, 20 bytes, that made r ‖ s ‖ v, v 27 or 28, over ``digest``; None if nobody."""
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes((signature[64] - 27,)), digest, hasher=None
        )
    except Exception:  # coincurve raises a bare Exception for points off the curve
        return None
    return _account_of(key)


def _account_of(key: PublicKey) -> bytes:
    return keccak(key.format(compressed=False)[1:])[-20:]


def _rlp(item: int | bytes | Sequence[Any]) -> bytes:
    """Recursive length prefix: numbers, bytes and lists of them
    (https://ethereum.org/developers/docs/data-structures-and-encoding/rlp)."""
    if isinstance(item, int):
        item = item.to_bytes((item.bit_length() + 7) // 8, "big")
    if isinstance(item, bytes):
        return item if len(item) == 1 and item[0] < 0x80 else _headed(0x80, item)
    return _headed(0xC0, b"".join(_rlp(one) for one in item))


def _headed(kind: int, body: bytes) -> bytes:
    if len(body) < 56:
        return bytes((kind + len(body),)) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((kind + 55 + len(length),)) + length + body
