"""Tables whose rows belong to one registry each, in a database that several may share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Engine, MetaData, String

from counterfoil.database import open_database


class RegistryRows:
    """The rows of one registry in the database at ``url``.

    Args:
        url: SQLAlchemy URL; every method raises ``Unavailable`` if that fails.
        registry: what tells the registry from every other, ``Registry.birth()``.
        tables: they are made if they aren't there.
    """

    def __init__(self, url: str, registry: str, tables: MetaData) -> None:
        self._registry = registry
        self._engine: Engine = open_database(url, tables)

    def close(self) -> None:
        """Give back the database's connections."""
        self._engine.dispose()


def query_key() -> tuple[Column[Any], ...]:
    """The columns that name a query: whose registry, which channel, and that channel's own name
    for it. New ones for each table."""
    return (
        Column("registry", String(66), primary_key=True),
        Column("channel", String(32), primary_key=True),
        Column("channel_ref", String(200), primary_key=True),
    )
