"""What intake has done with each query: a row before anything is sent, so that a crash at any
point is repaired by running again.

A row is found by its channel and the channel's own reference. Of what the query says it keeps
the fingerprint and a keyed hash, nothing in the clear::

    taken -> sealed -> done
             (digest and blocks are known; they may be in IPFS)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    select,
    tuple_,
    update,
)

from counterfoil.database import insert_new, reading, transaction
from counterfoil.errors import Unavailable
from counterfoil.tickets.rows import RegistryRows, query_key

_TABLES = MetaData()
_INTAKE = Table(
    "ticket_intake",
    _TABLES,
    *query_key(),
    Column("content", LargeBinary(32), nullable=False),
    Column("token_id", LargeBinary(32), nullable=False, index=True),
    Column("taken_at", String(20), nullable=False),
    Column("digest", LargeBinary(32)),
    Column("blocks", Text, nullable=False, default="[]"),
    Column("outcome", String(9)),
)
_PAGE = 250
_KEYS = ("registry", "channel", "channel_ref")
_REPLACE = (
    update(_INTAKE)
    .where(*(_INTAKE.c[name] == bindparam(f"this_{name}") for name in _KEYS))
    .values({one.name: bindparam(f"this_{one.name}") for one in _INTAKE.c})
)
_REWRITE = _REPLACE.where(_INTAKE.c.content == bindparam("this_content"))
_SET_ASIDE = _REPLACE.where(
    _INTAKE.c.outcome.is_(None), _INTAKE.c.taken_at == bindparam("this_taken_at")
)
_NOBODYS = bytes(32)  # no query has this hash

Key = tuple[str, str]
"""Channel and channel_ref."""
Outcome = Literal["minted", "duplicate"]


@dataclass(frozen=True, slots=True)
class Taken:
    """One journal row."""

    channel: str
    channel_ref: str
    content: bytes
    """Keyed hash of what the query says."""
    token_id: bytes
    taken_at: str
    digest: bytes | None = None
    """The case file: sealed for minting, and, once there is an outcome, the one it was given."""
    blocks: tuple[bytes, ...] = ()
    """Attachments' blocks."""
    outcome: Outcome | None = None

    @property
    def key(self) -> Key:
        """The idempotency key."""
        return self.channel, self.channel_ref

    @property
    def kept(self) -> tuple[bytes, ...]:
        """What is kept for it: its files' blocks and its case."""
        return (*self.blocks, *((self.digest,) if self.digest else ()))

    def taken_up(self, new: Taken) -> Taken:
        """The row once its query, or another one under its key, has come again as ``new``: of that
        time while there is no outcome, and the other's if nothing is kept for this one."""
        another = self.content != new.content
        if self.outcome or (another and self.kept):
            return self
        at = max(self.taken_at, new.taken_at)
        return replace(self, content=new.content, token_id=new.token_id, taken_at=at)


class Journal(RegistryRows):
    """The intake journal of one registry in the database at ``url``.

    Args:
        url: SQLAlchemy URL; every method raises ``Unavailable`` if that fails.
        registry: what tells the registry from every other, ``Registry.birth()``.
    """

    def __init__(self, url: str, registry: str) -> None:
        super().__init__(url, registry, _TABLES)

    def take(self, rows: Sequence[Taken]) -> dict[Key, Taken]:
        """Enter the rows that are new, take up those without an outcome; the rows of these keys as
        they stand now."""
        firsts = {row.key: row for row in reversed(rows)}
        with transaction(self._engine) as link:
            insert_new(link, _INTAKE, [self._columns(row) for row in rows])
            found = {row.key: row for row in self._found(link, list(firsts))}
            late = [key for key, row in found.items() if row.taken_up(firsts[key]) != row]
            locked = self._found(link, sorted(late), lock=True)
            again = {row.key: row.taken_up(firsts[row.key]) for row in locked}
            if again:
                link.execute(_REPLACE, [_named(self._columns(row)) for row in again.values()])
        return found | again

    def write(self, rows: Iterable[Taken]) -> None:
        """Put these rows in the place of those of the same queries, all or none.

        Raises:
            Unavailable: a key stands for another query now (``key-raced``).
        """
        wanted = [_named(self._columns(row)) for row in rows]
        if not wanted:
            return
        with transaction(self._engine) as link:
            if link.execute(_REWRITE, wanted).rowcount != len(wanted):
                raise Unavailable(
                    "another run has entered another query under one of these keys",
                    fix="Run again.",
                    code="key-raced",
                )

    def cut_off(self, before: str) -> list[Taken]:
        """The rows for which something is kept but that have no outcome and were last taken up
        before this time, spelled as theirs are."""
        kept = _INTAKE.c.digest.is_not(None) | (_INTAKE.c.blocks != "[]")
        mine = (_INTAKE.c.registry == self._registry) & _INTAKE.c.outcome.is_(None) & kept
        wanted = select(_INTAKE).where(mine & (_INTAKE.c.taken_at < before))
        with reading(self._engine) as link:
            return [_row(row) for row in link.execute(wanted)]

    def set_aside(self, row: Taken) -> Taken | None:
        """The row as it now stands for no query, so that no run goes on with what is kept for it;
        None if one has taken it up."""
        aside = replace(row, content=_NOBODYS)
        with transaction(self._engine) as link:
            done = link.execute(_SET_ASIDE, [_named(self._columns(aside))])
        return aside if done.rowcount else None

    def asked(self, token_id: bytes) -> list[Taken]:
        """Every finished row that led to this ticket, oldest first; of those that came together the
        one that it was minted for."""
        mine = (_INTAKE.c.token_id == token_id) & _INTAKE.c.outcome.is_not(None)
        mine &= _INTAKE.c.registry == self._registry
        with transaction(self._engine) as link:
            rows = link.execute(
                select(_INTAKE)
                .where(mine)
                .order_by(_INTAKE.c.taken_at, _INTAKE.c.outcome != "minted", _INTAKE.c.channel_ref)
            )
            return [_row(row) for row in rows]

    def answered(self, token_ids: Sequence[bytes]) -> set[bytes]:
        """Those of these tickets that a finished row led to."""
        mine = (_INTAKE.c.registry == self._registry) & _INTAKE.c.outcome.is_not(None)
        found: set[bytes] = set()
        with reading(self._engine) as link:
            for start in range(0, len(token_ids), _PAGE):
                here = _INTAKE.c.token_id.in_(token_ids[start : start + _PAGE])
                found.update(link.scalars(select(_INTAKE.c.token_id).where(mine & here)))
        return found

    def finished(self) -> list[Taken]:
        """Every row that led to a ticket, oldest first."""
        mine = (_INTAKE.c.registry == self._registry) & _INTAKE.c.outcome.is_not(None)
        order = (_INTAKE.c.taken_at, _INTAKE.c.channel, _INTAKE.c.channel_ref)
        with transaction(self._engine) as link:
            return [_row(row) for row in link.execute(select(_INTAKE).where(mine).order_by(*order))]

    def find(self, keys: Sequence[Key]) -> Iterable[Taken]:
        """The rows of these keys that were entered."""
        with reading(self._engine) as link:
            yield from self._found(link, keys)

    def _found(
        self, link: Connection, keys: Sequence[Key], *, lock: bool = False
    ) -> Iterator[Taken]:
        pair = tuple_(_INTAKE.c.channel, _INTAKE.c.channel_ref)
        for start in range(0, len(keys), _PAGE):
            page = keys[start : start + _PAGE]
            rows = select(_INTAKE).where(pair.in_(page) & (_INTAKE.c.registry == self._registry))
            for row in link.execute(rows.with_for_update() if lock else rows):
                yield _row(row)

    def _columns(self, row: Taken) -> dict[str, Any]:
        return {
            "registry": self._registry,
            "channel": row.channel,
            "channel_ref": row.channel_ref,
            "content": row.content,
            "token_id": row.token_id,
            "taken_at": row.taken_at,
            "digest": row.digest,
            "blocks": json.dumps([block.hex() for block in row.blocks]),
            "outcome": row.outcome,
        }


def _named(columns: dict[str, Any]) -> dict[str, Any]:
    """As ``_REWRITE`` takes them: its own parameters may not be called as columns are."""
    return {f"this_{name}": value for name, value in columns.items()}


def _row(row: Any) -> Taken:
    columns = {name: value for name, value in row._mapping.items() if name != "registry"}
    columns["blocks"] = tuple(bytes.fromhex(block) for block in json.loads(columns["blocks"]))
    return Taken(**columns)
