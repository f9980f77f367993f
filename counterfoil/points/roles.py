"""The roles of a bank's ledger, besides its admin's, and which key of an installation has each."""

from __future__ import annotations

from typing import Literal, get_args

from counterfoil.keys import Signer
from counterfoil.state import State

Role = Literal["rules", "issuer", "settler", "pauser"]
ROLES: tuple[Role, ...] = get_args(Role)


def admin_of(state: State, bank: str) -> Signer:
    """The key that gives and takes roles."""
    return state.signer(f"{bank}-admin")


def operator_of(state: State, bank: str) -> Signer:
    """The key that has every role of a bank that hasn't a key of its own."""
    return state.signer(f"{bank}-operator")


def signer_of(state: State, bank: str, role: Role) -> Signer:
    """The key that a bank uses for what takes this role."""
    name = key_of(bank, role)
    return state.signer(name) if state.has_key(name) else operator_of(state, bank)


def addresses_of(state: State, bank: str, role: Role) -> frozenset[str]:
    """Of the keys that a bank has used for what takes this role: the role's own, and the
    operator's from before."""
    used = (signer_of(state, bank, role), operator_of(state, bank))
    return frozenset(signer.address for signer in used)


def key_of(bank: str, role: Role) -> str:
    """The name under which a role's own key is kept."""
    return f"{bank}-{role}"
