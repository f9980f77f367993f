"""Looking after the vault of one state folder: its lock, its back-up, what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from counterfoil.errors import BadInput
from counterfoil.state import State
from counterfoil.ticket_desk import DATABASE, EPOCHS, JOURNAL_KEY, epochs, registry_of
from counterfoil.tickets import backup, masterkey
from counterfoil.tickets.backup import Contents
from counterfoil.tickets.registry import Registry
from counterfoil.tickets.vault import Vault
from counterfoil.tickets.vaultlock import Kind, lock_of

BACKUP_PASSPHRASE = "COUNTERFOIL_BACKUP_PASSPHRASE"
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a vault holds: keys, marks of destroyed ones, and fingerprint keys by year."""

    kind: Kind
    keys: int
    destroyed: int
    epochs: tuple[int, ...]


def holdings(state: State) -> Holdings:
    """What the vault holds; errors as ``open_vault``."""
    with _opened(state) as (vault, _, url, registry):
        keys = vault.everything()
        lock = lock_of(url, registry)
    destroyed = sum(key is None for key in keys.values())
    kind: Kind = lock.kind if lock else "file"
    return Holdings(kind, len(keys) - destroyed, destroyed, tuple(epochs(state)))


def rotate(state: State, to: Kind | None) -> int:
    """Lock the vault with a new master key; how many keys were wrapped anew."""
    with _opened(state) as (vault, _, url, registry):
        return masterkey.rotate(state, vault, url, registry, to)


def back_up(state: State, file: Path) -> int:
    """Write everything that the vault holds into a file; how many case keys. It may not exist."""
    with _opened(state) as (vault, _, _, registry):
        keys = vault.everything()
    if file.exists():
        raise BadInput("is there already", file=str(file), fix="Name another file.")
    contents = Contents(
        registry=registry,
        case_keys=keys,
        epoch_keys={year: state.secret(f"{EPOCHS}{year:04}") for year in epochs(state)},
        journal_key=state.secret(JOURNAL_KEY),
    )
    said = masterkey.passphrase(BACKUP_PASSPHRASE, "Passphrase of the back-up: ", twice=True)
    backup.write(file, contents, said, masterkey.COST)
    return len(keys)


def restore(state: State, file: Path) -> int:
    """Take in what a back-up holds and isn't here; how many case keys. Again is no error.

    A key that was destroyed here stays so, and that of a ticket which is erased on chain is
    destroyed, whatever the back-up holds.

    Raises:
        BadInput: no back-up, or of another registry, or other fingerprint keys are in use here;
            nothing was changed.
        Refused: another passphrase, or a ticket has another key here.
    """
    said = masterkey.passphrase(BACKUP_PASSPHRASE, "Passphrase of the back-up: ")
    contents = backup.read(file, said)
    secrets = {f"{EPOCHS}{year:04}": key for year, key in contents.epoch_keys.items()}
    secrets[JOURNAL_KEY] = contents.journal_key
    with _opened(state) as (vault, chained, _, registry):
        if contents.registry != registry:
            raise BadInput("is of another registry", file=str(file))
        for name, key in secrets.items():
            if state.has_key(name) and state.secret(name, len(key)) != key:
                raise BadInput(f"{name} is another one here", file=str(file))
        erased = _erased(chained, [one for one, key in contents.case_keys.items() if key])
        sound = {one: None if one in erased else key for one, key in contents.case_keys.items()}
        count = vault.take_in(sound)
        for name, key in secrets.items():
            state.put_secret(name, key)
    return count


def _erased(registry: Registry, token_ids: list[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for start in range(0, len(token_ids), _PAGE):
        for ticket in registry.tickets(token_ids[start : start + _PAGE]):
            if ticket and ticket.status == "erased":
                found.add(ticket.token_id)
    return found


@contextmanager
def _opened(state: State) -> Iterator[tuple[Vault, Registry, str, str]]:
    """The vault, its registry on chain, and where and under which name it is kept."""
    registry = registry_of(state)
    url, birth = state.database_url(DATABASE), registry.birth()
    vault = masterkey.open_vault(state, url, birth)
    try:
        yield vault, registry, url, birth
    finally:
        vault.close()
