"""Which tickets a registry may have, by what it said when it opened them (``TicketOpened``).

To look a ticket up takes a chain that keeps its state in a trie on disk half a millisecond
(Ganache), and what it said since the last look a tenth of that. So who is asked about tickets that
are new, nearly all of them, notes those that are opened: what isn't noted isn't there.

That is one node's word. Several behind one address may each leave out what it hasn't got yet; the
registry itself then skips a ticket that is there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from counterfoil.chain import Contract
from counterfoil.errors import Unavailable
from counterfoil.logs import Logs
from counterfoil.node import Call

_BITS = 27
"""Of a ticket's number that its note is kept under: 16 MiB. With a million tickets, one in 130
others has its place among theirs."""
_SPAN = 50  # blocks that are read in one request
_SECONDS = 1.0  # of one look; who is further behind than that goes on with the next one


class Sightings:
    """What the registry behind ``contract`` has opened since block ``first``. Any thread may ask.

    Ticket numbers are keyed digests (``fingerprint.py``), so their first bits are as good as any.
    """

    def __init__(self, contract: Contract, first: int) -> None:
        self._chain = contract.chain
        topic = Logs(contract.abi).topics("TicketOpened", {})[0]
        self._asked = {"address": contract.address, "topics": [topic]}
        self._first = first
        self._last: tuple[int, str] | None = None  # number and hash of the last block that was read
        self._noted = bytearray(1 << (_BITS - 3))
        self._lock = threading.Lock()
        self._looked: tuple[float, int | None] = (0.0, None)

    def doubtful(self, token_ids: Sequence[bytes]) -> tuple[list[bytes], int] | None:
        """Those of these tickets that there may be, and unix seconds of a block as of which there
        is none of the others, the latest when this was called or a later one. None if that can't
        be told now.

        Raises:
            Unavailable: the chain doesn't answer.
        """
        asked = time.monotonic()
        with self._lock:
            if self._looked[0] < asked:  # else somebody else's look began after we were asked
                begun = time.monotonic()
                self._looked = (begun, self._look())
            now = self._looked[1]
        if now is None:
            return None
        return [one for one in token_ids if self._is_noted(one)], now

    def _look(self) -> int | None:
        """Note what was opened since the last look; seconds of the latest block if that is all."""
        head = self._chain.request("eth_getBlockByNumber", "latest", False)
        end = time.monotonic() + _SECONDS
        try:
            while self._read(head):
                if self._last == _place(head):
                    return int(head["timestamp"], 16)
                if time.monotonic() >= end:
                    break
        except Unavailable:
            pass  # it keeps no logs that old, or gives none for so many: tickets are looked up then
        return None

    def _read(self, head: Mapping[str, Any]) -> bool:
        """Read the next blocks, ``head`` at most; whether they are the chain's."""
        start = self._first if self._last is None else self._last[0]
        end = min(start + _SPAN, int(head["number"], 16))
        last: Call = ("eth_getBlockByNumber", [hex(end), False])
        calls: list[Call] = [
            last,
            # The block before them once more: a node may take it ill if there are none.
            ("eth_getLogs", [{**self._asked, "fromBlock": hex(start), "toBlock": hex(end)}]),
            ("eth_getBlockByNumber", [hex(start), False]),
            last,
        ]
        before, logs, known, after = self._chain.requests(calls)
        for log in logs:
            self._note(log["topics"][1])
        if not (before and after and known):
            return False  # it hasn't got one of them (yet)
        if self._last not in (None, _place(known)):
            self._last = None  # the chain took it back: read all of it again
            return False
        # What has the same hash before and after has had the same blocks behind it meanwhile.
        found, top = _place(after), _place(head)
        if found != _place(before) or (end == top[0] and found != top):
            return False
        self._last = found
        return True

    def _note(self, topic: str) -> None:
        place = int(topic, 16) >> (256 - _BITS)
        self._noted[place >> 3] |= 1 << (place & 7)

    def _is_noted(self, token_id: bytes) -> bool:
        place = int.from_bytes(token_id) >> (256 - _BITS)
        return bool(self._noted[place >> 3] >> (place & 7) & 1)


def _place(block: Mapping[str, Any]) -> tuple[int, str]:
    return int(block["number"], 16), str(block["hash"])
