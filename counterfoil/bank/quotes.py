"""The quotes that the node gave: each answers one order of a terminal and account, for minutes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, bindparam, delete, select, update

from counterfoil.bank.tables import QUOTES
from counterfoil.database import insert_new, noting

_AT_ONCE = 500
_FIND = (
    select(QUOTES)
    .where(
        QUOTES.c.ledger == bindparam("ledger"),
        QUOTES.c.quote_id.in_(bindparam("some", expanding=True)),
    )
    .order_by(QUOTES.c.quote_id)  # two posts that want the same ones wait for each other, not both
    .with_for_update()
)
_USE = (
    update(QUOTES)
    .where(
        QUOTES.c.ledger == bindparam("its_ledger"),
        QUOTES.c.quote_id == bindparam("its_id"),
    )
    .values(order_id=bindparam("by"))
)


@dataclass(frozen=True, slots=True)
class Given:
    """A quote as it is remembered. ``basket`` as :func:`basket_text`, empty for any; ``order_id``
    of the order that answered it."""

    quote_id: str
    terminal: str
    account: str
    basket: str
    expires_at: int
    order_id: str | None = None


class Quotes:
    """The quotes of one ledger."""

    def __init__(self, engine: Engine, ledger: str) -> None:
        self.engine = engine
        self._ledger = ledger

    def add(self, link: Connection, quotes: Sequence[Given]) -> None:
        """Remember quotes, inside a transaction of the caller's."""
        rows = [
            {
                "ledger": self._ledger,
                "quote_id": one.quote_id,
                "terminal": one.terminal,
                "account": one.account,
                "basket": one.basket,
                "expires_at": one.expires_at,
            }
            for one in quotes
        ]
        insert_new(link, QUOTES, rows)

    def find(self, link: Connection, quote_ids: Sequence[str]) -> dict[str, Given]:
        """Those of these quotes that were given and aren't forgotten. Nobody else uses them until
        the transaction ends."""
        found: dict[str, Given] = {}
        quote_ids = sorted(one for one in quote_ids if one.isprintable())  # PostgreSQL keeps no NUL
        for start in range(0, len(quote_ids), _AT_ONCE):
            some = quote_ids[start : start + _AT_ONCE]
            rows = link.execute(_FIND, {"ledger": self._ledger, "some": some})
            found |= {row.quote_id: Given(*row[1:]) for row in rows}
        return found

    def use(self, link: Connection, orders: Mapping[str, str]) -> None:
        """Let quotes be answered by orders; they were found free in this transaction."""
        rows = [
            {"its_ledger": self._ledger, "its_id": quote_id, "by": order_id}
            for quote_id, order_id in orders.items()
        ]
        if rows:
            link.execute(_USE, rows)

    def forget(self, before: int) -> bool:
        """Strike out quotes that ended before a time (Unix seconds), some of them at once; whether
        there may be more."""
        ended = (
            select(QUOTES.c.quote_id)
            .where(QUOTES.c.ledger == self._ledger, QUOTES.c.expires_at < before)
            .limit(_AT_ONCE)
        )
        with noting(self.engine) as link:
            names = list(link.execute(ended).scalars())
            if names:
                link.execute(
                    delete(QUOTES).where(
                        QUOTES.c.ledger == self._ledger,
                        QUOTES.c.quote_id.in_(names),
                        QUOTES.c.expires_at < before,
                    )
                )
        return len(names) == _AT_ONCE


def new_quote_id() -> str:
    """An id that nobody can guess."""
    return "q_" + secrets.token_urlsafe(18)


def basket_text(lines: Sequence[tuple[int, int, int]]) -> str:
    """A basket (item number, quantity, price in minor units) as it is compared."""
    return ";".join(f"{item},{quantity},{price}" for item, quantity, price in lines)
