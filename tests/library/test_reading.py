"""What a node tells of a chain that has become shorter."""

from __future__ import annotations

import pytest

from counterfoil.chain import Chain
from counterfoil.errors import Unavailable


def test_timestamps_areUnavailableIfTheChainHasLostABlock(chain: Chain) -> None:
    height = chain.block_number()

    assert chain.timestamps([height]) == {height: chain.timestamp(height)}
    with pytest.raises(Unavailable, match=f"no block {height + 1} now"):
        chain.timestamps([height, height + 1])
