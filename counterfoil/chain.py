"""The one place that talks to an Ethereum node: reads, sends, waits, decodes.

Nothing else imports web3. A revert comes out as :class:`Refused` whose ``code`` is the Solidity
error's name and whose ``arguments`` are its values; a node that doesn't answer as
:class:`Unavailable`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractLogicError, TimeExhausted, Web3RPCError

from counterfoil.artifacts import Abi, artifact
from counterfoil.errors import Refused, Unavailable
from counterfoil.keys import Signer
from counterfoil.model import Event, Mined
from counterfoil.reverts import refused

_TIP = 10**9  # wei a gas; Ganache never mines at a zero price
_WAIT = 120  # seconds for one transaction
# A whole number of bytes, four at least, and no transaction hash, which Ganache uses as a key.
_HEX = re.compile(r"0x((?:[0-9a-fA-F]{8})(?:[0-9a-fA-F]{64})*)\b")


@dataclass(frozen=True, slots=True)
class Deployed:
    """A new contract and the transaction that made it."""

    contract: Contract
    mined: Mined


class Chain:
    """A connection to one node."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url = url
        # Any: web3's own types brand every address and hash, and ours are plain.
        self.web3: Any = Web3(HTTPProvider(url, request_kwargs={"timeout": timeout}))
        self.chain_id = int(self.request("eth_chainId"), 16)

    @classmethod
    def connect(cls, url: str, *, timeout: float = 30) -> Chain:
        """A connection that was answered.

        Raises:
            Unavailable: nothing, or something that is no Ethereum node, answers there.
        """
        return cls(url, timeout)

    def request(self, method: str, *params: Any) -> Any:
        """The node's answer to one JSON-RPC call."""
        with self._reachable():
            return self.web3.manager.request_blocking(method, list(params))

    def timestamp(self, block: int | str = "latest") -> int:
        """Seconds of the latest block, or of another."""
        with self._reachable():
            return int(self.web3.eth.get_block(block)["timestamp"])

    def block_number(self) -> int:
        """Height of the latest block."""
        return int(self.request("eth_blockNumber"), 16)

    def block_hash(self, number: int) -> str:
        """Hash of a block, 0x hex; empty if the chain isn't that long."""
        with self._reachable():
            found = self.web3.provider.make_request("eth_getBlockByNumber", [hex(number), False])
        return str(found["result"]["hash"]) if found.get("result") else ""

    def has_code(self, address: str) -> bool:
        """Whether a contract stands at this address."""
        with self._reachable():
            return bool(self.web3.eth.get_code(Web3.to_checksum_address(address)))

    def balance(self, address: str) -> int:
        """Wei held by an address."""
        return int(self.request("eth_getBalance", address, "latest"), 16)

    def contract(self, name: str, address: str) -> Contract:
        """The contract ``name`` (of ``build/contracts``) at an address."""
        return Contract(self, name, Web3.to_checksum_address(address))

    def deploy(self, signer: Signer, name: str, *arguments: Any) -> Deployed:
        """Put a new contract on the chain and wait for it."""
        made = artifact(name)
        factory = self.web3.eth.contract(abi=made["abi"], bytecode=made["bytecode"])
        data = factory.constructor(*arguments).data_in_transaction
        receipt = self._transact(signer, None, data, made["abi"])
        contract = self.contract(name, receipt["contractAddress"])
        return Deployed(contract, contract.mined(receipt))

    def fund(self, address: str, wei: int) -> None:
        """Send ether from an account that the node itself holds (development chains only).

        Raises:
            Unavailable: the node holds none.
        """
        accounts = self.request("eth_accounts")
        if not accounts:
            raise Unavailable(
                f"{address} has no ether and this node holds no account to take it from.",
                fix=f"Send it {wei / 10**18:g} ether and run again.",
            )
        sender = Web3.to_checksum_address(accounts[0])
        with self._reachable():
            sent = self.web3.eth.send_transaction({"from": sender, "to": address, "value": wei})
        self._wait(Web3.to_hex(sent))

    def _transact(self, signer: Signer, to: str | None, data: str, abi: Abi) -> Mapping[str, Any]:
        call: dict[str, Any] = {"from": signer.address, "data": data, "value": 0}
        if to:
            call["to"] = to
        with self._reachable(), _refusals(abi):
            gas = self.web3.eth.estimate_gas(call)
            base = int(self.web3.eth.get_block("latest")["baseFeePerGas"])
            nonce = self.web3.eth.get_transaction_count(signer.address, "pending")
            signed = signer.sign_transaction(
                {key: value for key, value in call.items() if key != "from"}
                | {
                    "type": 2,
                    "chainId": self.chain_id,
                    "nonce": nonce,
                    "gas": gas + gas // 4 + 10_000,
                    "maxPriorityFeePerGas": _TIP,
                    "maxFeePerGas": 2 * base + _TIP,
                }
            )
            receipt = self._wait(Web3.to_hex(self.web3.eth.send_raw_transaction(signed)))
        if receipt["status"] != 1:
            with self._reachable(), _refusals(abi):
                self.web3.eth.call(call, receipt["blockNumber"])
            raise Refused("The transaction reverted without a reason.", code="reverted")
        return receipt

    def _wait(self, transaction: str) -> Mapping[str, Any]:
        with self._reachable():
            receipt: Mapping[str, Any] = self.web3.eth.wait_for_transaction_receipt(
                transaction, timeout=_WAIT, poll_latency=0.02
            )
        return receipt

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except TimeExhausted as error:
            raise Unavailable(
                f"The chain at {self.url} took longer than {_WAIT} s.", fix="Run again."
            ) from error
        except (requests.RequestException, ConnectionError, json.JSONDecodeError) as error:
            raise Unavailable(
                f"No Ethereum node answers at {self.url}.", fix="Start it: `counterfoil up`."
            ) from error


class Contract:
    """A contract on a chain, by the names of its ABI."""

    def __init__(self, chain: Chain, name: str, address: str) -> None:
        self.chain = chain
        self.name = name
        self.address = address
        self._abi: Abi = artifact(name)["abi"]
        self._contract = chain.web3.eth.contract(address=address, abi=self._abi, decode_tuples=True)
        events = [entry["name"] for entry in self._abi if entry["type"] == "event"]
        self._topics = {
            Web3.to_hex(hexstr=self._contract.events[name]().topic): name for name in events
        }

    def call(self, function: str, *arguments: Any, sender: str = "") -> Any:
        """What a function answers, structs as named tuples, without changing anything.

        Raises:
            Refused: it reverts, or would if ``sender`` sent it.
        """
        with self.chain._reachable(), _refusals(self._abi):
            return self._contract.functions[function](*arguments).call(
                {"from": sender} if sender else {}
            )

    def send(self, signer: Signer, function: str, *arguments: Any) -> Mined:
        """Change the contract's state and wait until that is mined.

        Raises:
            Refused: it would revert, or did; ``code`` is the Solidity error's name.
        """
        data = self._contract.encode_abi(function, args=list(arguments))
        return self.mined(self.chain._transact(signer, self.address, data, self._abi))

    def events(
        self, name: str, *, first: int = 0, last: int | None = None, **indexed: Any
    ) -> list[Event]:
        """All events ``name`` between two blocks, both included, narrowed by indexed arguments."""
        with self.chain._reachable():
            logs = self._contract.events[name].get_logs(
                from_block=first,
                to_block="latest" if last is None else last,
                argument_filters=indexed or None,
            )
        return [self._event(log) for log in logs]

    def mined(self, receipt: Mapping[str, Any]) -> Mined:
        """A receipt with the events that this contract emitted."""
        decoded = [
            self._contract.events[self._topics[topic]]().process_log(log)
            for log in receipt["logs"]
            if log["address"] == self.address
            and log["topics"]
            and (topic := Web3.to_hex(log["topics"][0])) in self._topics
        ]
        return Mined(
            transaction=Web3.to_hex(receipt["transactionHash"]),
            block=int(receipt["blockNumber"]),
            timestamp=self.chain.timestamp(int(receipt["blockNumber"])),
            gas_used=int(receipt["gasUsed"]),
            events=tuple(self._event(log) for log in decoded),
        )

    def _event(self, log: Mapping[str, Any]) -> Event:
        return Event(
            name=log["event"],
            arguments=log["args"],
            address=log["address"],
            block=int(log["blockNumber"]),
            transaction=Web3.to_hex(log["transactionHash"]),
            log_index=int(log["logIndex"]),
        )


@contextmanager
def _refusals(abi: Abi) -> Iterator[None]:
    """Turn a revert into :class:`Refused`; nodes differ in where they put the revert data."""
    try:
        yield
    except (ContractLogicError, Web3RPCError) as error:
        said = f"{getattr(error, 'data', '')} {getattr(error, 'rpc_response', '')}"
        found = _HEX.search(said)
        data = bytes.fromhex(found.group(1)) if found else b""
        answer = error.args[0] if error.args else error
        said = str(answer.get("message", "")) if isinstance(answer, dict) else str(answer)
        raise refused(abi, data, said) from error
