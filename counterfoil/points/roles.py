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
    return state.signer(_operator(bank))


def signer_of(state: State, bank: str, role: Role) -> Signer:
    """The key that a bank uses for what takes this role."""
    name = key_of(bank, role)
    return state.signer(name) if state.has_key(name) else operator_of(state, bank)


def addresses_of(state: State, bank: str, role: Role) -> frozenset[str]:
    """Of the kept keys that a bank has used for what takes this role: the role's own, and the
    operator's from before."""
    names = (key_of(bank, role), _operator(bank))
    return frozenset(state.signer(name).address for name in names if state.has_key(name))


def key_of(bank: str, role: Role) -> str:
    """The name under which a role's own key is kept."""
    return f"{bank}-{role}"


def _operator(bank: str) -> str:
    return f"{bank}-operator"
