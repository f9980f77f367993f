"""What is asked of the registry with every batch, and of ticket after ticket, read from its storage
(``layout.py``).

A chain that is at work on a block lets each request wait until it is done. So what belongs together
is asked for in one.
"""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.chain import Contract
from counterfoil.tickets import layout
from counterfoil.tickets.standing import Ticket

_PAGE = 100
"""Tickets, of two slots each, in one request: hosted nodes take a thousand calls at most."""


class Stored:
    """The storage of the ``TicketRegistry`` behind ``contract``. Any thread may ask."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def now(self) -> int:
        """Unix seconds of the latest block."""
        return self._contract.chain.timestamp()

    def terms(self) -> tuple[int, int]:
        """How many verifiers a mint takes, and :meth:`now`."""
        (word,), now = self._words_now([layout.QUORUM_SLOT])
        return layout.quorum_in(word), now

    def holds(self, role: str, account: str) -> bool:
        """Whether an account has a role now, such as ``VERIFIER_ROLE``."""
        return layout.is_set(self._words([layout.role_slot(role, account)])[0])

    def tickets(self, token_ids: Sequence[bytes]) -> list[Ticket | None]:
        """Each ticket as it stands, None where there is none; all of them as one block left them,
        so that a step which is mined meanwhile can't show with half of what it changed."""
        if not token_ids:
            return []
        block = hex(self._contract.chain.block_number())
        found: list[Ticket | None] = []
        for start in range(0, len(token_ids), _PAGE):
            page = token_ids[start : start + _PAGE]
            owned = [layout.slot_of(one) for one in page]
            digests = [layout.digest_slot(one) for one in page]
            words = self._words([*owned, *digests], block)
            halves = words[: len(page)], words[len(page) :]
            found += map(layout.ticket_in, page, *halves)
        return found

    def ticket(self, token_id: bytes) -> Ticket | None:
        """The ticket as it stands, None if there is none."""
        return self.tickets([token_id])[0]

    def standing(self, token_ids: Sequence[bytes]) -> set[bytes]:
        """Those of which there is a ticket, whatever its status."""
        return _standing(token_ids, self._words([layout.slot_of(one) for one in token_ids]))

    def standing_now(self, token_ids: Sequence[bytes]) -> tuple[set[bytes], int]:
        """:meth:`standing`, and :meth:`now`."""
        words, now = self._words_now([layout.slot_of(one) for one in token_ids])
        return _standing(token_ids, words), now

    def _words(self, slots: Sequence[bytes], block: str = "latest") -> list[str]:
        chain, address = self._contract.chain, self._contract.address
        return chain.requests([layout.reading(address, one, block) for one in slots])

    def _words_now(self, slots: Sequence[bytes]) -> tuple[list[str], int]:
        chain, address = self._contract.chain, self._contract.address
        return chain.requests_now([layout.reading(address, one) for one in slots])


def _standing(token_ids: Sequence[bytes], words: Sequence[str]) -> set[bytes]:
    pairs = zip(token_ids, words, strict=True)
    return {one for one, word in pairs if layout.is_set(word)}
