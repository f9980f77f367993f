"""Values that travel between rooms and belong to none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Event:
    """One decoded log entry. ``arguments`` by name; bytes32 as bytes, addresses checksummed."""

    name: str
    arguments: Mapping[str, Any]
    address: str
    block: int
    transaction: str
    log_index: int


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction in its block. ``timestamp`` in seconds, ``events`` of the called contract."""

    transaction: str
    block: int
    timestamp: int
    gas_used: int
    events: tuple[Event, ...]

    def of(self, name: str) -> list[Event]:
        """The events called ``name``, in log order."""
        return [event for event in self.events if event.name == name]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was found and what it should be."""

    name: str
    found: object
    expected: object

    @property
    def agrees(self) -> bool:
        """Whether nothing is amiss."""
        return self.found == self.expected


def at_a_time(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """The values in their order, ``size`` at a time."""
    left = iter(values)
    while some := list(islice(left, size)):
        yield some
