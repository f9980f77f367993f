"""A ledger's logs with what a scanner has to know beside the event: its block's hash and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from counterfoil.artifacts import artifact
from counterfoil.chain import Chain
from counterfoil.logs import Logs
from counterfoil.model import Event


@dataclass(frozen=True, slots=True)
class Header:
    """A block by number and hash, with its parent's hash. ``at`` in seconds."""

    number: int
    hash: str
    parent: str
    at: int


@dataclass(frozen=True, slots=True)
class Log:
    """A decoded log in its block. ``at`` in seconds; bytes32 as bytes, addresses checksummed."""

    name: str
    arguments: Mapping[str, Any]
    block: int
    block_hash: str
    transaction: str
    log_index: int
    at: int


class LogReader:
    """Reads the events ``names`` of contract ``contract`` at ``address``."""

    def __init__(self, chain: Chain, contract: str, address: str, names: frozenset[str]) -> None:
        self._chain = chain
        self._address = address
        self._events = Logs(artifact(contract)["abi"])
        self._topics = [self._events.topics(name, {})[0] for name in sorted(names)]

    def head(self) -> Header:
        """The latest block."""
        return _header(self._chain.request("eth_getBlockByNumber", "latest", False))

    def header(self, number: int) -> Header | None:
        """A block, or None if the chain isn't that long (now)."""
        if self._chain.block_number() < number:
            return None
        found = self._chain.request("eth_getBlockByNumber", hex(number), False)
        return None if found is None else _header(found)

    def of_block(self, block: Header) -> list[Log]:
        """The logs of this very block, whichever the chain now has at its height."""
        return self._logs({"blockHash": block.hash}, {block.number: block.at})

    def between(self, first: int, last: int) -> list[Log]:
        """The logs of the blocks from ``first`` to ``last``, both included."""
        return self._logs({"fromBlock": hex(first), "toBlock": hex(last)}, {})

    def _logs(self, where: dict[str, str], times: dict[int, int]) -> list[Log]:
        asked = {"address": self._address, "topics": [self._topics], **where}
        entries = self._chain.request("eth_getLogs", asked)
        events = self._events.events(entries, self._address)
        return [self._log(*pair, times) for pair in zip(entries, events, strict=True)]

    def _log(self, entry: Mapping[str, Any], event: Event, times: dict[int, int]) -> Log:
        if event.block not in times:
            told = entry.get("blockTimestamp")
            times[event.block] = int(told, 16) if told else self._chain.timestamp(event.block)
        return Log(
            name=event.name,
            arguments=event.arguments,
            block=event.block,
            block_hash=str(entry["blockHash"]),
            transaction=event.transaction,
            log_index=event.log_index,
            at=times[event.block],
        )


def _header(found: Mapping[str, Any]) -> Header:
    return Header(
        number=int(found["number"], 16),
        hash=str(found["hash"]),
        parent=str(found["parentHash"]),
        at=int(found["timestamp"], 16),
    )
