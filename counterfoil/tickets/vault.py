"""Where the bank keeps its case keys, each wrapped under the vault's master key (RFC 3394).

A case's key is nowhere else. Destroying it makes every block of the case unreadable for good; a
mark stays, so that no second key is ever made for that ticket.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import (
    Column,
    Engine,
    LargeBinary,
    String,
    Table,
    select,
    update,
)

from counterfoil.database import insert_new, open_database, scrub, transaction
from counterfoil.errors import BadInput, Refused, Tampered
from counterfoil.tickets.casecrypto import KEY_BYTES, new_key
from counterfoil.tickets.vaultlock import (
    FILE,
    LOCKS,
    TABLES,
    Lock,
    hold,
    lock_columns,
    lock_row,
    mark,
)

_KEYS = Table(
    "case_keys",
    TABLES,
    Column("registry", String(66), primary_key=True),
    Column("token_id", LargeBinary(32), primary_key=True),
    Column("wrapped", LargeBinary(40)),  # NULL once destroyed
)
_PAGE = 500  # parameters in one statement: SQLite and PostgreSQL both take many more


class Vault:
    """The case keys of one registry.

    Args:
        url: SQLAlchemy URL of the database.
        master: the 32-byte master key.
        registry: what tells the registry from every other, ``Registry.birth()``.
        lock: where the master key comes from, to be noted if the vault is new.

    Raises:
        BadInput: a master key of another length.
        Tampered: not the master key that the vault is locked with (``vault-master``).
    """

    def __init__(self, url: str, master: bytes, registry: str, lock: Lock = FILE) -> None:
        self._master = _checked(master)
        self._registry = registry
        self._engine: Engine = open_database(url, TABLES)
        with transaction(self._engine) as link:
            insert_new(link, LOCKS, [lock_columns(registry, lock, master)])
            found = lock_row(link, registry)
        if found is None or not hmac.compare_digest(found.mark, mark(master)):
            self._engine.dispose()
            raise _wrong_master("the vault is locked with another master key")

    def rotate(self, master: bytes, lock: Lock) -> int:
        """Wrap every key anew under another master key; how many there were. All or nothing.

        Vaults of other registries that are locked with the same master key go along.

        Raises:
            Unavailable: somebody else did since this vault was opened (``vault-rotated``).
        """
        _checked(master)
        count = 0
        with transaction(self._engine) as link:
            hold(link, self._registry, self._master)
            same = LOCKS.c.mark == mark(self._master)
            for registry in list(link.scalars(select(LOCKS.c.registry).where(same))):
                here = (_KEYS.c.registry == registry) & _KEYS.c.wrapped.is_not(None)
                rows = link.execute(select(_KEYS).where(here)).all()
                for row in rows:
                    key = self._unwrap(row.token_id, {row.token_id: row.wrapped})
                    mine = here & (_KEYS.c.token_id == row.token_id)  # not destroyed meanwhile
                    wrapped = aes_key_wrap(master, key)
                    link.execute(update(_KEYS).where(mine).values(wrapped=wrapped))
                count += len(rows)
                columns = lock_columns(registry, lock, master)
                link.execute(update(LOCKS).where(LOCKS.c.registry == registry).values(**columns))
        self._master = master
        scrub(self._engine, _KEYS)
        return count

    def everything(self) -> dict[bytes, bytes | None]:
        """Every key by token id, None for those that were destroyed; errors as :meth:`key_of`."""
        here = _KEYS.c.registry == self._registry
        with transaction(self._engine) as link:
            hold(link, self._registry, self._master)
            found = {row.token_id: row.wrapped for row in link.execute(select(_KEYS).where(here))}
        return {
            token_id: None if wrapped is None else self._unwrap(token_id, found)
            for token_id, wrapped in found.items()
        }

    def take_in(self, keys: Mapping[bytes, bytes | None]) -> int:
        """Add keys from a back-up; how many were new. What is here stays, destroyed keys too.

        Raises:
            Refused: a ticket has another key here (``key-conflict``); nothing was changed.
        """
        here = self.everything()
        for token_id in here.keys() & keys.keys():
            known, given = here[token_id], keys[token_id]
            if known and given and known != given:
                raise Refused(f"ticket 0x{token_id.hex()} has another key", code="key-conflict")
        rows = [
            self._row(token_id, aes_key_wrap(self._master, key) if key else None)
            for token_id, key in keys.items()
            if token_id not in here
        ]
        with transaction(self._engine) as link:
            hold(link, self._registry, self._master)
            insert_new(link, _KEYS, rows)
        self._forget(one for one, key in keys.items() if key is None and here.get(one))
        return len(rows)

    def obtain(self, token_ids: Sequence[bytes]) -> dict[bytes, bytes]:
        """The key of each ticket, made now for those that have none.

        Raises:
            Refused: one of them was destroyed (``erased``).
            Unavailable: the master key is another one by now (``vault-rotated``); none was made.
        """
        wanted = list(dict.fromkeys(token_ids))
        rows = [self._row(one, aes_key_wrap(self._master, new_key())) for one in wanted]
        with transaction(self._engine) as link:
            hold(link, self._registry, self._master)
            insert_new(link, _KEYS, rows)
        return self._all(wanted)

    def key_of(self, token_id: bytes) -> bytes:
        """The ticket's key.

        Raises:
            Refused: it was destroyed (``erased``), or never was in this vault (``no-key``).
            Tampered: it doesn't unwrap under this master key.
            Unavailable: the vault is locked with another one by now (``vault-rotated``).
        """
        return self._all([token_id])[token_id]

    def destroy(self, token_id: bytes) -> None:
        """Forget the ticket's key for good, out of the database's files too; again is no error."""
        with transaction(self._engine) as link:
            insert_new(link, _KEYS, [self._row(token_id, None)])
        self._forget([token_id])

    def close(self) -> None:
        """Give back the database's connections."""
        self._engine.dispose()

    def _all(self, token_ids: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes | None] = {}
        with transaction(self._engine) as link:
            for start in range(0, len(token_ids), _PAGE):
                page = token_ids[start : start + _PAGE]
                here = (_KEYS.c.registry == self._registry) & _KEYS.c.token_id.in_(page)
                rows = link.execute(select(_KEYS).where(here))
                found |= {row.token_id: row.wrapped for row in rows}
        try:
            return {token_id: self._unwrap(token_id, found) for token_id in token_ids}
        except Tampered:
            with transaction(self._engine) as link:
                hold(link, self._registry, self._master)  # then it is no damage
            raise

    def _forget(self, token_ids: Iterable[bytes]) -> None:
        wanted = list(token_ids)
        with transaction(self._engine) as link:
            for token_id in wanted:
                here = (_KEYS.c.registry == self._registry) & (_KEYS.c.token_id == token_id)
                link.execute(update(_KEYS).where(here).values(wrapped=None))
        if wanted:
            scrub(self._engine, _KEYS)

    def _row(self, token_id: bytes, wrapped: bytes | None) -> dict[str, object]:
        return {"registry": self._registry, "token_id": token_id, "wrapped": wrapped}

    def _unwrap(self, token_id: bytes, found: dict[bytes, bytes | None]) -> bytes:
        name = f"0x{token_id.hex()}"
        if token_id not in found:
            raise Refused(f"this vault has no key for ticket {name}", code="no-key")
        wrapped = found[token_id]
        if wrapped is None:
            raise Refused(f"the key of ticket {name} was destroyed", code="erased")
        try:
            return aes_key_unwrap(self._master, wrapped)
        except InvalidUnwrap:
            raise _wrong_master(f"the key of ticket {name} doesn't unwrap") from None


def _checked(master: bytes) -> bytes:
    if len(master) != KEY_BYTES:
        raise BadInput(f"the vault's master key has {KEY_BYTES} bytes")
    return master


def _wrong_master(said: str) -> Tampered:
    return Tampered(said, fix="Give the one it was locked with last.", code="vault-master")
