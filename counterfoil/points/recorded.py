"""Which orders have their record 1 on chain already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from counterfoil.points.ledger import Ledger


@dataclass
class Recorded:
    """Reads what terminals have recorded: all of it once, later only what is new.

    It is asked for orders of a run that was cut short, and for those of no other run.
    """

    ledger: Ledger
    _seen: dict[str, dict[bytes, str]] = field(default_factory=dict)
    _read: dict[str, int] = field(default_factory=dict)  # the block to go on from, by terminal

    def of(self, terminals: Iterable[str]) -> dict[bytes, str]:
        """The transactions of the orders that these terminals have recorded, by order id."""
        asked = list(terminals)
        if not asked:
            return {}
        first = min(self._read.get(one, self.ledger.record.block) for one in asked)
        top = self.ledger.chain.block_number()
        if first <= top:
            for event in self.ledger.contract.events(
                "OrdersRecorded", first=first, last=top, terminal=asked
            ):
                seen = self._seen.setdefault(event.arguments["terminal"], {})
                for order_id in event.arguments["orderIds"]:
                    seen.setdefault(bytes(order_id), event.transaction)
            self._read |= dict.fromkeys(asked, top + 1)
        return {key: name for one in asked for key, name in self._seen.get(one, {}).items()}
