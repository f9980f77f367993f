"""What a node tells of its chain, in our own types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from counterfoil.errors import Unavailable
from counterfoil.model import at_a_time
from counterfoil.node import Call, Node, NodeError

_TRANSACTION_GAS = 2**24
_AT_ONCE = 500
_NAMES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of transactions on a chain of ``height`` blocks: the receipts of those that are
    mined, as the node words them, and those that it has ``waiting``."""

    height: int
    receipts: dict[str, Any]
    waiting: set[str]


class Reading:
    """Reads through one node. Any thread may."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.url = node.url

    def request(self, method: str, *params: Any) -> Any:
        """The node's answer to one JSON-RPC call.

        Raises:
            Unavailable: there is none, or it is that the node won't do it.
        """
        try:
            return self.node.call(method, *params)
        except NodeError as error:
            raise self._unwilling(method, error) from error

    def requests(self, calls: Sequence[Call]) -> list[Any]:
        """The node's answers to several calls that it is sent at once; errors as above."""
        try:
            return self.node.batch(calls)
        except NodeError as error:
            raise self._unwilling(calls[0][0], error) from error

    def requests_now(self, calls: Sequence[Call]) -> tuple[list[Any], int]:
        """As :meth:`requests`, with :meth:`timestamp` in the same request."""
        block, *answers = self.requests([("eth_getBlockByNumber", ["latest", False]), *calls])
        return answers, int(block["timestamp"], 16)

    def tries(self, calls: Sequence[Call]) -> list[Any]:
        """As :meth:`requests`, with None for each call that the node won't do, or that reverts."""
        try:
            answers = self.node.try_batch(calls)
        except NodeError as error:
            raise self._unwilling(calls[0][0], error) from error
        return [None if isinstance(answer, NodeError) else answer for answer in answers]

    def _unwilling(self, method: str, error: NodeError) -> Unavailable:
        said = f"The node at {self.url} refused {method}: {error.said}"
        return Unavailable(said, code="node")

    def timestamp(self, block: int | str = "latest") -> int:
        """Seconds of the latest block, or of another.

        Raises:
            Unavailable: also if the chain isn't that long any more.
        """
        name = hex(block) if isinstance(block, int) else block
        found = self.request("eth_getBlockByNumber", name, False)
        if not found:
            raise self._shorter(block)
        return int(found["timestamp"], 16)

    def timestamps(self, blocks: Iterable[int]) -> dict[int, int]:
        """Seconds of each of these blocks; errors as :meth:`timestamp`."""
        found: dict[int, int] = {}
        for some in at_a_time(sorted(set(blocks)), _AT_ONCE):
            asked: list[Call] = [("eth_getBlockByNumber", [hex(one), False]) for one in some]
            told = self.requests(asked)
            for one, block in zip(some, told, strict=True):
                if not block:
                    raise self._shorter(one)
                found[one] = int(block["timestamp"], 16)
        return found

    def _shorter(self, block: int | str) -> Unavailable:
        return Unavailable(f"The chain has no block {block} now.", fix="Run again.", code="node")

    def block_number(self) -> int:
        """Height of the latest block."""
        return int(self.request("eth_blockNumber"), 16)

    def transaction_gas(self) -> int:
        """The most gas that a transaction may use: what a block may, and no more than chains since
        Osaka allow (https://eips.ethereum.org/EIPS/eip-7825)."""
        block = self.request("eth_getBlockByNumber", "latest", False)
        return min(int(block["gasLimit"], 16), _TRANSACTION_GAS)

    def block_hash(self, number: int) -> str:
        """Hash of a block, 0x hex; empty if the chain isn't that long."""
        found = self.request("eth_getBlockByNumber", hex(number), False)
        return str(found["hash"]) if found else ""

    def fates(self, transactions: Iterable[str]) -> Fates:
        """What became of transactions, the height taken with the first of them."""
        fates = Fates(-1, {}, set())
        for some in at_a_time(sorted(set(transactions)), _NAMES_AT_ONCE):
            asked: list[Call] = [("eth_getTransactionByHash", [one]) for one in some]
            asked += [("eth_getTransactionReceipt", [one]) for one in some]
            height, *told = self.requests([("eth_blockNumber", []), *asked])
            if fates.height < 0:
                fates = Fates(int(height, 16), fates.receipts, fates.waiting)
            for one, known, receipt in zip(some, told, told[len(some) :], strict=False):
                if receipt and receipt.get("blockNumber"):
                    fates.receipts[one] = receipt
                elif known:
                    fates.waiting.add(one)
        return fates

    def sender_of(self, transaction: str) -> str:
        """The checksummed address that signed a transaction.

        Raises:
            Unavailable: also if the node doesn't know it, or not now (``sender-unknown``).
        """
        found = self.request("eth_getTransactionByHash", transaction)
        if not found:
            raise Unavailable(
                f"The node at {self.url} doesn't tell who sent {transaction}.",
                fix="Run again.",
                code="sender-unknown",
            )
        return to_checksum_address(found["from"])

    def is_sending(self, address: str) -> bool:
        """Whether the node has a transaction of this address that isn't mined."""
        counts = [("eth_getTransactionCount", [address, tag]) for tag in ("latest", "pending")]
        mined, waiting = (int(count, 16) for count in self.requests(counts))
        return waiting > mined

    def has_code(self, address: str) -> bool:
        """Whether a contract stands at this address."""
        return len(self.request("eth_getCode", address, "latest")) > len("0x")

    def balance(self, address: str) -> int:
        """Wei held by an address."""
        return int(self.request("eth_getBalance", address, "latest"), 16)
