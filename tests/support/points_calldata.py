"""Calldata of ``settle``, word by word, for tests to spoil."""

from __future__ import annotations

from collections.abc import Callable

from web3 import Web3

from counterfoil.model import Mined
from tests.support.anvil import receipt_of
from tests.support.points_bank import CheckedBank
from tests.support.points_model import Placed

SETTLE = Web3.keccak(text="settle((bytes32,uint256,uint256,uint128[],bytes)[])")[:4]
WORD = 32

Send = Callable[[bytes], Mined | None]


class Batch:
    """Orders as an honest encoder writes them. Offsets count from their tuple's own start."""

    def __init__(self, *placed: Placed) -> None:
        tuples = [_tuple(one) for one in placed]
        starts = [WORD * len(tuples)]
        for made in tuples[:-1]:
            starts.append(starts[-1] + len(made))
        heads = b"".join(map(word, starts))
        self.data = bytearray(SETTLE + word(WORD) + word(len(tuples)) + heads + b"".join(tuples))
        self.first = 4 + 2 * WORD + starts[0]  # where the first order's tuple stands

    def put(self, place: int, value: int) -> Batch:
        """Write a word of the first order's tuple; 3 and 4 are offsets, 5 counts its lines."""
        start = self.first + WORD * place
        self.data[start : start + WORD] = word(value)
        return self

    def mix(self, place: int, value: int) -> Batch:
        """Set bits of such a word."""
        start = self.first + WORD * place
        return self.put(place, int.from_bytes(self.data[start : start + WORD], "big") | value)


def sender(bank: CheckedBank) -> Send:
    """Sends bytes to the ledger as the bank does; gives None if it reverts."""
    bank.chain.request("anvil_impersonateAccount", bank.operator.address)
    parties = {"from": bank.operator.address, "to": bank.contract.address, "gas": hex(5_000_000)}

    def sent(data: bytes) -> Mined | None:
        call = bank.chain.request("eth_sendTransaction", parties | {"data": "0x" + data.hex()})
        receipt = receipt_of(bank.chain, call)
        return bank.contract.mined(receipt) if int(receipt["status"], 16) else None

    return sent


def word(value: int) -> bytes:
    """32 bytes, high byte first."""
    return value.to_bytes(WORD, "big")


def _tuple(placed: Placed) -> bytes:
    account, head, terms, lines = placed.order.as_tuple()
    body = word(len(lines)) + b"".join(map(word, lines))
    tail = word(len(placed.signature)) + placed.signature
    offsets = word(5 * WORD) + word(5 * WORD + len(body))
    return bytes(account + word(head) + word(terms) + offsets + body + tail)
