"""The one sender of a key: numbers its transactions, pays for them, and sees them through.

Several may be under way at once; they are mined in the order in which they were sent. One that
isn't mined in time is sent again under its number and pays more, until it is mined or the cap is
reached. While any is under way, nobody else sends with the key (:mod:`counterfoil.turns`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from counterfoil.errors import Unavailable
from counterfoil.fees import Fee, Terms
from counterfoil.hashing import keccak
from counterfoil.keys import Signer
from counterfoil.node import Node, NodeError
from counterfoil.turns import Turns

_TRIES = 50
_SHORTEST, _LONGEST = 0.002, 0.25  # seconds between two looks for a receipt
_BASE_FEE_LASTS = 0.5  # seconds
_MISSED_AFTER = 1.0  # seconds after which it's worth asking whether another took our number

Receipt = Mapping[str, Any]


class Superseded(Unavailable):
    """A transaction that will never be mined, since another took its number: send it anew."""

    default_code = "superseded"


@dataclass(slots=True)
class Pending:
    """A transaction under way. ``hashes``: of all its versions, for any of them may be mined."""

    to: str | None
    data: bytes
    gas: int
    nonce: int
    fee: Fee
    sent: float = 0
    hashes: list[str] = field(default_factory=list)


class Sender:
    """Sends with one key on one chain."""

    def __init__(
        self, node: Node, chain_id: int, signer: Signer, turns: Turns, terms: Terms
    ) -> None:
        self._node = node
        self._chain_id = chain_id
        self._signer = signer
        self._turns = turns
        self._terms = terms
        self._lock = threading.Lock()
        self._flying: dict[int, Pending] = {}
        self._ours = False
        self._next = 0
        self._base = (-_BASE_FEE_LASTS, 0)  # when it was read, wei a gas

    @property
    def address(self) -> str:
        """Whose transactions they are."""
        return self._signer.address

    def submit(self, to: str | None, data: bytes, gas: int) -> Pending:
        """Send a transaction without waiting for it; :meth:`wait` or :meth:`leave` must follow.

        Args:
            to: the contract; None makes a new one.
            data: what it is told.
            gas: the most that it may use.

        Raises:
            NodeError: the node doesn't take it.
            Unavailable: the chain is away, the fee would be over the cap, the key has no ether, or
                somebody else is sending with it.
        """
        with self._lock:
            if not self._ours:
                self._turns.take(self.address, self._terms.patience)
                self._ours = True
            try:
                if not self._flying:
                    self._next = self._free_number()
                fee = Fee.at(self._base_fee(), self._terms)
                pending = Pending(to, data, gas, self._next, fee)
                self._send(pending)
                self._flying[pending.nonce] = pending
                self._next = pending.nonce + 1
            finally:
                self._give_if_idle()
        return pending

    def wait(self, pending: Pending, stop: threading.Event | None = None) -> Receipt:
        """The receipt of a transaction, once it counts, as the node words it.

        Raises:
            Superseded: it will never be mined.
            Unavailable: it isn't mined at the highest fee, the chain is away, or ``stop`` is set.
        """
        pause = _SHORTEST
        try:
            while True:
                receipt = self._receipt(pending)
                if receipt is not None and self._deep_enough(receipt):
                    return receipt
                if stop is not None and stop.is_set():
                    raise Unavailable("Stopped with a transaction under way.", fix="Run again.")
                if receipt is None:
                    self._look_after(pending)
                time.sleep(pause)
                pause = min(pause * 1.5, _LONGEST)
        finally:
            self.leave(pending)

    def leave(self, pending: Pending) -> None:
        """Care no more what becomes of a transaction."""
        with self._lock:
            self._flying.pop(pending.nonce, None)
            self._give_if_idle()

    def _give_if_idle(self) -> None:
        if self._ours and not self._flying:
            self._ours = False
            self._turns.give(self.address)

    def _free_number(self) -> int:
        """The number after the last that was mined. If an earlier process left some under way, they
        get their time; what is still there then is replaced by ours."""
        deadline = time.monotonic() + self._terms.stuck
        while True:
            mined, waiting = self._node.batch(
                [("eth_getTransactionCount", [self.address, tag]) for tag in ("latest", "pending")]
            )
            if int(waiting, 16) <= int(mined, 16) or time.monotonic() > deadline:
                return int(mined, 16)
            time.sleep(_LONGEST)

    def _send(self, pending: Pending) -> None:
        """Hand it to the node, for more if that is what it takes."""
        first = not pending.hashes
        for _ in range(_TRIES):
            raw = self._signed(pending)
            pending.hashes.append("0x" + keccak(raw).hex())
            pending.sent = time.monotonic()
            try:
                self._node.call("eth_sendRawTransaction", "0x" + raw.hex())
            except NodeError as error:
                said = error.said.lower()
                if "already" in said or "known transaction" in said:
                    return
                if "nonce" in said:
                    if not first:  # a version of it was mined meanwhile: its receipt will tell
                        return
                    pending.nonce = max(self._count(), pending.nonce + 1)  # somebody sent past us
                    pending.hashes.clear()
                elif "funds" in said:
                    raise self._poor() from error
                elif "underpriced" in said or "fee" in said or "gas price" in said:
                    self._base = (-_BASE_FEE_LASTS, 0)
                    pending.fee = pending.fee.raised(self._base_fee(), self._terms)
                else:
                    raise
            else:
                return
        raise Unavailable(
            f"The node takes no transaction of {self.address}.", fix="Run again.", code="stuck"
        )

    def _signed(self, pending: Pending) -> bytes:
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": pending.nonce,
            "gas": pending.gas,
            "maxPriorityFeePerGas": pending.fee.tip,
            "maxFeePerGas": pending.fee.price,
            "value": 0,
            "data": pending.data,
        }
        return self._signer.sign_transaction(fields | ({"to": pending.to} if pending.to else {}))

    def _poor(self) -> Unavailable:
        return Unavailable(
            f"{self.address} has too little ether to pay for its transactions.",
            fix="Send it some and run again.",
            code="ether",
        )

    def _count(self) -> int:
        return int(self._node.call("eth_getTransactionCount", self.address, "latest"), 16)

    def _base_fee(self) -> int:
        read, wei = self._base
        if time.monotonic() - read >= _BASE_FEE_LASTS:
            block = self._node.call("eth_getBlockByNumber", "latest", False)
            wei = int(block["baseFeePerGas"], 16)
            self._base = (time.monotonic(), wei)
        return wei

    def _receipt(self, pending: Pending) -> Receipt | None:
        answers = self._node.batch(
            [("eth_getTransactionReceipt", [name]) for name in pending.hashes]
        )
        return next((found for found in answers if found and found.get("blockNumber")), None)

    def _deep_enough(self, receipt: Receipt) -> bool:
        if not self._terms.confirmations:
            return True
        top = int(self._node.call("eth_blockNumber"), 16)
        return top >= int(receipt["blockNumber"], 16) + self._terms.confirmations

    def _look_after(self, pending: Pending) -> None:
        """Notice that it can't be mined any more, or pay more if it takes too long."""
        age = time.monotonic() - pending.sent
        if age < min(_MISSED_AFTER, self._terms.stuck):
            return
        count = self._count()
        if count > pending.nonce:
            if self._receipt(pending) is None:
                raise Superseded(
                    f"Another transaction took number {pending.nonce} of {self.address}.",
                    fix="Run again.",
                )
        elif age >= self._terms.stuck:
            with self._lock:
                lowest = min(self._flying, default=pending.nonce)
            if count < lowest:
                raise Superseded(
                    f"The chain took back what {self.address} sent before number {pending.nonce}.",
                    fix="Run again.",
                )
            pending.fee = pending.fee.raised(self._base_fee(), self._terms)
            self._send(pending)
