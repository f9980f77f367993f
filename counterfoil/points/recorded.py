"""Which orders have their record 1 on chain already, and which their record 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from counterfoil.model import Event
from counterfoil.points.ledger import Ledger

_Key = TypeVar("_Key")


@dataclass
class _Read(Generic[_Key]):
    """Reads what terminals have written: all of it once, later only what is new.

    It is asked for orders of a run that was cut short, and for those of no other run.
    """

    ledger: Ledger
    _seen: dict[str, dict[_Key, str]] = field(default_factory=dict)
    _read: dict[str, int] = field(default_factory=dict)  # the block to go on from, by terminal
    names: ClassVar[tuple[str, ...]] = ()

    def of(self, terminals: Iterable[str]) -> dict[_Key, str]:
        """The transactions of what these terminals have written, by what it tells of."""
        asked = list(terminals)
        if not asked:
            return {}
        first = min(self._read.get(one, self.ledger.record.block) for one in asked)
        top = self.ledger.chain.block_number()
        if first <= top:
            for name in self.names:
                for event in self.ledger.contract.events(
                    name, first=first, last=top, terminal=asked
                ):
                    seen = self._seen.setdefault(event.arguments["terminal"], {})
                    for key in self._keys(event):
                        seen.setdefault(key, event.transaction)
            self._read |= dict.fromkeys(asked, top + 1)
        return {key: name for one in asked for key, name in self._seen.get(one, {}).items()}

    def _keys(self, event: Event) -> Iterator[_Key]:
        raise NotImplementedError


class Recorded(_Read[bytes]):
    """Records 1, by order id."""

    names = ("OrdersRecorded",)

    def _keys(self, event: Event) -> Iterator[bytes]:
        return map(bytes, event.arguments["orderIds"])


class Finals(_Read[tuple[str, int]]):
    """Records 3, by terminal and sequence."""

    names = ("OrdersFinalized", "OrderCancelled")

    def _keys(self, event: Event) -> Iterator[tuple[str, int]]:
        return finals_in(event)


def finals_in(event: Event) -> Iterator[tuple[str, int]]:
    """The terminal and sequence of each order that an ``OrdersFinalized`` or ``OrderCancelled``
    tells of."""
    told = event.arguments
    if event.name == "OrderCancelled":
        yield told["terminal"], int(told["sequence"])
        return
    first, bits = int(told["firstSequence"]), int(told["orders"])
    for place in range(bits.bit_length()):
        if bits >> place & 1:
            yield told["terminal"], first + place
