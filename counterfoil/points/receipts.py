"""Receipts of paid orders and their proofs: what gives points back.

A settled batch leaves one Merkle root on chain. Its leaves are the receipts of its paid orders, in
the order of their events; pairs are hashed in sorted order, and a node without a partner moves up
as it is, so that OpenZeppelin's MerkleProof checks a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from counterfoil.model import Event

_KINDS = [
    "bytes32",
    "bytes32",
    "address",
    "uint64",
    "uint32",
    "uint32",
    "uint40",
    "uint192",
    "uint16",
]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a paid order took: the contract's ``Receipt``, field by field."""

    order_id: bytes
    account: bytes
    terminal: str
    sequence: int
    rules: int
    points: int
    cash: int
    drawn: int
    first_period: int

    def leaf(self) -> bytes:
        """The 32 bytes that stand for it in its batch's tree."""
        return keccak(encode(_KINDS, astuple(self)))


def credit_leaf(account: bytes, points: int, earned_on: int, reference: bytes) -> bytes:
    """The 32 bytes that stand for a credit (the contract's ``Credit``) in its batch's tree."""
    kinds = ["bytes32", "uint32", "uint16", "bytes32"]
    return keccak(encode(kinds, [account, points, earned_on, reference]))


def receipt_in(event: Event, first_period: int) -> Receipt:
    """The receipt that an ``OrderPaid`` event tells of."""
    told = event.arguments
    return Receipt(
        order_id=bytes(told["orderId"]),
        account=bytes(told["account"]),
        terminal=str(told["terminal"]),
        sequence=int(told["sequence"]),
        rules=int(told["rules"]),
        points=int(told["points"]),
        cash=int(told["cash"]),
        drawn=int(told["drawn"]),
        first_period=first_period,
    )


def proven(
    paid: Sequence[Event], order_id: bytes, first_period: int
) -> tuple[Receipt, list[bytes]] | None:
    """The receipt of an order and its proof, out of the ``OrderPaid`` events of its batch in their
    order; None if it isn't among them. ``first_period``: of the first lot on the batch's day."""
    receipts = [receipt_in(event, first_period) for event in paid]
    for place, receipt in enumerate(receipts):
        if receipt.order_id == order_id:
            return receipt, proof([one.leaf() for one in receipts], place)
    return None


def proof(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """The siblings that lead from the leaf at ``place`` to the root, lowest first."""
    siblings = []
    level = list(leaves)
    while len(level) > 1:
        partner = place ^ 1
        if partner < len(level):
            siblings.append(level[partner])
        level = [_parent(level[i : i + 2]) for i in range(0, len(level), 2)]
        place //= 2
    return siblings


def root(leaves: Sequence[bytes]) -> bytes:
    """The root of a batch's leaves; there is at least one."""
    level = list(leaves)
    while len(level) > 1:
        level = [_parent(level[i : i + 2]) for i in range(0, len(level), 2)]
    return level[0]


def _parent(pair: Sequence[bytes]) -> bytes:
    return keccak(b"".join(sorted(pair))) if len(pair) == 2 else pair[0]
