"""A ledger's logs, decoded without a contract object: a scanner reads thousands a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from counterfoil.artifacts import artifact
from counterfoil.chain import Chain


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


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    indexed: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]


class LogReader:
    """Reads the events ``names`` of contract ``contract`` at ``address``."""

    def __init__(self, chain: Chain, contract: str, address: str, names: frozenset[str]) -> None:
        self._chain = chain
        self._address = address
        self._kinds = {
            _topic(entry): _kind(entry)
            for entry in artifact(contract)["abi"]
            if entry["type"] == "event" and entry["name"] in names
        }

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
        topics = [["0x" + topic.hex() for topic in self._kinds]]
        asked = {"address": self._address, "topics": topics, **where}
        return [self._log(found, times) for found in self._chain.request("eth_getLogs", asked)]

    def _log(self, found: Mapping[str, Any], times: dict[int, int]) -> Log:
        topics = [_bytes(topic) for topic in found["topics"]]
        kind = self._kinds[topics[0]]
        block = int(found["blockNumber"], 16)
        if block not in times:
            told = found.get("blockTimestamp")
            times[block] = int(told, 16) if told else self._chain.timestamp(block)
        arguments = {
            name: _word(spelt, topic)
            for (name, spelt), topic in zip(kind.indexed, topics[1:], strict=True)
        }
        values = decode([spelt for _, spelt in kind.data], _bytes(found["data"]))
        arguments |= {name: value for (name, _), value in zip(kind.data, values, strict=True)}
        return Log(
            name=kind.name,
            arguments=arguments,
            block=block,
            block_hash=str(found["blockHash"]),
            transaction=str(found["transactionHash"]),
            log_index=int(found["logIndex"], 16),
            at=times[block],
        )


def _header(found: Mapping[str, Any]) -> Header:
    return Header(
        number=int(found["number"], 16),
        hash=str(found["hash"]),
        parent=str(found["parentHash"]),
        at=int(found["timestamp"], 16),
    )


def _topic(entry: Mapping[str, Any]) -> bytes:
    return keccak(text=f"{entry['name']}({','.join(one['type'] for one in entry['inputs'])})")


def _kind(entry: Mapping[str, Any]) -> _Kind:
    inputs = [(str(one["name"]), str(one["type"]), bool(one["indexed"])) for one in entry["inputs"]]
    return _Kind(
        name=str(entry["name"]),
        indexed=tuple((name, spelt) for name, spelt, indexed in inputs if indexed),
        data=tuple((name, spelt) for name, spelt, indexed in inputs if not indexed),
    )


def _word(spelt: str, word: bytes) -> object:
    """An indexed argument, which is one word."""
    if spelt == "address":
        return to_checksum_address(word[-20:])
    return word if spelt == "bytes32" else int.from_bytes(word, "big")


def _bytes(hexadecimal: object) -> bytes:
    return bytes.fromhex(str(hexadecimal).removeprefix("0x"))
