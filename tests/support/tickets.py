"""A desk with a ticket registry, and a plain model of every ticket on it.

One method per call to the registry. Each compares the events and the whole state of the registry
with what the model says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from counterfoil.chain import Chain, Contract
from counterfoil.errors import Refused
from counterfoil.keys import Signer
from counterfoil.model import Mined
from tests.support.attestations import attested
from tests.support.ticket_events import APP, Seen, again, assigned, minted, moved, transferred
from tests.support.ticket_layout import slot_of, stored_tickets, word_of
from tests.support.ticket_rules import ENDS, PATHS, RIGHTS, Action, Opening, Right, Status, Ticket
from tests.support.ticket_samples import later_digest, person, role, verifiers

HOUR = 3600
ETHER = hex(10**21)  # wei, more than anyone spends here
Proof = tuple[int, list[bytes]]  # the registry's Attestations


@dataclass(slots=True)
class Desk:
    """A registry, the people around it, and what it must hold."""

    chain: Chain
    registry: Contract
    admin: Signer
    intake: Signer
    resolver: Signer
    colleague: Signer
    supervisor: Signer
    pauser: Signer
    outsider: Signer
    verifiers: tuple[Signer, ...]  # three, ascending by address
    quorum: int
    tickets: dict[int, Ticket] = field(default_factory=dict)

    @classmethod
    def deployed(cls, chain: Chain, *, quorum: int) -> Desk:
        """A new registry with everybody in their role, and ether for all."""
        admin = person("admin")
        chain.request("anvil_setBalance", admin.address, ETHER)
        registry = chain.deploy(admin, "TicketRegistry", admin.address, HOUR, quorum).contract
        desk = cls(
            chain,
            registry,
            admin,
            intake=person("intake"),
            resolver=person("resolver"),
            colleague=person("colleague"),
            supervisor=person("supervisor"),
            pauser=person("pauser"),
            outsider=person("outsider"),
            verifiers=verifiers(3),
            quorum=quorum,
        )
        for signer, role_name in desk.roles():
            chain.request("anvil_setBalance", signer.address, ETHER)
            if role_name:
                desk.grant(role_name, signer.address)
        return desk

    def roles(self) -> list[tuple[Signer, str]]:
        """Everybody but the admin, with their role."""
        return [
            (self.intake, "INTAKE_ROLE"),
            (self.resolver, "RESOLVER_ROLE"),
            (self.colleague, "RESOLVER_ROLE"),
            (self.supervisor, "SUPERVISOR_ROLE"),
            (self.pauser, "PAUSER_ROLE"),
            (self.outsider, ""),
            *((verifier, "VERIFIER_ROLE") for verifier in self.verifiers),
        ]

    def grant(self, role_name: str, account: str) -> None:
        """The admin gives an account a role."""
        self.registry.send(self.admin, "grantRole", role(role_name), account)

    def revoke(self, role_name: str, account: str) -> None:
        """The admin takes a role from an account."""
        self.registry.send(self.admin, "revokeRole", role(role_name), account)

    def proof(
        self,
        openings: Sequence[Opening],
        signers: Sequence[Signer] | None = None,
        *,
        deadline: int | None = None,
    ) -> Proof:
        """Attestations by the first verifiers of the quorum, good for an hour, unless told."""
        signers = self.verifiers[: self.quorum] if signers is None else signers
        deadline = self.chain.timestamp() + HOUR if deadline is None else deadline
        return attested(self.registry, openings, signers, deadline)

    def open(
        self,
        one: Opening,
        proof: Proof | None = None,
        *,
        by: Signer | None = None,
        handler: str | None = None,
    ) -> Mined:
        """Mint alone."""
        handler = handler or self.resolver.address
        proof = proof or self.proof([one])
        mined = self.registry.send(by or self.intake, "open", one.row, handler, APP, proof)
        self._saw(mined, self._minted(one, handler, mined.timestamp))
        return mined

    def open_batch(
        self,
        openings: Sequence[Opening],
        proof: Proof | None = None,
        *,
        by: Signer | None = None,
        handler: str | None = None,
    ) -> Mined:
        """Mint together; what the model has already must come back as seen again."""
        handler = handler or self.resolver.address
        proof = proof or self.proof(openings)
        rows = [one.row for one in openings]
        mined = self.registry.send(by or self.intake, "openBatch", rows, handler, APP, proof)
        expected: list[Seen] = []
        for one in openings:
            if one.token_id in self.tickets:
                expected.append(again(one))
            else:
                expected += self._minted(one, handler, mined.timestamp)
        self._saw(mined, expected)
        return mined

    def seen_again(self, openings: Sequence[Opening], *, by: Signer | None = None) -> Mined:
        """Leave a trace of queries that came again."""
        ids = [one.token_id for one in openings]
        mined = self.registry.send(by or self.intake, "seenAgain", ids, APP)
        self._saw(mined, [again(one) for one in openings])
        return mined

    def act(
        self,
        actor: Signer,
        one: Opening,
        action: Action,
        *,
        digest: bytes | None = None,
        version: int | None = None,
    ) -> Mined:
        """Do something to a ticket, building on its present version unless told otherwise."""
        held = self.tickets.get(one.token_id, Ticket())
        if digest is None:
            kept = action is Action.ERASE
            digest = held.digest if kept else later_digest(one.token_id, held.version + 1)
        version = held.version if version is None else version
        mined = self.registry.send(actor, "act", one.token_id, action, digest, version)

        handler = actor.address if action is Action.TAKE else held.handler
        now = held.after(ENDS[action] or held.status, digest, mined.timestamp, handler)
        self.tickets[one.token_id] = now
        self._saw(mined, moved(actor.address, one, action, held, now))
        return mined

    def assign(
        self,
        actor: Signer,
        one: Opening,
        to: str,
        *,
        digest: bytes | None = None,
        version: int | None = None,
    ) -> Mined:
        """Give a ticket to someone else, building on its present version unless told otherwise."""
        held = self.tickets.get(one.token_id, Ticket())
        digest = later_digest(one.token_id, held.version + 1) if digest is None else digest
        version = held.version if version is None else version
        mined = self.registry.send(actor, "assign", one.token_id, to, digest, version)

        now = held.after(held.status, digest, mined.timestamp, to)
        self.tickets[one.token_id] = now
        self._saw(mined, assigned(actor.address, one, held, now))
        return mined

    def transfer(
        self, actor: Signer, one: Opening, to: str, function: str = "transferFrom", *data: bytes
    ) -> Mined:
        """A bare ERC-721 transfer from the present handler."""
        held = self.tickets[one.token_id]
        mined = self.registry.send(actor, function, held.handler, to, one.token_id, *data)
        self.tickets[one.token_id] = replace(held, handler=to)
        self._saw(mined, [transferred(held.handler, to, one)])
        return mined

    def bring(self, one: Opening, status: Status) -> None:
        """Open a ticket, handled by the resolver, and walk it to a status."""
        self.open(one)
        for action in PATHS[status]:
            supervised = RIGHTS[action] is Right.SUPERVISOR
            self.act(self.supervisor if supervised else self.resolver, one, action)

    def set_version(self, one: Opening, version: int) -> None:
        """Write a ticket's version straight into its slot, as if it had had so many."""
        held = self.tickets[one.token_id] = replace(self.tickets[one.token_id], version=version)
        slot, word = f"{slot_of(one.token_id):#066x}", f"{word_of(held):#066x}"
        self.chain.request("anvil_setStorageAt", self.registry.address, slot, word)
        self.check()

    @contextmanager
    def refuses(self, code: str, **values: Any) -> Iterator[None]:
        """The block ends in this error with these values, and no ticket has changed."""
        with pytest.raises(Refused) as caught:
            yield
        found = {name: _checksummed(value) for name, value in caught.value.arguments.items()}
        assert (caught.value.code, found) == (code, values)
        self.check()

    def needs(self, role_name: str, actor: Signer) -> AbstractContextManager[None]:
        """The block is refused because the actor hasn't this role."""
        lacking = {"account": actor.address, "neededRole": role(role_name)}
        return self.refuses("AccessControlUnauthorizedAccount", **lacking)

    def check(self) -> None:
        """Every ticket and every handler's count are as the model says."""
        ids, held = list(self.tickets), list(self.tickets.values())
        assert [Ticket(*row) for row in self.registry.call("tickets", ids)] == held
        assert stored_tickets(self.registry, ids) == held
        handlers = [ticket.handler for ticket in held]
        for holder in {*(one.address for one, _ in self.roles()), *handlers}:
            assert self.registry.call("balanceOf", holder) == handlers.count(holder)

    def _minted(self, one: Opening, handler: str, time: int) -> list[Seen]:
        self.tickets[one.token_id] = Ticket(handler, Status.OPEN, 1, time, time, one.digest)
        return minted(one, handler)

    def _saw(self, mined: Mined, expected: Sequence[Seen]) -> None:
        assert [(event.name, dict(event.arguments)) for event in mined.events] == expected
        self.check()


def _checksummed(value: Any) -> Any:
    return to_checksum_address(value) if isinstance(value, str) else value
