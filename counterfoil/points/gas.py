"""What settling orders may cost, known before it is tried: asking the node would settle twice."""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.points.batches import Batching
from counterfoil.points.signedfile import SignedOrder

# At most: what `settle` costs beside its orders; one whose account, terminal and strip of the roll
# are all touched for the first time; a line; a terminal that is a contract (ERC-1271).
_CALL, _ORDER, _LINE, _WALLET = 120_000, 75_000, 6_000, 115_000
_MARGIN = 1.5


class GasBook:
    """What orders may cost on one chain: at first the most that is possible, later half as much
    again as the dearest batch so far. A batch that needs more yet runs out of gas, harms nobody,
    and is settled in parts."""

    def __init__(self, most: int) -> None:
        self.most = most  # that a transaction may use
        self._dearest = 0.0  # of what was possible

    def limit(self, orders: Sequence[SignedOrder], wallets: int) -> int:
        """What a batch may use; ``wallets`` of its terminals are contracts."""
        most = _CALL + sum(self.of(order) for order in orders) + _WALLET * wallets
        return min(most, self.most)

    def of(self, order: SignedOrder) -> int:
        """What an order may use, unless its terminal is a contract."""
        share = min(1.0, self._dearest * _MARGIN) or 1.0
        return int(_possible(order) * share)

    def has_room(self, orders: int, lines: int, gas: int, batching: Batching) -> bool:
        """Whether a batch may be so large, whose orders use so much gas together."""
        share = int(self.most * batching.gas_share)
        return orders <= batching.orders and lines <= batching.lines and _CALL + gas <= share

    def learn(self, orders: Sequence[SignedOrder], used: int) -> None:
        """Take note of what a batch used."""
        if orders:
            most = _CALL + sum(_possible(order) for order in orders)
            self._dearest = max(self._dearest, used / most)


def _possible(order: SignedOrder) -> int:
    return _ORDER + _LINE * len(order.order.lines)
