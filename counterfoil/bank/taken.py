"""Which orders a bank's node took, for a command beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.bank.orders import Orders
from counterfoil.bank.tables import ORDERS
from counterfoil.database import open_database
from counterfoil.index.book import Book
from counterfoil.points.desk import BankDesk


@dataclass(frozen=True, slots=True)
class Taken:
    """The node's orders of one ledger. Nothing is opened before they are asked for."""

    desk: BankDesk

    def among(self, order_ids: Sequence[str]) -> set[str]:
        """Those of these orders that came in through the node.

        Raises:
            Unavailable: the database can't be opened.
        """
        if not order_ids:
            return set()
        engine = open_database(self.desk.state.database_url("bank"), ORDERS.metadata)
        try:
            ledger = self.desk.ledger.record.key
            return set(Orders(engine, ledger, Book(engine, ledger)).find(order_ids))
        finally:
            engine.dispose()
