"""Terminals that are contracts: whether they stand by a signature.

They are asked as the ledger asks them (``TerminalSignature.sol``): with 100,000 gas, for 32 bytes
that hold the magic value of ERC-1271 (https://eips.ethereum.org/EIPS/eip-1271). The ledger's own
question, when it settles, is the one that counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.hashing import keccak
from counterfoil.node import Call
from counterfoil.reading import Reading

_QUESTION = keccak(b"isValidSignature(bytes32,bytes)")[:4]
_YES = "0x" + _QUESTION.ljust(32, b"\0").hex()
_GAS, _CALL, _BYTE = 100_000, 21_000, 16  # the wallet's own; what a call costs; a byte of it


def stand_by(chain: Reading, wallet: str, signed: Sequence[tuple[bytes, bytes]]) -> list[bool]:
    """Whether the contract at ``wallet`` stands by each signature (digest, signature).

    Raises:
        Unavailable: the chain doesn't answer.
    """
    calls: list[Call] = []
    for digest, signature in signed:
        data = _asked(digest, signature)
        gas = hex(_GAS + _CALL + _BYTE * len(data))
        calls.append(
            ("eth_call", [{"to": wallet, "data": "0x" + data.hex(), "gas": gas}, "latest"])
        )
    answers = chain.node.try_batch(calls)  # one that reverts says no
    return [isinstance(answer, str) and answer[: len(_YES)] == _YES for answer in answers]


def _asked(digest: bytes, signature: bytes) -> bytes:
    words = (0x40).to_bytes(32), len(signature).to_bytes(32)
    padding = bytes(-len(signature) % 32)
    return b"".join((_QUESTION, digest, *words, signature, padding))
