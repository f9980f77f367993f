"""What each channel was told last of each query that it raised, as keyed hashes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Column, LargeBinary, MetaData, Table, delete, select

from counterfoil.database import insert_new, transaction
from counterfoil.tickets.journal import Key
from counterfoil.tickets.rows import RegistryRows, query_key

_TABLES = MetaData()
_TOLD = Table(
    "channels_told",
    _TABLES,
    *query_key(),
    Column("digest", LargeBinary(32), nullable=False),
    Column("content", LargeBinary(32), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A channel was told this. ``digest`` is the version of the case that said so, ``content`` the
    keyed hash of the outcome."""

    channel: str
    channel_ref: str
    digest: bytes
    content: bytes

    @property
    def key(self) -> Key:
        """Of the query."""
        return self.channel, self.channel_ref


class ToldRows(RegistryRows):
    """The rows of one registry in the database at ``url``.

    Args:
        url: SQLAlchemy URL; every method raises ``Unavailable`` if that fails.
        registry: what tells the registry from every other, ``Registry.birth()``.
    """

    def __init__(self, url: str, registry: str) -> None:
        super().__init__(url, registry, _TABLES)

    def everything(self) -> dict[Key, Told]:
        """Every row by its query."""
        here = _TOLD.c.registry == self._registry
        with transaction(self._engine) as link:
            rows = link.execute(select(_TOLD).where(here)).all()
        found = (Told(row.channel, row.channel_ref, row.digest, row.content) for row in rows)
        return {one.key: one for one in found}

    def write(self, rows: Iterable[Told]) -> None:
        """Put these rows in the place of former ones about the same queries."""
        with transaction(self._engine) as link:
            for row in rows:
                here = (_TOLD.c.channel == row.channel) & (_TOLD.c.channel_ref == row.channel_ref)
                link.execute(delete(_TOLD).where(here & (_TOLD.c.registry == self._registry)))
                columns = {
                    "registry": self._registry,
                    "channel": row.channel,
                    "channel_ref": row.channel_ref,
                    "digest": row.digest,
                    "content": row.content,
                }
                insert_new(link, _TOLD, [columns])
