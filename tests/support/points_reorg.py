"""Transactions that a chain takes back and has again."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.anvil import receipt_of
from tests.support.points_office import Office


def sent(office: Office, first: int) -> list[str]:
    """The transactions since a block, as they were sent."""
    chain = office.chain
    names = [
        name
        for number in range(first + 1, chain.block_number() + 1)
        for name in chain.request("eth_getBlockByNumber", hex(number), False)["transactions"]
    ]
    return [chain.request("eth_getRawTransactionByHash", name) for name in names]


def block_of(office: Office, transaction: str | None) -> int:
    """Where a transaction stands now."""
    return int(office.chain.request("eth_getTransactionReceipt", transaction)["blockNumber"], 16)


def put_back(office: Office, raws: Sequence[str]) -> None:
    """Mine transactions again, some blocks later than they were."""
    office.chain.request("anvil_mine", "0x5")
    for raw in raws:
        receipt_of(office.chain, office.chain.request("eth_sendRawTransaction", raw))
