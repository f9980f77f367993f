"""What a node tells, and what it can't tell, or no more."""

from __future__ import annotations

import pytest
from eth_utils.address import to_checksum_address

from counterfoil.chain import Chain
from counterfoil.errors import Unavailable


def test_timestamps_areUnavailableIfTheChainHasLostABlock(chain: Chain) -> None:
    height = chain.block_number()

    assert chain.timestamps([height]) == {height: chain.timestamp(height)}
    with pytest.raises(Unavailable, match=f"no block {height + 1} now"):
        chain.timestamps([height, height + 1])


def test_sender_isUnavailableIfTheNodeDoesNotKnowTheTransaction(chain: Chain) -> None:
    chain.fund("0x" + "11" * 20, 1)
    (name,) = chain.request("eth_getBlockByNumber", "latest", False)["transactions"]

    assert chain.sender_of(name) == to_checksum_address(chain.request("eth_accounts")[0])
    with pytest.raises(Unavailable, match="doesn't tell who sent") as refused:
        chain.sender_of("0x" + "00" * 32)
    assert refused.value.code == "sender-unknown"
