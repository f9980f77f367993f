"""Opening the ticket registry: deploy and grant. Each step only if it is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from counterfoil.chain import Chain
from counterfoil.deployment import RegistryRecord
from counterfoil.roles import Roles
from counterfoil.state import State
from counterfoil.tickets.roles import Role

ADMIN = "tickets-admin"
INTAKE = "intake"
STAFF = "staff-1"
VERIFIERS = tuple(f"verifier-{number}" for number in range(1, 4))
QUORUM = 2
"""Verifiers that a mint takes: the others may be down, slow or lying."""
ADMIN_DELAY = 2 * 86_400
_ETHER = 10**18
_SENDERS = (ADMIN, INTAKE, STAFF)
_GRANTS: tuple[tuple[Role, tuple[str, ...]], ...] = (
    ("intake", (INTAKE,)),
    ("resolver", (STAFF,)),
    ("supervisor", (STAFF,)),
    ("verifier", VERIFIERS),
    ("pauser", (ADMIN,)),
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What it takes to open the registry. ``save`` keeps the record once it is deployed."""

    chain: Chain
    state: State
    save: Callable[[RegistryRecord], None]
    say: Callable[[str], None]

    def ensure(self, known: RegistryRecord | None) -> RegistryRecord:
        """The registry with its intake, staff and verifiers."""
        for name in _SENDERS:
            address = self.state.signer(name).address
            if self.chain.balance(address) < _ETHER:
                self.chain.fund(address, 10 * _ETHER)
        record = known or self._deployed()
        if known:
            self.say(f"tickets: reusing the registry at {known.address}")
            self._set_quorum(known)
        self._grant(record)
        return record

    def _deployed(self) -> RegistryRecord:
        admin = self.state.signer(ADMIN)
        made = self.chain.deploy(admin, "TicketRegistry", admin.address, ADMIN_DELAY, QUORUM)
        record = RegistryRecord(
            made.contract.address, made.mined.block, self.chain.block_hash(made.mined.block)
        )
        self.save(record)
        self.say(f"tickets: registry deployed at {record.address}")
        return record

    def _set_quorum(self, record: RegistryRecord) -> None:
        contract = self.chain.contract("TicketRegistry", record.address)
        if contract.call("quorum") != QUORUM:
            contract.send(self.state.signer(ADMIN), "setQuorum", QUORUM)

    def _grant(self, record: RegistryRecord) -> None:
        """Give everybody their roles; one that was taken from somebody stays taken."""
        roles = Roles(self.chain.contract("TicketRegistry", record.address), record.block)
        admin = self.state.signer(ADMIN)
        for role, holders in _GRANTS:
            for holder in holders:
                address = self.state.signer(holder).address
                if not roles.holds(role, address) and not roles.was_revoked(role, address):
                    roles.grant(admin, role, address)
