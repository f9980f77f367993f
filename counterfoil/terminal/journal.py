"""The till's own store: each sale and refund, written down before anything of it is sent.

No customer id stands here: an order names the account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    or_,
    select,
    update,
)

from counterfoil.database import insert_new, open_database, transaction
from counterfoil.terminal.sales import Refund, RefundStage, Sale, Stage, Wish

FIRST_SEQUENCE = 2**32
"""Below are the numbers that ``terminal sign`` gives out: the two never meet."""

_TABLES = MetaData()


def _record(name: str) -> tuple[Column[Any], ...]:
    return (
        Column(f"{name}_transaction", String(66)),
        Column(f"{name}_block", Integer),
        Column(f"{name}_at", BigInteger),
    )


SALES = Table(
    "till_sales",
    _TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("terminal", String(42), primary_key=True),
    Column("sale_id", String(64), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("order_id", String(66), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("row", Text, nullable=False),
    Column("quote_id", String(64), nullable=False),
    Column("goods", Text, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("cash", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("from_block", Integer, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("wish", String(16), nullable=False),
    Column("trouble", String(64), nullable=False),
    Column("asked", Boolean, nullable=False),
    Column("reason", String(64)),
    Column("detail", Text),
    Column("status_url", Text),
    *_record("recorded"),
    *_record("answered"),
    *_record("ended"),
)

_REFUNDS = Table(
    "till_refunds",
    _TABLES,
    Column("ledger", String(109), primary_key=True),
    Column("refund_id", String(64), primary_key=True),
    Column("sale_id", String(64), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("cash", BigInteger, nullable=False),
    Column("from_block", Integer, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("trouble", String(64), nullable=False),
    Column("points", BigInteger),
    Column("reason", String(64)),
    Column("transaction", String(66)),
    Column("block", Integer),
    Column("done_at", BigInteger),
)

_SALE_COLUMNS = [SALES.c[field.name] for field in fields(Sale)]
_REFUND_COLUMNS = [_REFUNDS.c[field.name] for field in fields(Refund)]
_OPEN = [stage.value for stage in Stage if not stage.final]
_DUE = [RefundStage.ASKED.value, RefundStage.SENDING.value]

Value = TypeVar("Value", Sale, Refund)


class TillJournal:
    """The pages of one terminal at one ledger."""

    def __init__(self, engine: Engine, ledger: str, terminal: str) -> None:
        self._engine = engine
        self._own = {"ledger": ledger, "terminal": terminal}

    @classmethod
    def open(cls, url: str, ledger: str, terminal: str) -> TillJournal:
        """The journal in the database at ``url``. ``terminal``: its address.

        Raises:
            Unavailable: the database can't be opened.
        """
        return cls(open_database(url, _TABLES), ledger, terminal)

    def close(self) -> None:
        """Give back the database's connections."""
        self._engine.dispose()

    def next_sequence(self) -> int:
        """The number after the last that was given out."""
        with transaction(self._engine) as link:
            last = link.execute(select(func.max(SALES.c.sequence)).where(*self._mine())).scalar()
        return FIRST_SEQUENCE if last is None else int(last) + 1

    def add(self, sale: Sale, sequence: int) -> None:
        """Write a sale down. One that is known stays as it was."""
        row = {**self._own, "sequence": sequence, **asdict(sale)}
        with transaction(self._engine) as link:
            insert_new(link, SALES, [row])

    def sale(self, sale_id: str) -> Sale | None:
        """A sale as it stands."""
        found = self._sales(SALES.c.sale_id == sale_id)
        return found[0] if found else None

    def open_sales(self) -> list[Sale]:
        """Those that haven't ended, oldest first."""
        return self._sales(SALES.c.stage.in_(_OPEN))

    def sales_since(self, at: int) -> list[Sale]:
        """Those that were placed from then on, or haven't ended; newest first."""
        return self._sales((SALES.c.at >= at) | SALES.c.stage.in_(_OPEN))[::-1]

    def sales_between(self, start: int, end: int) -> list[Sale]:
        """Those that were placed from one time until before another; newest first."""
        return self._sales((SALES.c.at >= start) & (SALES.c.at < end))[::-1]

    def sales_numbered(self, number: str) -> list[Sale]:
        """Those whose name, or whose order's id with or without its 0x, begins like this; newest
        first. ``number``: hexadecimal."""
        order_id = "0x" + number.removeprefix("0x")
        names = (SALES.c.sale_id.startswith(number), SALES.c.order_id.startswith(order_id))
        return self._sales(or_(*names))[::-1]

    def note(self, sale_id: str, **values: object) -> None:
        """What has become of a sale."""
        with transaction(self._engine) as link:
            link.execute(
                update(SALES).where(*self._mine(), SALES.c.sale_id == sale_id).values(**values)
            )

    def ask(self, sale_id: str, wish: Wish) -> bool:
        """Note what the person at the till asks for; the first word stays. Whether this was it."""
        with transaction(self._engine) as link:
            done = link.execute(
                update(SALES)
                .where(
                    *self._mine(),
                    SALES.c.sale_id == sale_id,
                    SALES.c.wish == Wish.NONE.value,
                    SALES.c.stage.in_(_OPEN),
                )
                .values(wish=wish.value)
            )
        return bool(done.rowcount)

    def add_refund(self, refund: Refund) -> None:
        """Write a refund down. One that is known stays as it was."""
        with transaction(self._engine) as link:
            insert_new(link, _REFUNDS, [{"ledger": self._own["ledger"], **asdict(refund)}])

    def refunds(self, sale_ids: Sequence[str]) -> list[Refund]:
        """The refunds of these sales, oldest first."""
        return self._refunds(_REFUNDS.c.sale_id.in_(sale_ids))

    def due_refunds(self) -> list[Refund]:
        """Those of this terminal that haven't ended, oldest first."""
        mine = select(SALES.c.sale_id).where(*self._mine())
        return self._refunds(_REFUNDS.c.stage.in_(_DUE) & _REFUNDS.c.sale_id.in_(mine))

    def note_refund(self, refund_id: str, **values: object) -> None:
        """What has become of a refund."""
        with transaction(self._engine) as link:
            link.execute(
                update(_REFUNDS)
                .where(_REFUNDS.c.ledger == self._own["ledger"], _REFUNDS.c.refund_id == refund_id)
                .values(**values)
            )

    def _mine(self) -> tuple[Any, ...]:
        return tuple(SALES.c[name] == value for name, value in self._own.items())

    def _sales(self, which: Any) -> list[Sale]:
        asked = select(*_SALE_COLUMNS).where(*self._mine(), which)
        with transaction(self._engine) as link:
            rows = link.execute(asked.order_by(SALES.c.sequence)).mappings().all()
        return [
            Sale(**{**row, "stage": Stage(row["stage"]), "wish": Wish(row["wish"])}) for row in rows
        ]

    def _refunds(self, which: Any) -> list[Refund]:
        asked = select(*_REFUND_COLUMNS).where(_REFUNDS.c.ledger == self._own["ledger"], which)
        with transaction(self._engine) as link:
            rows = link.execute(asked.order_by(_REFUNDS.c.at, _REFUNDS.c.refund_id)).mappings()
            return [Refund(**{**row, "stage": RefundStage(row["stage"])}) for row in rows]
