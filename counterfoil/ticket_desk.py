"""The ticket desk of one state folder: its parts, found and put together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from counterfoil import deployment
from counterfoil.advisory import turns_of
from counterfoil.chain import Chain
from counterfoil.errors import BadInput, Unavailable
from counterfoil.ipfs.address import store_at
from counterfoil.ipfs.store import BlockStore
from counterfoil.local import services
from counterfoil.local.services import Services
from counterfoil.state import State
from counterfoil.tickets.attestation import Verifier
from counterfoil.tickets.desk import Desk
from counterfoil.tickets.drafts import Drafts
from counterfoil.tickets.fingerprint import EpochKey
from counterfoil.tickets.journal import Journal
from counterfoil.tickets.masterkey import open_vault
from counterfoil.tickets.mirror import Mirror, MirroredStore
from counterfoil.tickets.opening import INTAKE, STAFF, VERIFIERS
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.sla import ALLOWANCES, Allowances, read_allowances
from counterfoil.tickets.told import ToldRows
from counterfoil.verifier.remote import RemoteVerifier

DATABASE = "tickets"
JOURNAL_KEY = "channel-journal"
EPOCHS = "fingerprint-"
"""Fingerprint keys are secrets of this name and the year."""
ELSEWHERE = "COUNTERFOIL_VERIFIERS"
"""Environment variable: URLs of verifiers that others run, with spaces between."""


def open_desk(state: State, *, staff: str = STAFF) -> Desk:
    """The desk, ready to work; close it after use, or use it as a context.

    Args:
        state: the folder that ``up`` and deploying wrote to.
        staff: name of the key that acts on tickets.

    Raises:
        BadInput: no such key.
        Unavailable: nothing is deployed or running, or a part doesn't answer.
    """
    deployment.load(state)
    if not state.has_key(staff):
        raise BadInput("no such key in the state folder", field=staff, fix="Name one in keys/.")
    registry = registry_of(state)
    running = services.load(state)
    return assemble(
        state, registry, store_at(running.ipfs), _verifiers(state, running, registry), staff=staff
    )


def registry_of(state: State) -> Registry:
    """The ticket registry that was deployed from a state folder.

    Raises:
        Unavailable: nothing is deployed, or the chain doesn't answer or is another.
    """
    record = deployment.load(state)
    chain = Chain.connect(record.chain_url, turns=turns_of(state))
    if chain.chain_id != record.chain_id:
        raise Unavailable(
            f"The chain at {record.chain_url} has id {chain.chain_id}, not {record.chain_id}.",
            fix="Start the one that was deployed to: `counterfoil up`.",
        )
    if chain.block_hash(record.tickets_block) != record.tickets_block_hash:
        raise Unavailable(
            f"The chain at {chain.url} doesn't know the ticket registry.",
            fix="Run `counterfoil up` to deploy it.",
        )
    return Registry(
        chain.contract("TicketRegistry", record.tickets), first_block=record.tickets_block
    )


def assemble(
    state: State,
    registry: Registry,
    store: BlockStore,
    verifiers: Sequence[Verifier],
    *,
    staff: str = STAFF,
) -> Desk:
    """A desk over this registry and store, with the keys and journals of a state folder."""
    epoch_key = epoch_keys(state)
    database, birth = state.database_url(DATABASE), registry.birth()
    mirror = Mirror(database, birth, [one.name for one in verifiers])
    return Desk(
        registry=registry,
        store=MirroredStore(store, mirror),
        vault=open_vault(state, database, birth),
        journal=Journal(database, birth),
        told=ToldRows(database, birth),
        drafts=Drafts(database, birth),
        verifiers=tuple(verifiers),
        intake=state.signer(INTAKE),
        staff=state.signer(staff),
        epoch_key=epoch_key,
        journal_key=state.secret(JOURNAL_KEY),
        allowances=_allowances(state.root / "sla.toml"),
    )


def _verifiers(state: State, running: Services, registry: Registry) -> list[Verifier]:
    """Those that ``up`` started, whether or not they live, and those that others run."""
    intake = state.signer(INTAKE)
    urls = {name: part.address for name in VERIFIERS if (part := running.part(name))}
    urls |= {url: url for url in os.environ.get(ELSEWHERE, "").split()}
    return [RemoteVerifier(name, url, registry, intake) for name, url in urls.items()]


def _allowances(file: Path) -> Allowances:
    if not file.exists():
        return ALLOWANCES
    return read_allowances(file.read_text(encoding="utf-8", errors="replace"), str(file))


def epochs(state: State) -> list[int]:
    """The years that have a fingerprint key."""
    return [int(name.removeprefix(EPOCHS)) for name in state.names(EPOCHS)]


def epoch_keys(state: State) -> EpochKey:
    """The fingerprint keys that a state folder keeps, one for each year, made at first use."""

    @cache
    def key(year: int) -> bytes:
        return state.secret(f"{EPOCHS}{year:04}")

    return key
