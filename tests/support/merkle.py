"""Merkle trees as the ledger builds them: sorted pairs, a node without a partner moves up."""

from __future__ import annotations

from collections.abc import Sequence

from eth_utils.crypto import keccak


def root_and_proofs(leaves: Sequence[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """The root, and for each leaf its proof."""
    proofs: list[list[bytes]] = [[] for _ in leaves]
    level = [(leaf, [index]) for index, leaf in enumerate(leaves)]
    while len(level) > 1:
        above = []
        for left, right in zip(level[::2], level[1::2], strict=False):
            for index in left[1]:
                proofs[index].append(right[0])
            for index in right[1]:
                proofs[index].append(left[0])
            above.append((keccak(b"".join(sorted((left[0], right[0])))), left[1] + right[1]))
        level = above + level[len(level) - len(level) % 2 :]
    return level[0][0], proofs
