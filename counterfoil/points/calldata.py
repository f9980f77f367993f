"""Calls of the ledger and its answers, word for word.

The contract ABI (https://docs.soliditylang.org/en/v0.8.28/abi-spec.html) spelt out for the few
calls that settling makes for each order, since a general encoder takes as long as the chain does.
That it agrees with one is tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from counterfoil.hashing import keccak
from counterfoil.points.orders import PaymentOrder
from counterfoil.points.reasons import Reason

_SETTLE = keccak(b"settle((bytes32,uint256,uint256,uint128[],bytes)[])")[:4]
_RECORD = keccak(b"recordOrders(address,bytes32[])")[:4]
_FINALIZE = keccak(b"finalize(address,uint64,uint256)")[:4]
_TILL = keccak(b"till(address)")[:4]
_HOLDING = keccak(b"holding(bytes32)")[:4]
_MARK = keccak(b"markOf(address,uint64)")[:4]
_RULES = keccak(b"rules(uint32)")[:4]
CURRENT_RULES = keccak(b"currentRules()")[:4]
PAUSED = keccak(b"paused()")[:4]
_PAID_SPELT = b"OrderPaid(bytes32,bytes32,address,uint64,uint32,uint32,uint40,uint192)"
_PAID = "0x" + keccak(_PAID_SPELT).hex()
_REJECTED = "0x" + keccak(b"OrderRejected(bytes32,bytes32,address,uint64,uint8)").hex()
_SKIPPED = "0x" + keccak(b"OrderSkipped(bytes32,address,uint8)").hex()
_WORD = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What a settlement said of one order."""

    order_id: bytes
    reason: Reason


def settle_call(orders: Sequence[tuple[PaymentOrder, bytes]]) -> bytes:
    """``settle`` of these orders with their signatures."""
    heads, tails = [], []
    at = _WORD * len(orders)
    for order, signature in orders:
        tail = _signed(order, signature)
        heads.append(_word(at))
        tails.append(tail)
        at += len(tail)
    return b"".join((_SETTLE, _word(_WORD), _word(len(orders)), *heads, *tails))


def record_call(terminal: str, order_ids: Sequence[bytes]) -> bytes:
    """``recordOrders`` of these orders of a terminal."""
    return b"".join(
        (_RECORD, _address(terminal), _word(2 * _WORD), _word(len(order_ids)), *order_ids)
    )


def finalize_call(terminal: str, first: int, orders: int) -> bytes:
    """``finalize`` of a terminal's orders: bit i of ``orders`` is sequence ``first`` + i."""
    return _FINALIZE + _address(terminal) + _word(first) + _word(orders)


def till_call(terminal: str) -> bytes:
    """``till`` of a terminal."""
    return _TILL + _address(terminal)


def holding_call(account: bytes) -> bytes:
    """``holding`` of an account."""
    return _HOLDING + account


def mark_call(terminal: str, sequence: int) -> bytes:
    """``markOf`` a terminal's sequence."""
    return _MARK + _address(terminal) + _word(sequence)


def rules_call(version: int) -> bytes:
    """``rules`` of a version."""
    return _RULES + _word(version)


def words_in(answer: str) -> list[int]:
    """The words of an answer whose parts are all of one word."""
    data = bytes.fromhex(answer[2:])
    return [int.from_bytes(data[i : i + _WORD], "big") for i in range(0, len(data), _WORD)]


def key_in(till: str) -> bytes | None:
    """Who signs for a terminal, 20 bytes, in the answer to ``till``; None: unknown or disabled."""
    words = bytes.fromhex(till[2:])
    return words[12:32] if words[3 * _WORD - 1] else None


def answers_in(logs: Iterable[Mapping[str, Any]], ledger: str) -> Iterator[Answer]:
    """The answers among the logs of a receipt, orders that were skipped included."""
    home = ledger.lower()
    for log in logs:
        topics = log["topics"]
        if not topics or log["address"].lower() != home:
            continue
        if topics[0] == _PAID:
            reason = Reason.NONE
        elif topics[0] in (_REJECTED, _SKIPPED):
            reason = Reason(int(log["data"][-2:], 16))  # the last word of the event
        else:
            continue
        yield Answer(bytes.fromhex(topics[1][2:]), reason)


def _signed(order: PaymentOrder, signature: bytes) -> bytes:
    account, head, terms, lines = order.as_tuple()
    at_lines = 5 * _WORD
    at_signature = at_lines + _WORD * (1 + len(lines))
    padding = bytes(-len(signature) % _WORD)
    return b"".join(
        (
            account,
            _word(head),
            _word(terms),
            _word(at_lines),
            _word(at_signature),
            _word(len(lines)),
            *(_word(line) for line in lines),
            _word(len(signature)),
            signature,
            padding,
        )
    )


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD, "big")


def _address(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])
