"""A call as a transaction carries it, by its contract's ABI.

``eth_abi`` alone: what web3 does around it takes a batch of a hundred structs three times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode

from counterfoil.artifacts import Abi
from counterfoil.hashing import keccak
from counterfoil.reverts import canonical, spelt


def call_data(abi: Abi, function: str, arguments: Sequence[Any]) -> str:
    """The call as 0x hex, of a function that has its name for itself. Structs are tuples, bytes32
    are bytes."""
    named = (one for one in abi if one["type"] == "function" and one["name"] == function)
    (entry,) = named
    types = [canonical(item) for item in entry["inputs"]]
    return "0x" + (keccak(spelt(entry).encode())[:4] + encode(types, arguments)).hex()
