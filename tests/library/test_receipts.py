"""Merkle proofs of receipts, against a second implementation and OpenZeppelin's rule."""

from __future__ import annotations

from hashlib import sha256

import pytest
from eth_utils.crypto import keccak

from counterfoil.points.receipts import proof, root
from tests.support.merkle import root_and_proofs


def leaves(count: int) -> list[bytes]:
    return [sha256(bytes([place])).digest() for place in range(count)]


@pytest.mark.parametrize("count", [*range(1, 18), 99, 100, 101])
def test_roots_and_proofs_agree_with_a_second_implementation(count: int) -> None:
    expected, proofs = root_and_proofs(leaves(count))

    assert root(leaves(count)) == expected
    assert [proof(leaves(count), place) for place in range(count)] == proofs


@pytest.mark.parametrize("count", [1, 2, 3, 6, 7, 100])
def test_a_proof_leads_from_its_leaf_to_the_root(count: int) -> None:
    for place, leaf in enumerate(leaves(count)):
        node = leaf
        for sibling in proof(leaves(count), place):
            node = keccak(b"".join(sorted((node, sibling))))
        assert node == root(leaves(count))
