"""What a block takes for gas, as the node says."""

from __future__ import annotations

import time

from counterfoil.node import Node


class BaseFee:
    """What a block takes for a unit of gas, in wei, as it was a moment ago."""

    _LASTS = 0.5  # seconds; an offer has room for twice as much

    def __init__(self, node: Node) -> None:
        self._node = node
        self._read, self._wei = -self._LASTS, 0

    def now(self) -> int:
        """Wei a gas."""
        if time.monotonic() - self._read >= self._LASTS:
            block = self._node.call("eth_getBlockByNumber", "latest", False)
            self._read, self._wei = time.monotonic(), int(block["baseFeePerGas"], 16)
        return self._wei

    def forget(self) -> None:
        """Ask again next time."""
        self._read = -self._LASTS
