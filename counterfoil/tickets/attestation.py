"""What a verifier is asked to sign, and what it answers.

The signature is EIP-712 over
``Attestation(Opening[] openings,uint40 deadline)Opening(uint256 tokenId,bytes32 digest)``, one
for a whole batch. The case keys travel beside it, encrypted to the verifier's own public key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from counterfoil.hashing import keccak
from counterfoil.ipfs.store import BlockState

_DOMAIN = keccak(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
_OPENING = keccak(b"Opening(uint256 tokenId,bytes32 digest)")
_ATTESTATION = keccak(
    b"Attestation(Opening[] openings,uint40 deadline)Opening(uint256 tokenId,bytes32 digest)"
)
_NAME, _VERSION = keccak(b"Counterfoil Tickets"), keccak(b"1")

OPEN_ALREADY = "already-open"
"""The one reason that only says that somebody else was quicker."""
UNREAD = ("block-missing", "block-corrupt")
"""Reasons that say something of the verifier's store and nothing of the ticket."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A ticket to be minted: its id and the digest of its case file, 32 bytes each."""

    token_id: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """A batch for a verifier to look into. ``deadline`` is Unix seconds."""

    chain_id: int
    contract: str
    openings: tuple[Opening, ...]
    deadline: int
    keys: str
    """The case keys in the order of the openings, wrapped (``keywrap.py``) to the verifier."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A ticket that the verifier doesn't vouch for, and the stable code of the reason."""

    token_id: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """65 bytes of signature over the whole batch; or none, and the tickets that are why."""

    verifier: str
    signature: bytes | None
    refusals: tuple[Refusal, ...] = ()


Order = Literal["keep", "drop", "look"]
"""What a verifier's own store is asked to do with blocks."""


class Verifier(Protocol):
    """A verifier node as intake sees it, wherever it runs."""

    @property
    def name(self) -> str:
        """What the desk calls it, whether or not it answers."""

    @property
    def address(self) -> str:
        """The checksummed address that its signatures recover to."""

    @property
    def public_key(self) -> bytes:
        """The 32-byte X25519 key that case keys are encrypted to."""

    def attest(self, request: Request) -> Verdict:
        """Look into the batch; ``Unavailable`` if the node can't."""

    def blocks(self, order: Order, digests: Sequence[bytes]) -> dict[bytes, BlockState]:
        """Keep, drop or look at blocks in its own store; how it has each of them then."""


def attestation_digest(request: Request) -> bytes:
    """The 32 bytes that are signed; the registry's ``attestationHash`` gives the same."""
    contract = bytes.fromhex(request.contract.removeprefix("0x"))
    domain = keccak(
        _DOMAIN + _NAME + _VERSION + request.chain_id.to_bytes(32) + contract.rjust(32, b"\0")
    )
    openings = keccak(
        b"".join(keccak(_OPENING + one.token_id + one.digest) for one in request.openings)
    )
    attestation = keccak(_ATTESTATION + openings + request.deadline.to_bytes(32))
    return keccak(b"\x19\x01" + domain + attestation)
