"""What verifiers sign, built by eth-account instead of the registry."""

from __future__ import annotations

from collections.abc import Sequence

from eth_account.messages import encode_typed_data
from eth_keys.datatypes import Signature
from web3 import Web3

from counterfoil.chain import Contract
from counterfoil.keys import Signer
from tests.support.ticket_rules import Opening

CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141  # order of secp256k1

_TYPES = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "Opening": [{"name": "tokenId", "type": "uint256"}, {"name": "digest", "type": "bytes32"}],
    "Attestation": [
        {"name": "openings", "type": "Opening[]"},
        {"name": "deadline", "type": "uint40"},
    ],
}


def attestation_hash(
    registry: Contract, openings: Sequence[Opening], deadline: int, *, chain_id: int = 0
) -> bytes:
    """The 32 bytes that a verifier of this registry signs, on its own chain unless told."""
    signable = encode_typed_data(
        full_message={
            "types": _TYPES,
            "primaryType": "Attestation",
            "domain": {
                "name": "Counterfoil Tickets",
                "version": "1",
                "chainId": chain_id or registry.chain.chain_id,
                "verifyingContract": registry.address,
            },
            "message": {
                "openings": [{"tokenId": one.token_id, "digest": one.digest} for one in openings],
                "deadline": deadline,
            },
        }
    )
    return bytes(Web3.keccak(b"\x19" + signable.version + signable.header + signable.body))


def attested(
    registry: Contract, openings: Sequence[Opening], signers: Sequence[Signer], deadline: int
) -> tuple[int, list[bytes]]:
    """The registry's ``Attestations``: 65-byte signatures in the order of ``signers``."""
    digest = attestation_hash(registry, openings, deadline)
    return (deadline, [signer.sign_digest(digest) for signer in signers])


def compact(signature: bytes) -> bytes:
    """The same signature in the 64 bytes of EIP-2098."""
    odd = signature[64] - 27
    return signature[:32] + bytes([signature[32] | odd << 7]) + signature[33:64]


def mirrored(signature: bytes) -> bytes:
    """The other signature of the same signer over the same: s on the other side of the curve."""
    s = CURVE - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])


def signer_of(
    registry: Contract, openings: Sequence[Opening], deadline: int, signature: bytes
) -> str:
    """Whom the registry takes for the signer, if this is what it was sent."""
    digest = attestation_hash(registry, openings, deadline)
    found = Signature(signature[:64] + bytes([signature[64] - 27]))
    return str(found.recover_public_key_from_msg_hash(digest).to_checksum_address())
