"""The orders that the node has taken: written down before they are answered for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import Connection, Engine, bindparam, func, select, update

from counterfoil.bank.tables import ORDERS
from counterfoil.database import insert_new, noting, reading, transaction
from counterfoil.index.book import Book, Happening

_AT_ONCE = 500
State = Literal["waiting", "ready", "done", "declined", "withdrawn"]
Decision = Literal["confirmed", "declined", "expired", "withdrawn"]
OPEN = ("waiting", "ready")
_ENDS: Mapping[Decision, tuple[State, str]] = {
    "declined": ("declined", "confirmation-declined"),
    "expired": ("declined", "confirmation-expired"),
    "withdrawn": ("withdrawn", "confirmation-withdrawn"),
}

_FIND = select(ORDERS).where(
    ORDERS.c.ledger == bindparam("ledger"),
    ORDERS.c.order_id.in_(bindparam("some", expanding=True)),
)
# Asked again and again by a node that idles: to put one together takes longer than to answer it.
_READY = (
    select(ORDERS.c.order_id)
    .where(ORDERS.c.ledger == bindparam("ledger"), ORDERS.c.state == "ready")
    .order_by(ORDERS.c.received_at)
    .limit(bindparam("most"))
)
_WAITING = (
    select(ORDERS)
    .where(ORDERS.c.ledger == bindparam("ledger"), ORDERS.c.state == "waiting")
    .order_by(ORDERS.c.received_at)
)
_LATE = _WAITING.where(ORDERS.c.confirm_until < bindparam("until"))
_CLOSE = (
    update(ORDERS)
    .where(
        ORDERS.c.ledger == bindparam("its_ledger"),
        ORDERS.c.order_id == bindparam("its_id"),
        ORDERS.c.state == "ready",
    )
    .values(
        state="done",
        reason=bindparam("reason"),
        transaction=bindparam("transaction"),
        block=bindparam("block"),
    )
)


@dataclass(frozen=True, slots=True)
class Taken:
    """An order at the node. Cash in minor units, times in seconds, ids 0x hex, links as digests.

    ``state``: waiting for its customer, ready to be settled or under way there, done (answered for:
    ``reason`` says how, null if paid), declined (its customer said no, or nothing in time) or
    withdrawn (its terminal called it off while it waited). ``row`` is the signed order's JSON line.
    """

    order_id: str
    order_ref: str
    terminal: str
    account: str
    points: int
    cash: int
    rules: int
    row: str
    quote_id: str
    received_at: int
    state: State
    reason: str | None = None
    transaction: str | None = None
    block: int | None = None
    confirm_until: int | None = None
    decision: str | None = None
    status_link: str = ""
    confirm_link: str = ""


_COLUMNS = tuple(field.name for field in fields(Taken))


@dataclass(frozen=True, slots=True)
class Answered:
    """How an order ended: ``reason`` null if paid, else its code."""

    order_id: str
    reason: str | None
    transaction: str | None
    block: int | None


class Orders:
    """The orders of one ledger. ``book`` gets their steps in the same write."""

    def __init__(self, engine: Engine, ledger: str, book: Book) -> None:
        self.engine = engine
        self._ledger = ledger
        self._book = book

    def find(self, order_ids: Sequence[str]) -> dict[str, Taken]:
        """Those of these orders that were taken."""
        with reading(self.engine) as link:
            return self.find_in(link, order_ids)

    def find_in(self, link: Connection, order_ids: Sequence[str]) -> dict[str, Taken]:
        """As :meth:`find`, in a transaction of the caller's."""
        found: dict[str, Taken] = {}
        for start in range(0, len(order_ids), _AT_ONCE):
            some = order_ids[start : start + _AT_ONCE]
            rows = link.execute(_FIND, {"ledger": self._ledger, "some": some})
            found |= {row.order_id: _taken(row) for row in rows}
        return found

    def linked(self, column: Literal["status_link", "confirm_link"], digest: str) -> Taken | None:
        """The order behind a link."""
        asked = select(ORDERS).where(ORDERS.c.ledger == self._ledger, ORDERS.c[column] == digest)
        with reading(self.engine) as link:
            row = link.execute(asked).first()
        return _taken(row) if row else None

    def add(
        self,
        link: Connection,
        orders: Iterable[Taken],
        now: int,
        items: Mapping[str, Sequence[str]] | None = None,
    ) -> set[str]:
        """Take orders, and note that they were received and which of them wait. ``items``: by
        order, what its lines are called at this moment.

        Returns:
            Those that were taken; not those that another node took just now, for another quote.
        """
        wanted, named = list(orders), items or {}
        insert_new(link, ORDERS, [self._row(one) for one in wanted])
        kept = self.find_in(link, [one.order_id for one in wanted])
        rows = [one for one in wanted if kept[one.order_id].quote_id == one.quote_id]
        told = {name: {"items": list(some)} for name, some in named.items()}
        steps = [_step(one.order_id, "received", now, told.get(one.order_id)) for one in rows]
        steps += [_step(one.order_id, "waiting", now) for one in rows if one.state == "waiting"]
        self._book.append(link, steps)
        return {one.order_id for one in rows}

    def ready(self, limit: int, under_way: Collection[str]) -> list[Taken]:
        """The oldest orders that are ready to be settled, but for those that are under way."""
        most = {"ledger": self._ledger, "most": limit + len(under_way)}
        with reading(self.engine) as link:
            oldest = link.execute(_READY, most).scalars()
            names = [str(name) for name in oldest if name not in under_way]
        found = self.find(names[:limit]) if names else {}
        return [found[name] for name in names[:limit] if found[name].state == "ready"]

    def reopen(self, order_ids: Sequence[str]) -> None:
        """Make these ready again: what answered for them is no more."""
        values = {"state": "ready", "reason": None, "transaction": None, "block": None}
        with transaction(self.engine) as link:
            self._set(link, order_ids, values, ("done",))

    def close(self, answers: Iterable[Answered], invalid: Iterable[str], now: int) -> None:
        """Note how orders ended; for those that nobody answers for, that is their last step."""
        rows = [
            {
                "its_ledger": self._ledger,
                "its_id": one.order_id,
                "reason": one.reason,
                "transaction": one.transaction,
                "block": one.block,
            }
            for one in answers
        ]
        if not rows:
            return
        with noting(self.engine) as link:
            link.execute(_CLOSE, rows)
            steps = [_step(one, "invalid", now) for one in invalid]
            if steps:
                self._book.append(link, steps)

    def decide(self, order_id: str, decision: Decision, now: int) -> bool:
        """Note what came of asking the customer; whether the order still waited for it."""
        state, reason = _ENDS.get(decision, ("ready", None))
        values = {"decision": decision, "state": state, "reason": reason}
        with transaction(self.engine) as link:
            if not self._set(link, [order_id], values, ("waiting",)):
                return False
            kind, told = (state, {"reason": reason}) if reason else (decision, {})
            self._book.append(link, [_step(order_id, kind, now, told)])
        return True

    def waiting(self, account: str = "") -> list[Taken]:
        """Orders that wait for their customers, oldest first; of one account, or all."""
        asked = _WAITING.where(ORDERS.c.account == account) if account else _WAITING
        with reading(self.engine) as link:
            return [_taken(row) for row in link.execute(asked, {"ledger": self._ledger})]

    def late(self, until: int) -> list[Taken]:
        """Orders whose customers' time ended before ``until``, oldest first."""
        asked = {"ledger": self._ledger, "until": until}
        with reading(self.engine) as link:
            return [_taken(row) for row in link.execute(_LATE, asked)]

    def counts(self) -> dict[str, int]:
        """How many orders are in each state that isn't an end."""
        asked = select(ORDERS.c.state, func.count()).where(
            ORDERS.c.ledger == self._ledger, ORDERS.c.state.in_(OPEN)
        )
        with reading(self.engine) as link:
            rows = link.execute(asked.group_by(ORDERS.c.state))
            found = {str(state): int(n) for state, n in rows}
        return {state: found.get(state, 0) for state in OPEN}

    def _row(self, one: Taken) -> dict[str, Any]:
        return {"ledger": self._ledger, **{name: getattr(one, name) for name in _COLUMNS}}

    def _set(
        self,
        link: Connection,
        order_ids: Sequence[str],
        values: Mapping[str, Any],
        states: Sequence[str],
    ) -> int:
        changed = 0
        for start in range(0, len(order_ids), _AT_ONCE):
            changed += link.execute(
                update(ORDERS)
                .where(
                    ORDERS.c.ledger == self._ledger,
                    ORDERS.c.order_id.in_(order_ids[start : start + _AT_ONCE]),
                    ORDERS.c.state.in_(states),
                )
                .values(**values)
            ).rowcount
        return changed


def _taken(row: Any) -> Taken:
    return Taken(*row[1:])


def _step(order_id: str, kind: str, now: int, told: Mapping[str, Any] | None = None) -> Happening:
    """A step of the bank's own: each kind once for each order."""
    return Happening(order_id, kind, f"step:{kind}", now, told or {})
