"""Putting everything on one chain: the banks' ledgers, their offers, the ticket registry.

What stands already is used again; what the files changed is brought up to date; a run that was
cut short goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from counterfoil import deployment
from counterfoil.advisory import turns_of
from counterfoil.artifacts import ROOT
from counterfoil.chain import Chain
from counterfoil.deployment import Deployment, LedgerRecord, RegistryRecord
from counterfoil.errors import BadInput, Unavailable
from counterfoil.points.opening import Opening as LedgerOpening
from counterfoil.points.rules import BankRules, read_rules
from counterfoil.points.terminals import Terminals, read_terminals
from counterfoil.state import State
from counterfoil.tickets.opening import ADMIN
from counterfoil.tickets.opening import Opening as RegistryOpening


@dataclass(frozen=True, slots=True)
class Plan:
    """What the users' files ask for, read and checked."""

    banks: tuple[tuple[BankRules, Terminals], ...]


@dataclass(frozen=True, slots=True)
class Rollout:
    """What stands now, and whether all of it stood before."""

    deployment: Deployment
    reused: bool


Say = Callable[[str], None]


def check(rules_files: Sequence[Path], terminals_file: Path) -> Plan:
    """Read the files without touching anything.

    Raises:
        BadInput: one of them is wrong, or two are of one bank.
    """
    return check_each([(file, terminals_file) for file in rules_files])


def check_each(files: Sequence[tuple[Path, Path]]) -> Plan:
    """Like :func:`check`, with the rules and the terminals of each bank."""
    if not files:
        raise BadInput("is needed", field="--rules", fix="Name a bank's rules.toml.")
    banks: dict[str, tuple[BankRules, Terminals]] = {}
    for file, terminals_file in files:
        rules = read_rules(file)
        if rules.bank in banks:
            raise BadInput(f"a second file for bank {rules.bank!r}", file=str(file), field="bank")
        banks[rules.bank] = (rules, read_terminals(terminals_file, rules.currency))
    return Plan(tuple(banks.values()))


def ensure(plan: Plan, state: State, url: str, say: Say) -> Rollout:
    """Put the plan on the chain at ``url``; ``say`` hears a line about each thing done.

    Raises:
        BadInput: the files contradict what is deployed.
        Unavailable: the chain doesn't answer, or a key has no ether.
    """
    chain = Chain.connect(url, turns=turns_of(state))
    known = deployment.find(state)
    if known is not None and not _stands(chain, known):
        _refuse_if_elsewhere(state, known, url)
        known = None
    return _Hand(chain, state, say).put(plan, known)


def source_hash() -> str:
    """SHA-256, in hex, over the names and the text of every Solidity source."""
    running = sha256()
    for folder in ("contracts", "interfaces"):
        for file in sorted((ROOT / folder).rglob("*.sol")):
            running.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return running.hexdigest()


def _stands(chain: Chain, known: Deployment) -> bool:
    records = (*known.banks.values(), *((known.registry,) if known.registry else ()))
    return bool(records) and all(chain.block_hash(one.block) == one.block_hash for one in records)


def _refuse_if_elsewhere(state: State, known: Deployment, url: str) -> None:
    """A state folder belongs to one chain as long as that chain answers."""
    if known.chain_url == url:
        return
    try:
        former = Chain.connect(known.chain_url, timeout=2)
    except Unavailable:
        return
    if _stands(former, known):
        raise BadInput(
            f"{state.root} belongs to the chain at {known.chain_url}, which runs",
            field="--state",
            fix="Name another folder, or end that chain: `counterfoil down`.",
        )


class _Hand:
    def __init__(self, chain: Chain, state: State, say: Say) -> None:
        self._chain = chain
        self._state = state
        self._say = say

    def put(self, plan: Plan, known: Deployment | None) -> Rollout:
        now = (
            replace(known, chain_url=self._chain.url)
            if known
            else Deployment(
                chain_url=self._chain.url,
                chain_id=self._chain.chain_id,
                deployer=self._state.signer(ADMIN).address,
                source_hash=source_hash(),
            )
        )
        before = now
        for bank, terminals in plan.banks:
            now = self._bank(now, bank, terminals)
        now = self._registry(now)
        now = self._offers(now)
        deployment.save(self._state, now)
        return Rollout(now, reused=known is not None and now == before)

    def _bank(self, now: Deployment, bank: BankRules, terminals: Terminals) -> Deployment:
        def with_bank(record: LedgerRecord) -> Deployment:
            return replace(now, banks={**now.banks, bank.bank: record})

        def save(record: LedgerRecord) -> None:
            deployment.save(self._state, with_bank(record))

        opening = LedgerOpening(self._chain, self._state, bank, terminals, save, self._say)
        return with_bank(opening.ensure(now.banks.get(bank.bank)))

    def _registry(self, now: Deployment) -> Deployment:
        def save(record: RegistryRecord) -> None:
            deployment.save(self._state, replace(now, registry=record))

        opening = RegistryOpening(self._chain, self._state, save, self._say)
        return replace(now, registry=opening.ensure(now.registry))

    def _offers(self, now: Deployment) -> Deployment:
        if now.offers and self._chain.has_code(now.offers):
            return now
        made = self._chain.deploy(self._state.signer(ADMIN), "PointsOffers")
        return replace(now, offers=made.contract.address)
