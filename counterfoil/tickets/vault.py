"""Where the bank keeps its case keys, each wrapped under the vault's master key (RFC 3394).

A case's key is nowhere else. Destroying it makes every block of the case unreadable for good; a
mark stays, so that no second key is ever made for that ticket.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import Column, Engine, LargeBinary, MetaData, String, Table, select, update

from counterfoil.database import insert_new, open_database, transaction
from counterfoil.errors import BadInput, Refused, Tampered
from counterfoil.tickets.casecrypto import KEY_BYTES, new_key

_TABLES = MetaData()
_KEYS = Table(
    "case_keys",
    _TABLES,
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

    Raises:
        BadInput: a master key of another length.
        Unavailable: the database can't be opened.
    """

    def __init__(self, url: str, master: bytes, registry: str) -> None:
        if len(master) != KEY_BYTES:
            raise BadInput(f"the vault's master key has {KEY_BYTES} bytes")
        self._master = master
        self._registry = registry
        self._engine: Engine = open_database(url, _TABLES)

    def obtain(self, token_ids: Sequence[bytes]) -> dict[bytes, bytes]:
        """The key of each ticket, made now for those that have none.

        Raises:
            Refused: one of them was destroyed (``erased``).
        """
        wanted = list(dict.fromkeys(token_ids))
        rows = [self._row(one, aes_key_wrap(self._master, new_key())) for one in wanted]
        with transaction(self._engine) as link:
            insert_new(link, _KEYS, rows)
        return self._all(wanted)

    def key_of(self, token_id: bytes) -> bytes:
        """The ticket's key.

        Raises:
            Refused: it was destroyed (``erased``), or never was in this vault (``no-key``).
            Tampered: it doesn't unwrap under this master key.
        """
        return self._all([token_id])[token_id]

    def destroy(self, token_id: bytes) -> None:
        """Forget the ticket's key for good; again is no error."""
        with transaction(self._engine) as link:
            insert_new(link, _KEYS, [self._row(token_id, None)])
            here = (_KEYS.c.registry == self._registry) & (_KEYS.c.token_id == token_id)
            link.execute(update(_KEYS).where(here).values(wrapped=None))

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
        return {token_id: self._unwrap(token_id, found) for token_id in token_ids}

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
            raise Tampered(
                f"the key of ticket {name} doesn't unwrap",
                fix="Give the master key that this vault was made with.",
                code="vault-master",
            ) from None
