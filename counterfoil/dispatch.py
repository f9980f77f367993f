"""Transactions of one key or of many: sent together, and seen through together.

Those of a key are mined in the order in which they were sent. One that isn't mined in time is sent
again under its number and pays more, until it is mined or the cap is reached. Any thread may send.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from counterfoil.basefee import BaseFee
from counterfoil.errors import Unavailable
from counterfoil.fees import Terms
from counterfoil.keys import Signer
from counterfoil.node import Call, Node, NodeError
from counterfoil.sender import Pending, Sender
from counterfoil.turns import Turns

_SHORTEST, _LONGEST = 0.002, 0.25  # seconds between two looks for receipts

Receipt = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Errand:
    """A call to be sent. ``to`` None makes a contract; ``gas``: the most that it may use; ``told``
    hears each hash under which it may be mined, before the node gets that version."""

    signer: Signer
    to: str | None
    data: bytes
    gas: int
    told: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Who sees a call through: ``told`` as in :class:`Errand`; once ``stop`` is set, nobody waits
    until it is mined."""

    told: Callable[[str], None] | None = None
    stop: threading.Event | None = None


class Dispatch:
    """All senders on one chain."""

    def __init__(self, node: Node, chain_id: int, turns: Turns, terms: Terms) -> None:
        self._node = node
        self._chain_id = chain_id
        self._turns = turns
        self._terms = terms
        self._base = BaseFee(node)
        self._senders: dict[str, Sender] = {}
        self._making = threading.Lock()

    def submit(self, errands: Sequence[Errand]) -> list[Pending]:
        """Send transactions without waiting for them; :meth:`wait` or :meth:`leave` must follow.

        Raises:
            NodeError: the node doesn't take one of them; none is cared for then.
            Unavailable: the chain is away, a fee would be over the cap, a key has no ether, or
                somebody else is sending with it.
        """
        pendings: list[Pending] = []
        try:
            signers = {errand.signer.address: errand.signer for errand in errands}
            with self.held(signers.values()), ExitStack() as lanes:
                base = self._base.now() if errands else 0
                for address in sorted(signers):
                    lanes.enter_context(self._sender(signers[address]).lane)
                for errand in errands:
                    sender, what = self._sender(errand.signer), (errand.to, errand.data, errand.gas)
                    pendings.append(sender.allot(*what, base, errand.told))
                self._send(pendings)
        except BaseException:
            self.leave(pendings)
            raise
        return pendings

    @contextmanager
    def held(self, signers: Iterable[Signer]) -> Iterator[None]:
        """The turns of these keys, kept for a while: what an earlier process left under way with
        them has been mined by then, or never will be.

        Raises:
            Unavailable: the chain is away, or somebody else is sending with one of them.
        """
        senders = [self._sender(signer) for signer in signers]
        reserved: list[Sender] = []
        try:
            # In one order, or two processes wait for each other.
            for sender in sorted(senders, key=lambda one: one.address):
                sender.reserve()
                reserved.append(sender)
            self._number(reserved)
            yield
        finally:
            for sender in reserved:
                sender.free()

    def wait(
        self, pendings: Sequence[Pending], stop: threading.Event | None = None
    ) -> list[Receipt]:
        """The receipts of transactions, once all of them count, as the node words them.

        Raises:
            Superseded: one of them will never be mined.
            Unavailable: one isn't mined at the highest fee, the chain is away, or ``stop`` is set.
        """
        found: dict[int, Receipt] = {}
        pause = _SHORTEST
        try:
            while True:
                ahead = [one for i, one in enumerate(pendings) if i not in found]
                places = [i for i in range(len(pendings)) if i not in found]
                for place, pending, receipt in zip(
                    places, ahead, self._receipts(ahead), strict=True
                ):
                    if receipt is None:
                        pending.sender.look_after(pending, self._base)
                    elif self._deep_enough(receipt):
                        found[place] = receipt
                        pending.sender.leave(pending)
                if len(found) == len(pendings):
                    return [found[i] for i in range(len(pendings))]
                if stop is not None and stop.is_set():
                    raise Unavailable("Stopped with transactions under way.", fix="Run again.")
                time.sleep(pause)
                pause = min(pause * 1.5, _LONGEST)
        finally:
            self.leave(pendings)

    def leave(self, pendings: Sequence[Pending]) -> None:
        """Care no more what becomes of transactions."""
        for pending in pendings:
            pending.sender.leave(pending)

    def _sender(self, signer: Signer) -> Sender:
        with self._making:
            found = self._senders.get(signer.address)
            if found is None:
                found = Sender(self._node, self._chain_id, signer, self._turns, self._terms)
                self._senders[signer.address] = found
            return found

    def _number(self, senders: Sequence[Sender]) -> None:
        asked = [(sender, calls) for sender in senders if (calls := sender.numbering())]
        answers = self._node.batch([call for _, calls in asked for call in calls])
        for i, (sender, _) in enumerate(asked):
            sender.number_from(answers[2 * i : 2 * i + 2])

    def _send(self, pendings: Sequence[Pending]) -> None:
        calls: list[Call] = [("eth_sendRawTransaction", [one.sign()]) for one in pendings]
        for pending, answer in zip(pendings, self._node.try_batch(calls), strict=True):
            if isinstance(answer, NodeError) and not pending.sender.heed(
                answer, pending, self._base, first=True
            ):
                pending.sender.send(pending, self._base)

    def _receipts(self, pendings: Sequence[Pending]) -> list[Receipt | None]:
        asked: list[Call] = [
            ("eth_getTransactionReceipt", [name]) for one in pendings for name in one.hashes
        ]
        answers = iter(self._node.batch(asked))
        found: list[Receipt | None] = []
        for pending in pendings:
            versions = [next(answers) for _ in pending.hashes]
            found.append(next((one for one in versions if one and one.get("blockNumber")), None))
        return found

    def _deep_enough(self, receipt: Receipt) -> bool:
        if not self._terms.confirmations:
            return True
        top = int(self._node.call("eth_blockNumber"), 16)
        return top >= int(receipt["blockNumber"], 16) + self._terms.confirmations
