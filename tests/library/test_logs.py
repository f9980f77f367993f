"""Log entries as events: the same as web3 makes of them."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3 import Web3

from counterfoil.logs import Logs

_FIELD = {"name": "step", "type": "uint32"}, {"name": "cap", "type": "uint40"}
_INPUTS = [
    {"name": "who", "type": "address", "indexed": True},
    {"name": "id", "type": "uint256", "indexed": True},
    {"name": "rules", "type": "tuple", "indexed": False, "components": list(_FIELD)},
    {"name": "by", "type": "address", "indexed": False},
    {"name": "digest", "type": "bytes32", "indexed": False},
]
_ABI = [
    {"type": "event", "name": "Ruled", "anonymous": False, "inputs": _INPUTS},
    {"type": "error", "name": "Ruled", "inputs": []},
]
_HERE, _WHO = to_checksum_address("0x" + "a1" * 20), to_checksum_address("0x" + "b2" * 20)
_TOPIC = "0x" + keccak(text="Ruled(address,uint256,(uint32,uint40),address,bytes32)").hex()


def _entry(**changed: Any) -> dict[str, Any]:
    data = encode(["(uint32,uint40)", "address", "bytes32"], [(5, 70), _HERE, b"\x09" * 32])
    return {
        "address": _HERE.lower(),
        "topics": [_TOPIC, "0x" + encode(["address"], [_WHO]).hex(), "0x" + (7).to_bytes(32).hex()],
        "data": "0x" + data.hex(),
        "blockNumber": "0x10",
        "transactionHash": "0x" + "c3" * 32,
        "logIndex": "0x2",
    } | changed


def test_events_areWhatWeb3MakesOfThem() -> None:
    (event,) = Logs(_ABI).events([_entry()], _HERE)

    web3 = Web3().eth.contract(address=_HERE, abi=_ABI).events.Ruled().process_log(_as_web3())
    assert dict(event.arguments) == {**web3["args"], "rules": dict(web3["args"]["rules"])}
    assert (event.name, event.address) == (web3["event"], web3["address"])
    assert (event.block, event.log_index) == (16, 2)
    assert event.transaction == "0x" + "c3" * 32


def test_events_passOverWhatOthersSaid() -> None:
    others = [
        _entry(address=_WHO.lower()),
        _entry(topics=[]),
        _entry(topics=["0x" + "00" * 32]),
    ]

    assert Logs(_ABI).events(others, _HERE) == []


def test_topics_findTheIndexedValuesThatAreGiven() -> None:
    _, who, seven = _entry()["topics"]
    eight = "0x" + (8).to_bytes(32).hex()

    assert Logs(_ABI).topics("Ruled", {}) == [_TOPIC, None, None]
    assert Logs(_ABI).topics("Ruled", {"id": 7}) == [_TOPIC, None, [seven]]
    assert Logs(_ABI).topics("Ruled", {"who": _WHO, "id": 7}) == [_TOPIC, [who], [seven]]
    assert Logs(_ABI).topics("Ruled", {"id": [7, 8]}) == [_TOPIC, None, [seven, eight]]


def _as_web3() -> Any:
    entry = _entry(address=_HERE, blockNumber=16, logIndex=2, transactionIndex=0, blockHash="0x")
    raw = {name: bytes.fromhex(entry[name][2:]) for name in ("data", "transactionHash")}
    return entry | raw | {"topics": [bytes.fromhex(one[2:]) for one in entry["topics"]]}
