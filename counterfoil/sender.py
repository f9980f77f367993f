"""The one sender of a key: numbers its transactions, pays for them, and replaces what is stuck.

While any of them is under way, nobody else sends with the key (:mod:`counterfoil.turns`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from counterfoil.basefee import BaseFee
from counterfoil.errors import Unavailable
from counterfoil.fees import Fee, Terms
from counterfoil.hashing import keccak
from counterfoil.keys import Signer
from counterfoil.node import Call, Node, NodeError
from counterfoil.turns import Turns

_TRIES = 50
_LOOK = 0.1  # seconds between two looks whether an earlier process's transactions are mined
_MISSED_AFTER = 1.0  # seconds after which it's worth asking whether another took our number


class Superseded(Unavailable):
    """A transaction that will never be mined, since another took its number: send it anew."""

    default_code = "superseded"


@dataclass(slots=True)
class Pending:
    """A transaction under way. ``hashes``: of all its versions, for any of them may be mined.
    ``told`` hears each of them before the node gets it."""

    sender: Sender
    to: str | None
    data: bytes
    gas: int
    nonce: int
    fee: Fee
    told: Callable[[str], None] | None = None
    sent: float = 0
    hashes: list[str] = field(default_factory=list)

    def sign(self) -> str:
        """The next version of it, 0x hex, under the present fee."""
        raw = self.sender.signed(self)
        name = "0x" + keccak(raw).hex()
        if self.told is not None:
            self.told(name)
        self.hashes.append(name)
        self.sent = time.monotonic()
        return "0x" + raw.hex()


class Sender:
    """Sends with one key on one chain. Used by :class:`counterfoil.dispatch.Dispatch`."""

    def __init__(
        self, node: Node, chain_id: int, signer: Signer, turns: Turns, terms: Terms
    ) -> None:
        self._node = node
        self._chain_id = chain_id
        self._signer = signer
        self._turns = turns
        self._terms = terms
        self.lane = threading.Lock()
        """Held from a number to the node's answer, so that a key's transactions arrive in order.
        Ganache answers when one is mined; what comes while it saves that block, it lays aside."""
        self._lock = threading.Lock()
        self._flying: set[int] = set()
        self._wanted = 0  # callers between `reserve` and `free`
        self._ours = False
        self._next: int | None = None  # unknown as long as it isn't our turn

    @property
    def address(self) -> str:
        """Whose transactions they are."""
        return self._signer.address

    def reserve(self) -> None:
        """Take the turn, and keep it until :meth:`free`.

        Raises:
            Unavailable: somebody else is sending with the key.
        """
        with self._lock:
            if not self._ours:
                self._turns.take(self.address, self._terms.patience)
                self._ours, self._next = True, None
            self._wanted += 1

    def free(self) -> None:
        """Give the turn back as soon as nothing is under way."""
        with self._lock:
            self._wanted -= 1
            self._give_if_idle()

    def leave(self, pending: Pending) -> None:
        """Care no more what becomes of a transaction."""
        with self._lock:
            self._flying.discard(pending.nonce)
            self._give_if_idle()

    def numbering(self) -> list[Call]:
        """What to ask the node for :meth:`number_from`; nothing if the next number is known."""
        return [] if self._next is not None else self._counts()

    def number_from(self, answers: list[str]) -> None:
        """Go on after the last that was mined. If an earlier process left some under way, they get
        their time; what is still there then is replaced by ours."""
        mined, waiting = (int(answer, 16) for answer in answers)
        deadline = time.monotonic() + self._terms.stuck
        # Another thread of ours may have found the number, and what is waiting be its doing.
        while self._next is None and waiting > mined and time.monotonic() < deadline:
            time.sleep(_LOOK)
            mined, waiting = (int(found, 16) for found in self._node.batch(self._counts()))
        with self._lock:
            if self._next is None:
                self._next = mined

    def allot(
        self,
        to: str | None,
        data: bytes,
        gas: int,
        base: int,
        told: Callable[[str], None] | None = None,
    ) -> Pending:
        """A transaction with the next number; ``base``: the base fee. One that ``told`` hears of
        never gets another number: what it heard of before may be what took this one."""
        with self._lock:
            assert self._next is not None
            pending = Pending(self, to, data, gas, self._next, Fee.at(base, self._terms), told)
            self._flying.add(self._next)
            self._next += 1
        return pending

    def send(self, pending: Pending, base: BaseFee) -> None:
        """Hand it to the node, for more if that is what it takes.

        Raises:
            NodeError: the node doesn't take it.
            Unavailable: the fee would be over the cap, or the key has no ether.
        """
        first = not pending.hashes
        for _ in range(_TRIES):
            try:
                self._node.call("eth_sendRawTransaction", pending.sign())
            except NodeError as error:
                if self.heed(error, pending, base, first=first):
                    return
            else:
                return
        raise Unavailable(
            f"The node takes no transaction of {self.address}.", fix="Run again.", code="stuck"
        )

    def heed(self, error: NodeError, pending: Pending, base: BaseFee, *, first: bool) -> bool:
        """Whether the node has it though it says no; if not, what it says has been seen to."""
        said = error.said.lower()
        if "already" in said or "known transaction" in said:
            return True
        if "nonce" in said:
            if not first:  # a version of it was mined meanwhile: its receipt will tell
                return True
            if pending.told is not None:
                raise self._overtaken(pending) from error
            self._number_anew(pending)
        elif "funds" in said:
            raise Unavailable(
                f"{self.address} has too little ether to pay for its transactions.",
                fix="Send it some and run again.",
                code="ether",
            ) from error
        elif "underpriced" in said or "fee" in said or "gas price" in said:
            base.forget()
            pending.fee = pending.fee.raised(base.now(), self._terms)
        else:
            raise error
        return False

    def look_after(self, pending: Pending, base: BaseFee) -> None:
        """Notice that it can't be mined any more, or pay more if it takes too long. To be called
        when it has no receipt."""
        age = time.monotonic() - pending.sent
        if age < min(_MISSED_AFTER, self._terms.stuck):
            return
        count = self._count()
        if count > pending.nonce:
            asked: list[Call] = [("eth_getTransactionReceipt", [one]) for one in pending.hashes]
            if not any(self._node.batch(asked)):
                raise self._overtaken(pending)
        elif age >= self._terms.stuck:
            with self._lock:
                lowest = min(self._flying, default=pending.nonce)
            if count < lowest:
                raise Superseded(
                    f"The chain took back what {self.address} sent before number {pending.nonce}.",
                    fix="Run again.",
                )
            pending.fee = pending.fee.raised(base.now(), self._terms)
            self.send(pending, base)

    def signed(self, pending: Pending) -> bytes:
        """The transaction as the node takes it."""
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

    def _overtaken(self, pending: Pending) -> Superseded:
        said = f"Another transaction took number {pending.nonce} of {self.address}."
        return Superseded(said, fix="Run again.")

    def _number_anew(self, pending: Pending) -> None:
        """Somebody who doesn't wait for turns sent past us."""
        count = self._count()
        with self._lock:
            self._flying.discard(pending.nonce)
            self._next = max(count, self._next or 0)
            pending.nonce = self._next
            self._flying.add(self._next)
            self._next += 1
        pending.hashes.clear()

    def _counts(self) -> list[Call]:
        return [("eth_getTransactionCount", [self.address, tag]) for tag in ("latest", "pending")]

    def _count(self) -> int:
        return int(self._node.call("eth_getTransactionCount", self.address, "latest"), 16)

    def _give_if_idle(self) -> None:
        if self._ours and not self._flying and not self._wanted:
            self._ours, self._next = False, None
            self._turns.give(self.address)
