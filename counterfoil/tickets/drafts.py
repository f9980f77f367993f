"""What a step of staff puts into IPFS, noted before it does: by these rows the blocks of a step
that was cut off are found again, and no others are taken for them.

A row goes when the chain has answered to the step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    select,
)

from counterfoil.database import insert_new, reading, transaction
from counterfoil.tickets.rows import RegistryRows

_TABLES = MetaData()
_DRAFTS = Table(
    "blocks_drafted",
    _TABLES,
    Column("registry", String(66), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),
    Column("case", LargeBinary(32), nullable=False),
    Column("token_id", LargeBinary(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)
_PAGE = 250


@dataclass(frozen=True, slots=True)
class Draft:
    """A block of a step that the chain hasn't answered to, as far as the desk knows."""

    digest: bytes
    case: bytes
    """Digest of the case file that the step would append; the block's own, or that of the case it
    is attached to."""
    token_id: bytes
    version: int
    """Where the ticket stood when the step began."""
    at: int
    """When that was, Unix seconds of the desk's clock."""


class Drafts(RegistryRows):
    """The rows of one registry in the database at ``url``.

    Args:
        url: SQLAlchemy URL; every method raises ``Unavailable`` if that fails.
        registry: what tells the registry from every other, ``Registry.birth()``.
    """

    def __init__(self, url: str, registry: str) -> None:
        super().__init__(url, registry, _TABLES)

    def enter(self, drafts: Sequence[Draft]) -> None:
        """Note blocks that are about to be put."""
        rows = [
            {
                "registry": self._registry,
                "digest": one.digest,
                "case": one.case,
                "token_id": one.token_id,
                "version": one.version,
                "at": one.at,
            }
            for one in drafts
        ]
        with transaction(self._engine) as link:
            insert_new(link, _DRAFTS, rows)

    def strike(self, digests: Iterable[bytes]) -> None:
        """These blocks have been seen to: they are a version's, or gone."""
        wanted = list(digests)
        with transaction(self._engine) as link:
            for start in range(0, len(wanted), _PAGE):
                page = _DRAFTS.c.digest.in_(wanted[start : start + _PAGE])
                link.execute(delete(_DRAFTS).where(page & (_DRAFTS.c.registry == self._registry)))

    def of(self, token_id: bytes) -> list[Draft]:
        """Those of one ticket."""
        return [one for one in self.everything() if one.token_id == token_id]

    def everything(self) -> list[Draft]:
        """Those of every ticket: as many as steps are under way or were cut off."""
        with reading(self._engine) as link:
            rows = link.execute(select(_DRAFTS).where(_DRAFTS.c.registry == self._registry))
            return [Draft(row.digest, row.case, row.token_id, row.version, row.at) for row in rows]
