"""The ticket registry on chain, in our own types.

Every method raises ``Unavailable`` when no node answers and ``Refused`` with the Solidity error's
name when the registry says no.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from counterfoil.calls import call_data
from counterfoil.chain import Contract
from counterfoil.keys import Signer
from counterfoil.model import Event, Mined
from counterfoil.roles import Roles
from counterfoil.tickets.attestation import Opening
from counterfoil.tickets.casecrypto import Binding
from counterfoil.tickets.casefile import Status
from counterfoil.tickets.limits import marking_gas, opening_gas
from counterfoil.tickets.sightings import Sightings
from counterfoil.tickets.standing import number_of, status_of
from counterfoil.tickets.stored import Stored

_ERC721 = ("Transfer", "Approval")  # their token is called ``id``


class Action(IntEnum):
    """What staff do to a ticket; the numbers are the contract's."""

    TAKE = 0
    NOTE = 1
    ASK = 2
    REPLY = 3
    RESOLVE = 4
    CLOSE = 5
    REOPEN = 6
    REJECT = 7
    WITHDRAW = 8
    REQUEST_ERASURE = 9
    ERASE = 10

    @property
    def word(self) -> str:
        """As files and tables write it: ``request-erasure``."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Minted:
    """Which tickets of a batch were made, and which were there already."""

    opened: frozenset[bytes]
    seen: frozenset[bytes]
    mined: Mined


class Registry(Stored):
    """The ``TicketRegistry`` behind ``contract``; it stands since block ``first_block``."""

    def __init__(self, contract: Contract, first_block: int = 0) -> None:
        super().__init__(contract)
        self._first = first_block

    @cached_property
    def _sightings(self) -> Sightings:
        """Made when it is asked for first: its notes take 16 MiB."""
        return Sightings(self._contract, self._first)

    @property
    def address(self) -> str:
        """The contract's checksummed address."""
        return self._contract.address

    @property
    def chain_id(self) -> int:
        """EIP-155 id of its chain."""
        return self._contract.chain.chain_id

    def standing_now(self, token_ids: Sequence[bytes]) -> tuple[set[bytes], int]:
        """:meth:`standing`, and :meth:`now`; for many who are new."""
        found = self._sightings.doubtful(token_ids)
        if found is None:
            return super().standing_now(token_ids)
        doubtful, now = found
        return self.standing(doubtful), now

    def birth(self) -> str:
        """Hash of the block that it was deployed in: another on every chain, even on two fresh
        ones where the same keys deploy to the same address."""
        found = self._contract.chain.request("eth_getBlockByNumber", hex(self._first), False)
        return str(found["hash"])

    def binding(self, token_id: bytes) -> Binding:
        """What ties a block to one of its tickets."""
        return Binding(self.chain_id, self.address, token_id)

    def roles(self) -> Roles:
        """Who may do what."""
        return Roles(self._contract, self._first)

    def after(self, action: Action, status: Status) -> Status | None:
        """The status that ``action`` leads to from ``status``, None if it doesn't start there."""
        to, _right = self._contract.call("transition", int(action), number_of(status))
        return status_of(int(to))

    def open_batch(
        self,
        signer: Signer,
        openings: Sequence[Opening],
        *,
        handler: str,
        channel: str,
        deadline: int,
        signatures: Sequence[bytes],
    ) -> Minted:
        """Mint the tickets of one channel; ``signatures`` ascend by their signer's address."""
        contract = self._contract
        pairs = [(_number(one.token_id), one.digest) for one in openings]
        arguments = (pairs, handler, _channel(channel), (deadline, signatures))
        data, gas = call_data(contract.abi, "openBatch", arguments), opening_gas(len(openings))
        mined = contract.mined(
            contract.chain.transact(signer, contract.address, data, contract.abi, gas)
        )
        opened = frozenset(_token(event) for event in mined.of("TicketOpened"))
        return Minted(opened, frozenset(_token(event) for event in mined.of("SeenAgain")), mined)

    def seen_again(self, signer: Signer, token_ids: Sequence[bytes], channel: str) -> Mined:
        """Leave a mark for each query that ``channel`` raised again."""
        numbers = [_number(one) for one in token_ids]
        gas = marking_gas(len(numbers))
        return self._contract.send(signer, "seenAgain", numbers, _channel(channel), gas=gas)

    def act(
        self, signer: Signer, token_id: bytes, action: Action, digest: bytes, version: int
    ) -> Mined:
        """Append a version with this digest to the ticket that stands at ``version``."""
        return self._contract.send(signer, "act", _number(token_id), int(action), digest, version)

    def assign(
        self, signer: Signer, token_id: bytes, to: str, digest: bytes, version: int
    ) -> Mined:
        """Give the ticket to another member of staff, as a new version."""
        return self._contract.send(signer, "assign", _number(token_id), to, digest, version)

    def events(self, name: str, token_id: bytes) -> list[Event]:
        """All events of one name about one ticket, oldest first."""
        about = {"id" if name in _ERC721 else "tokenId": _number(token_id)}
        return self._contract.events(name, first=self._first, **about)

    def all_events(self, name: str) -> list[Event]:
        """All events of one name about any ticket, oldest first."""
        return self._contract.events(name, first=self._first)

    def versions(self) -> list[tuple[bytes, bytes]]:
        """Ticket and digest of every version that ever was, each ticket's first versions first."""
        names = ("TicketOpened", "TicketMoved", "TicketAssigned")
        events = [event for name in names for event in self.all_events(name)]
        events.sort(key=lambda event: (event.block, event.log_index))
        return [(_token(event), bytes(event.arguments["digest"])) for event in events]

    def opened(self) -> list[bytes]:
        """The id of every ticket, oldest first."""
        return [_token(event) for event in self.all_events("TicketOpened")]

    def raised_by(self, channel: str) -> set[bytes]:
        """The id of every ticket whose query this channel raised, first or again."""
        events = [*self.all_events("TicketOpened"), *self.all_events("SeenAgain")]
        word = _channel(channel)
        return {_token(event) for event in events if event.arguments["channel"] == word}

    def first_digest(self, token_id: bytes) -> bytes | None:
        """The digest of a ticket's first version, None if there is no such ticket."""
        found = self.events("TicketOpened", token_id)
        return bytes(found[0].arguments["digest"]) if found else None

    def block_time(self, block: int) -> int:
        """Unix seconds of a block."""
        found = self._contract.chain.request("eth_getBlockByNumber", hex(block), False)
        return int(found["timestamp"], 16)

    def sender(self, transaction: str) -> str:
        """The checksummed address that signed a transaction."""
        return self._contract.chain.sender_of(transaction)


def _number(token_id: bytes) -> int:
    return int.from_bytes(token_id)


def _token(event: Event) -> bytes:
    return int(event.arguments["tokenId"]).to_bytes(32)


def _channel(name: str) -> bytes:
    """A channel's name as a short string: UTF-8, zero bytes on the right."""
    return name.encode().ljust(32, b"\0")
