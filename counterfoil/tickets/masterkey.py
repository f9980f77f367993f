"""Where the vault's master key comes from: a file, an environment variable or a passphrase.

The vault notes which it is, and for a passphrase the salt and scrypt's cost. A new vault takes the
variable if it is set, else the passphrase if one is set, else a file of the state folder.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass

from counterfoil.errors import BadInput, Tampered, Unavailable
from counterfoil.state import State
from counterfoil.tickets.sealing import KEY_BYTES, SALT_BYTES, Cost, derive
from counterfoil.tickets.vault import Vault
from counterfoil.tickets.vaultlock import FILE, Kind, Lock, lock_of
from counterfoil.turns import FileTurns

KEY = "COUNTERFOIL_VAULT_KEY"
NEW_KEY = "COUNTERFOIL_VAULT_NEW_KEY"
PASSPHRASE = "COUNTERFOIL_VAULT_PASSPHRASE"
NEW_PASSPHRASE = "COUNTERFOIL_VAULT_NEW_PASSPHRASE"
MASTER = "vault-master"
_NEXT = "vault-master.next"
_SECONDS = 60.0  # that one waits for another to lock the vault anew
COST = Cost()


def open_vault(state: State, url: str, registry: str) -> Vault:
    """The vault of a registry, unlocked; made at first use.

    Raises:
        BadInput: the master key isn't where the vault says, or is none.
        Tampered: it is another one (``vault-master``).
        Unavailable: the database can't be opened.
    """
    known = lock_of(url, registry)
    lock = known or _first_lock()
    if lock.kind == "environment":
        return Vault(url, _key_in(KEY), registry, lock)
    if lock.kind == "passphrase":
        said = passphrase(PASSPHRASE, "Passphrase of the vault: ")
        return Vault(url, _derived(said, lock), registry, lock)
    if known is None or not state.has_key(_NEXT):
        return Vault(url, state.secret(MASTER), registry, lock)
    return _after_a_rotation(state, url, registry)


def rotate(state: State, vault: Vault, url: str, registry: str, to: Kind | None = None) -> int:
    """Lock the vault with a new master key, kept as before or as ``to`` says; how many keys were
    wrapped anew. Cut off at any point, the vault opens with the old key or with the new one.

    Raises:
        BadInput: the new key isn't given, or is none.
        Unavailable: somebody else did since this vault was opened (``vault-rotated``).
    """
    former = lock_of(url, registry) or FILE
    kind = to or former.kind
    if kind == "file":
        with _alone(state):
            count = vault.rotate(state.secret(_NEXT), FILE)
            state.rename_secret(_NEXT, MASTER)
        return count
    if kind == "environment":
        lock, key = Lock("environment"), _key_in(NEW_KEY)
    else:
        lock = _new_passphrase_lock()
        said = passphrase(NEW_PASSPHRASE, "New passphrase of the vault: ", twice=True)
        key = _derived(said, lock)
    with _alone(state):
        count = vault.rotate(key, lock)
        state.drop_secret(MASTER)
    return count


def passphrase(variable: str, prompt: str, *, twice: bool = False) -> str:
    """A passphrase from the environment, else from the person at the terminal.

    Raises:
        BadInput: neither says one, or the person says two.
    """
    given = os.environ.get(variable)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise BadInput("is needed", field="the passphrase", fix=f"Set {variable}.")
    said = getpass(prompt)
    if twice and getpass("Again: ") != said:
        raise BadInput("were two different ones", field="the passphrase", fix="Run again.")
    return said


def _after_a_rotation(state: State, url: str, registry: str) -> Vault:
    """The vault after a rotation that was cut off: before its one transaction, or after it."""
    with _alone(state):
        if not state.has_key(_NEXT):  # it was not cut off, only under way
            return Vault(url, state.secret(MASTER), registry)
        try:
            vault = Vault(url, state.secret(_NEXT), registry)
        except Tampered:
            return Vault(url, state.secret(MASTER), registry)
        state.rename_secret(_NEXT, MASTER)
        return vault


@contextmanager
def _alone(state: State) -> Iterator[None]:
    """Nobody else puts a key of this folder in the place of another: the one that is overwritten
    may be what the vault is locked with by now."""
    turns = FileTurns(state.root / "turns")
    turns.take(MASTER, _SECONDS)
    try:
        yield
    finally:
        turns.give(MASTER)


def _first_lock() -> Lock:
    if KEY in os.environ:
        return Lock("environment")
    return _new_passphrase_lock() if PASSPHRASE in os.environ else FILE


def _new_passphrase_lock() -> Lock:
    return Lock("passphrase", secrets.token_bytes(SALT_BYTES), COST.n, COST.r, COST.p)


def _derived(said: str, lock: Lock) -> bytes:
    if not (lock.salt and lock.n and lock.r and lock.p):
        raise Unavailable("the vault doesn't say how its passphrase is used", code="database")
    return derive(said, lock.salt, Cost(lock.n, lock.r, lock.p))


def _key_in(variable: str) -> bytes:
    text = os.environ.get(variable, "").strip().removeprefix("0x")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadInput(f"has to hold {KEY_BYTES} bytes of hex", field=variable)
    return key
