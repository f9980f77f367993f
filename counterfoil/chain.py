"""Contracts on a chain: reads, sends, waits, decodes.

What encodes and decodes by ABI is web3, which nothing else imports. A revert comes out as
:class:`Refused` whose ``code`` is the Solidity error's name and whose ``arguments`` are its values;
a node that doesn't answer as :class:`Unavailable`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import requests
from eth_utils.address import to_checksum_address

from counterfoil.artifacts import Abi, artifact
from counterfoil.dispatch import Dispatch, Errand, Receipt, Watch
from counterfoil.errors import Refused, Unavailable
from counterfoil.fees import Terms
from counterfoil.keys import Signer
from counterfoil.logs import Logs
from counterfoil.model import Event, Mined
from counterfoil.node import Node
from counterfoil.reading import Reading
from counterfoil.refusals import refusals
from counterfoil.turns import NoTurns, Turns


@dataclass(frozen=True, slots=True)
class Deployed:
    """A new contract and the transaction that made it."""

    contract: Contract
    mined: Mined


class Chain(Reading):
    """A connection to one node. Any thread may use it."""

    def __init__(self, url: str, timeout: float, turns: Turns, terms: Terms) -> None:
        super().__init__(Node(url, timeout))
        self.turns = turns
        self.terms = terms
        self.chain_id = int(self.request("eth_chainId"), 16)
        self._timeout = timeout
        self.dispatch = Dispatch(self.node, self.chain_id, turns, self.terms)

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        timeout: float = 30,
        turns: Turns | None = None,
        terms: Terms | None = None,
    ) -> Chain:
        """A connection that was answered.

        Args:
            url: HTTP.
            timeout: seconds for one answer.
            turns: who keeps other senders away from our keys; None: nobody.
            terms: what transactions may cost; None: as the environment says.

        Raises:
            Unavailable: nothing, or something that is no Ethereum node, answers there.
        """
        return cls(url, timeout, turns or NoTurns(), terms or Terms.configured())

    @cached_property
    def web3(self) -> Any:
        """What encodes and decodes by ABI. Any: its own types brand every address and hash."""
        from web3 import HTTPProvider, Web3  # a second, which settling doesn't need

        made = Web3(HTTPProvider(self.url, request_kwargs={"timeout": self._timeout}))
        made.middleware_onion.remove("validation")  # it asks for the chain's id at every call
        return made

    def contract(self, name: str, address: str) -> Contract:
        """The contract ``name`` (of ``build/contracts``) at an address."""
        return Contract(self, name, to_checksum_address(address))

    def deploy(self, signer: Signer, name: str, *arguments: Any) -> Deployed:
        """Put a new contract on the chain and wait for it."""
        made = artifact(name)
        factory = self.web3.eth.contract(abi=made["abi"], bytecode=made["bytecode"])
        data = factory.constructor(*arguments).data_in_transaction
        receipt = self.transact(signer, None, data, made["abi"])
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
        call = {"from": accounts[0], "to": address, "value": hex(wei)}
        sent = self.request("eth_sendTransaction", call)
        deadline = time.monotonic() + self._timeout
        while not self.request("eth_getTransactionReceipt", sent):
            if time.monotonic() > deadline:
                raise Unavailable(f"The chain at {self.url} doesn't mine.", fix="Run again.")
            time.sleep(0.02)

    def make_block(self, signer: Signer) -> None:
        """Have the chain make a block, by sending nothing to the key's own address. An idle
        development chain makes none by itself, and answers calls at the time of its last one."""
        self.transact(signer, signer.address, "0x", [])

    def transact(
        self,
        signer: Signer,
        to: str | None,
        data: str,
        abi: Abi,
        gas: int | None = None,
        watch: Watch | None = None,
    ) -> Receipt:
        """Send a call (0x hex), and wait; as :meth:`Contract.send`, whose ABI tells of errors."""
        watch = watch or Watch()
        call = {"from": signer.address, "data": data} | ({"to": to} if to else {})
        with refusals(abi):
            if gas is None:
                tried = int(self.node.call("eth_estimateGas", call), 16)
                gas = tried + tried // 4 + 10_000
            errand = Errand(signer, to, bytes.fromhex(data[2:]), gas, watch.told)
            pendings = self.dispatch.submit([errand])
        (receipt,) = self.dispatch.wait(pendings, watch.stop)
        if int(receipt["status"], 16) != 1:
            raise self.reason(call, receipt, abi)
        return receipt

    def reason(self, call: Mapping[str, Any], receipt: Receipt, abi: Abi) -> Refused:
        """Why a mined transaction reverted: what the same call says in its block."""
        try:
            with refusals(abi):
                self.node.call("eth_call", dict(call), receipt["blockNumber"])
        except Refused as error:
            return error
        return Refused("The transaction reverted without a reason.", code="reverted")

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
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

    @cached_property
    def abi(self) -> Abi:
        """What the compiler says of it."""
        abi: Abi = artifact(self.name)["abi"]
        return abi

    @cached_property
    def _contract(self) -> Any:
        return self.chain.web3.eth.contract(address=self.address, abi=self.abi, decode_tuples=True)

    @cached_property
    def _logs(self) -> Logs:
        return Logs(self.abi)

    def call(self, function: str, *arguments: Any, sender: str = "") -> Any:
        """What a function answers, structs as named tuples, without changing anything.

        Raises:
            Refused: it reverts, or would if ``sender`` sent it.
        """
        with self.chain._reachable(), refusals(self.abi):
            return self._contract.functions[function](*arguments).call(
                {"from": sender} if sender else {}
            )

    def send(
        self,
        signer: Signer,
        function: str,
        *arguments: Any,
        gas: int | None = None,
        watch: Watch | None = None,
    ) -> Mined:
        """Change the contract's state and wait until that is mined.

        Args:
            gas: the limit; without it the node tries the call, which takes it as long as doing it.
            watch: who hears its hashes, and how long one waits for it.

        Raises:
            Refused: it would revert, or did; ``code`` is the Solidity error's name.
        """
        data = self._contract.encode_abi(function, args=list(arguments))
        return self.mined(self.chain.transact(signer, self.address, data, self.abi, gas, watch))

    def events(
        self, name: str, *, first: int = 0, last: int | None = None, **indexed: Any
    ) -> list[Event]:
        """All events ``name`` between two blocks, both included, narrowed by indexed arguments."""
        wanted = {
            "address": self.address,
            "fromBlock": hex(first),
            "toBlock": "latest" if last is None else hex(last),
            "topics": self._logs.topics(name, indexed),
        }
        return self._logs.events(self.chain.request("eth_getLogs", wanted), self.address)

    def told(self, names: Sequence[str], *, first: int, last: int) -> list[Event]:
        """All events of these names between two blocks, both included, in their order."""
        wanted = {
            "address": self.address,
            "fromBlock": hex(first),
            "toBlock": hex(last),
            "topics": [[self._logs.topics(name, {})[0] for name in names]],
        }
        return self._logs.events(self.chain.request("eth_getLogs", wanted), self.address)

    def mined(self, receipt: Receipt) -> Mined:
        """A receipt as the node words it, with the events that this contract emitted."""
        block = int(receipt["blockNumber"], 16)
        return Mined(
            transaction=receipt["transactionHash"],
            block=block,
            timestamp=self.chain.timestamp(block),
            gas_used=int(receipt["gasUsed"], 16),
            events=tuple(self._logs.events(receipt["logs"], self.address)),
        )
