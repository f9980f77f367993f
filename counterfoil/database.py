"""Journals in a database: SQLite in a file, or whatever else a SQLAlchemy URL names."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Insert,
    MetaData,
    Select,
    Table,
    create_engine,
    event,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex

from counterfoil.errors import BadInput, Unavailable
from counterfoil.state import DATABASE_VARIABLE

_BUSY_SECONDS = 30
_READING = {"counterfoil_reads": True}
_NOTING = {"counterfoil_notes": True}
_WRITERS: dict[str, AbstractContextManager[object]] = {}
"""Of each SQLite file, who may write of this process's threads."""
_MAKING = 0x636F756E746572  # any number that is ours: the lock under which tables are made


def open_database(url: str, tables: MetaData) -> Engine:
    """An engine on ``url`` in which ``tables`` exist.

    SQLite runs in WAL mode, waits for other writers, and takes the write lock when a transaction
    begins, so that two processes queue up instead of failing half-way.

    Raises:
        BadInput: no URL of a database that can be used.
        Unavailable: the database can't be opened.
    """
    with as_unavailable():
        engine = engine_at(url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
            _WRITERS.setdefault(engine.url.render_as_string(), threading.Lock())
        with engine.begin() as link:
            if engine.dialect.name == "postgresql":  # of two that begin at once, one makes them
                link.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
            tables.create_all(link)
            for table in tables.tables.values():
                for index in table.indexes:  # that it has got since it was made
                    link.execute(CreateIndex(index, if_not_exists=True))
    return engine


def engine_at(url: str, **options: Any) -> Engine:
    """An engine on ``url``, with these options of SQLAlchemy's; nothing is connected yet.

    Raises:
        BadInput: not the URL of a database that can be used. It isn't told: it may hold a password.
    """
    try:
        # Parameters hold keys and digests of customers' data: an error must not print them.
        return create_engine(url, hide_parameters=True, **options)
    except (ArgumentError, ImportError, ValueError):  # no URL, no such driver, no port
        fix = "Such as postgresql://user:password@host/name, or leave it out."
        raise BadInput("isn't the URL of a database", field=DATABASE_VARIABLE, fix=fix) from None


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction: all of it or nothing.

    Raises:
        Unavailable: the database failed; nothing was changed.
    """
    # Threads of one process take turns here: SQLite lets its writers wait by sleeping.
    turn = _WRITERS.get(engine.url.render_as_string(), nullcontext())
    with as_unavailable(), turn, engine.begin() as link:
        yield link


@contextmanager
def noting(engine: Engine) -> Iterator[Connection]:
    """A transaction of what can be found again, on chain or elsewhere: a power cut may lose it, and
    it waits for no disk (SQLite; what comes before it or after is as safe as ever).

    Raises:
        Unavailable: as :func:`transaction`.
    """
    turn = _WRITERS.get(engine.url.render_as_string(), nullcontext())
    with as_unavailable(), turn, engine.connect() as link:
        link.execution_options(**_NOTING)
        with link.begin():
            yield link


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: it waits for no writer, and keeps none waiting.

    Raises:
        Unavailable: the database failed.
    """
    with as_unavailable(), engine.connect() as link:
        link.execution_options(**_READING)
        with link.begin():
            yield link


def pages(
    engine: Engine, asked: Select[Any], *by: Column[Any], size: int = 500
) -> Iterator[list[Any]]:
    """The rows of ``asked``, ``size`` at a time, in the order of the columns ``by``, which
    tell each from every other. Nothing is held open between two pages.

    Raises:
        Unavailable: the database failed.
    """
    further = asked
    while True:
        with reading(engine) as link:
            rows = list(link.execute(further.order_by(*by).limit(size)))
        if rows:
            yield rows
        if len(rows) < size:
            return
        last = tuple_(*(getattr(rows[-1], column.name) for column in by))
        further = asked.where(tuple_(*by) > last)


def insert_new(link: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose primary key isn't there yet; the others stay as they are."""
    if not rows:
        return
    link.execute(_insertion(table, link.dialect.name), [dict(row) for row in rows])


@cache
def _insertion(table: Table, dialect: str) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def scrub(engine: Engine, table: Table) -> None:
    """Leave nothing of deleted and former rows of ``table`` in the database's files.

    SQLite overwrites them in place, so that only its log is left; PostgreSQL writes the table anew.
    Logs that a server archives elsewhere are out of reach.

    Raises:
        Unavailable: it can't be done now; somebody else is at work on the database.
    """
    with as_unavailable():
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
                link.exec_driver_sql(f"VACUUM FULL {table.name}")
            return
        with closing(engine.raw_connection()) as raw:
            cursor = raw.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (found,) = cursor.fetchall()  # busy, frames in the log, frames that were moved
            cursor.close()
    if found[0]:
        raise Unavailable("the database is busy", fix="Run again.", code="database")


def _begin(link: Connection) -> None:
    options = link.get_execution_options()
    # Straight to the driver: what SQLAlchemy puts around a statement takes longer than these.
    raw: Any = link.connection.driver_connection
    if options.get("counterfoil_reads", False):
        raw.execute("BEGIN")
        return
    safe = "NORMAL" if options.get("counterfoil_notes", False) else "FULL"
    raw.execute(f"PRAGMA synchronous = {safe}")
    raw.execute("BEGIN IMMEDIATE")


def _prepare(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # the "begin" listener begins, not the driver
    cursor = raw.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # A journal row is there before anything is sent: "begin" sets it for each transaction.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA secure_delete = ON")  # a key that was destroyed is nowhere in the file
    cursor.close()


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn what a database's driver raises into :class:`Unavailable`."""
    try:
        yield
    except SQLAlchemyError as error:
        # Only the driver's own sentence: the statement around it is of no use to a person.
        said = error.orig if isinstance(error, DBAPIError) else type(error).__name__
        raise _failed(said) from None
    except sqlite3.Error as error:
        raise _failed(error) from None


def _failed(said: object) -> Unavailable:
    line = " ".join(str(said).split())
    return Unavailable(
        f"the database failed: {line}", fix="Check it, then run again.", code="database"
    )
