"""Above which cash customers are asked, the keys of the bank's own channels, and alarms."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, delete, insert, select

from counterfoil.bank.tables import ALARMS, CHANNEL_KEYS, CONSENTS
from counterfoil.database import insert_new, open_database, reading, transaction
from counterfoil.errors import BadInput
from counterfoil.state import State

ALWAYS = -1
"""Every order waits, one of no cash too."""
_PREFIX = "cfk_"
_LOCAL = "local"
_ABOVE = select(CONSENTS.c.account, CONSENTS.c.above).where(
    CONSENTS.c.bank == bindparam("bank"),
    CONSENTS.c.account.in_(bindparam("accounts", expanding=True)),
)


class Consents:
    """What the customers of one bank have set."""

    def __init__(self, engine: Engine, bank: str, above: int | None) -> None:
        """
        Args:
            above: the bank's own setting in minor units; None: it asks nobody.
        """
        self._engine = engine
        self._bank = bank
        self._above = above

    def above(self, link: Connection, accounts: Sequence[str]) -> dict[str, int | None]:
        """Above how many minor units each account's customer is asked; None: never."""
        found = link.execute(_ABOVE, {"bank": self._bank, "accounts": list(set(accounts))})
        own = {str(account): int(above) for account, above in found}
        return {account: _stricter(own.get(account), self._above) for account in accounts}

    def set(self, account: str, above: int | None) -> None:
        """Keep a customer's setting; None: the bank's."""
        with transaction(self._engine) as link:
            where = (CONSENTS.c.bank == self._bank, CONSENTS.c.account == account)
            link.execute(delete(CONSENTS).where(*where))
            if above is not None:
                row = {"bank": self._bank, "account": account, "above": above}
                link.execute(insert(CONSENTS).values(row))


class ChannelKeys:
    """The keys of one bank's own channels, as digests. A key is 32 random bytes, so a plain hash
    keeps it."""

    def __init__(self, engine: Engine, bank: str) -> None:
        self._engine = engine
        self._bank = bank

    def add(self, name: str, now: int) -> str:
        """A new key, told this once; the former one of that name counts no more."""
        key = _PREFIX + secrets.token_urlsafe(32)
        self.put(name, key, now)
        return key

    def put(self, name: str, key: str, now: int) -> None:
        """Let a key count under a name, in place of the former one."""
        row = {"bank": self._bank, "name": name, "digest": _digest(key), "made_at": now}
        with transaction(self._engine) as link:
            link.execute(delete(CHANNEL_KEYS).where(self._named(name)))
            link.execute(insert(CHANNEL_KEYS).values(row))

    def drop(self, name: str) -> None:
        """Let a key count no more.

        Raises:
            BadInput: there is none of that name.
        """
        with transaction(self._engine) as link:
            if not link.execute(delete(CHANNEL_KEYS).where(self._named(name))).rowcount:
                raise BadInput("there is no such key", field="NAME", fix="See `bank key list`.")

    def names(self) -> list[str]:
        """Which keys count."""
        asked = select(CHANNEL_KEYS.c.name).where(CHANNEL_KEYS.c.bank == self._bank)
        with reading(self._engine) as link:
            return sorted(str(name) for name in link.execute(asked).scalars())

    def name_of(self, key: str) -> str | None:
        """The name of a key that counts."""
        asked = select(CHANNEL_KEYS.c.name).where(
            CHANNEL_KEYS.c.bank == self._bank, CHANNEL_KEYS.c.digest == _digest(key)
        )
        with reading(self._engine) as link:
            return link.execute(asked).scalar()

    def _named(self, name: str) -> ColumnElement[bool]:
        return and_(CHANNEL_KEYS.c.bank == self._bank, CHANNEL_KEYS.c.name == name)


def local_key(state: State, bank: str) -> str:
    """The key of a local installation's own channel: kept beside the others of its state folder
    (``BANK-channel``), and made to count."""
    key = _PREFIX + state.secret(f"{bank}-channel").hex()
    engine = open_database(state.database_url("bank"), CHANNEL_KEYS.metadata)
    try:
        keys = ChannelKeys(engine, bank)
        if keys.name_of(key) is None:
            keys.put(_LOCAL, key, int(time.time()))
    finally:
        engine.dispose()
    return key


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm: ``count`` in a minute (Unix seconds // 60), where ``limit`` is usual."""

    terminal: str
    kind: str
    minute: int
    count: int
    limit: int


class Alarms:
    """The alarms of one ledger's terminals, one of a kind a minute."""

    def __init__(self, engine: Engine, ledger: str) -> None:
        self._engine = engine
        self._ledger = ledger

    def raise_(self, alarm: Raised) -> None:
        """Keep an alarm; a second one of that minute is the same."""
        row = {
            "ledger": self._ledger,
            "terminal": alarm.terminal,
            "kind": alarm.kind,
            "minute": alarm.minute,
            "count": alarm.count,
            "limit": alarm.limit,
        }
        with transaction(self._engine) as link:
            insert_new(link, ALARMS, [row])

    def latest(self, limit: int = 100) -> list[Raised]:
        """The latest alarms, newest first."""
        asked = select(ALARMS).where(ALARMS.c.ledger == self._ledger)
        with reading(self._engine) as link:
            rows = link.execute(asked.order_by(ALARMS.c.minute.desc()).limit(limit))
            return [Raised(*row[1:]) for row in rows]


def _stricter(own: int | None, banks: int | None) -> int | None:
    """A customer can be asked more often than the bank would, never less."""
    known = [above for above in (own, banks) if above is not None]
    return min(known) if known else None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
