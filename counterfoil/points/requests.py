"""How a terminal signs what it asks of a bank's node.

Four headers: the terminal's name, the time in Unix seconds, a fresh nonce (32 hex digits), and the
signature (EIP-191, in hex) of the key that signs the terminal's orders, 65 bytes, or one that its
contract stands by (ERC-1271), 1,024 bytes at most, over this text::

    counterfoil/bank/1
    {chain id}
    {ledger's address}
    {METHOD}
    {path, with the query if there is one}
    {SHA-256 of the body, in hex}
    {time}
    {nonce}
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from counterfoil.keys import Signer, text_digest
from counterfoil.points.orders import Domain, recover

TERMINAL = "counterfoil-terminal"
TIME = "counterfoil-time"
NONCE = "counterfoil-nonce"
SIGNATURE = "counterfoil-signature"
FRESH = 60
"""Seconds that a signed request counts, before and after its time."""

_TIME = re.compile("[0-9]{1,12}", re.ASCII)
_NONCE = re.compile("[0-9a-f]{32}")
_SIGNATURE = re.compile("0x(?:[0-9a-f]{2}){1,1024}")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The headers of a request, as they came in and before anybody believes them."""

    terminal: str
    time: int
    nonce: str
    signature: bytes

    def signer(self, domain: Domain, method: str, path: str, body: bytes) -> str | None:
        """The address whose key signed this request, or None if nobody's did."""
        return recover(self.digest(domain, method, path, body), self.signature)

    def digest(self, domain: Domain, method: str, path: str, body: bytes) -> bytes:
        """The 32 bytes that were signed if this is the request that they were signed for."""
        return _digest(domain, method, path, body, self.time, self.nonce)


def request_headers(
    signer: Signer,
    domain: Domain,
    terminal: str,
    method: str,
    path: str,
    body: bytes,
    *,
    now: int,
    nonce: bytes,
) -> dict[str, str]:
    """The headers with which a terminal's request is believed.

    Args:
        terminal: its name.
        path: as it is sent, with the query if there is one.
        now: Unix seconds.
        nonce: 16 bytes that were never used before.
    """
    digest = _digest(domain, method, path, body, now, nonce.hex())
    return {
        TERMINAL: terminal,
        TIME: str(now),
        NONCE: nonce.hex(),
        SIGNATURE: "0x" + signer.sign_digest(digest).hex(),
    }


def signed_request(headers: Mapping[str, str]) -> SignedRequest | None:
    """What these headers (names in lower case) say; None if one is missing or malformed."""
    time, nonce, signature = (headers.get(name, "") for name in (TIME, NONCE, SIGNATURE))
    if not (_TIME.fullmatch(time) and _NONCE.fullmatch(nonce) and _SIGNATURE.fullmatch(signature)):
        return None
    return SignedRequest(headers.get(TERMINAL, ""), int(time), nonce, bytes.fromhex(signature[2:]))


def _digest(domain: Domain, method: str, path: str, body: bytes, time: int, nonce: str) -> bytes:
    hashed = hashlib.sha256(body).hexdigest()
    parts = ("counterfoil/bank/1", str(domain.chain_id), domain.ledger, method, path, hashed)
    return text_digest("\n".join((*parts, str(time), nonce)))
