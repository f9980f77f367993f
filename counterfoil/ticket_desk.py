"""The ticket desk of one state folder: its parts, found and put together."""

from __future__ import annotations

from functools import cache

from counterfoil import deployment
from counterfoil.chain import Chain
from counterfoil.errors import BadInput, Unavailable
from counterfoil.ipfs.address import store_at
from counterfoil.ipfs.store import BlockStore
from counterfoil.local import services
from counterfoil.state import State
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.fingerprint import EpochKey
from counterfoil.tickets.journal import Journal
from counterfoil.tickets.opening import INTAKE, STAFF, VERIFIERS
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.vault import Vault
from counterfoil.verifier.verify import VerifierNode

DATABASE = "tickets"


def open_desk(state: State, *, staff: str = STAFF) -> Desk:
    """The desk, ready to work; close it after use, or use it as a context.

    Args:
        state: the folder that ``up`` and deploying wrote to.
        staff: name of the key that acts on tickets.

    Raises:
        BadInput: no such key.
        Unavailable: nothing is deployed or running, or a part doesn't answer.
    """
    record = deployment.load(state)
    if not state.has_key(staff):
        raise BadInput("no such key in the state folder", field=staff, fix="Name one in keys/.")
    chain = Chain.connect(record.chain_url)
    if chain.chain_id != record.chain_id:
        raise Unavailable(
            f"The chain at {record.chain_url} has id {chain.chain_id}, not {record.chain_id}.",
            fix="Start the one that was deployed to: `counterfoil up`.",
        )
    registry = Registry(
        chain.contract("TicketRegistry", record.tickets), first_block=record.tickets_block
    )
    return assemble(state, registry, store_at(services.load(state).ipfs), staff=staff)


def assemble(state: State, registry: Registry, store: BlockStore, *, staff: str = STAFF) -> Desk:
    """A desk over this registry and store, with the keys and journals of a state folder."""
    epoch_key = epoch_keys(state)
    verifiers = tuple(
        VerifierNode(state.signer(name), state.secret(f"{name}-box"), store, registry, epoch_key)
        for name in VERIFIERS
    )
    database, birth = state.database_url(DATABASE), registry.birth()
    return Desk(
        registry=registry,
        store=store,
        vault=Vault(database, state.secret("vault-master"), birth),
        journal=Journal(database, birth),
        verifiers=verifiers,
        intake=state.signer(INTAKE),
        staff=state.signer(staff),
        epoch_key=epoch_key,
        journal_key=state.secret("channel-journal"),
    )


def epoch_keys(state: State) -> EpochKey:
    """The fingerprint keys that a state folder keeps, one for each year, made at first use."""

    @cache
    def key(year: int) -> bytes:
        return state.secret(f"fingerprint-{year:04}")

    return key
