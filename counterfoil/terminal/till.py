"""What a person at the till can do, page or no page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from counterfoil.bank.wire import BasketLine
from counterfoil.deployment import LedgerRecord
from counterfoil.errors import BadInput, Refused, Unavailable
from counterfoil.money import parse_minor
from counterfoil.points.ledger import Mark
from counterfoil.terminal.bank_client import Bank
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.placing import Counter, Place
from counterfoil.terminal.records import TillChain
from counterfoil.terminal.sales import Refund, RefundStage, Sale, Wish
from counterfoil.terminal.visits import Attempt, Visit, Visits
from counterfoil.terminal.worker import Changes, Worker

_MAX_CUSTOMER_ID = 255


@dataclass
class Till:
    """One terminal at one bank.

    ``opened``: its counter as it was when the till came up. ``latest``: the ledger's record as it
    is now. ``shop``: what is charged, by catalogue and item, as a decimal.
    """

    opened: Counter
    journal: TillJournal
    chain: TillChain
    bank: Bank
    worker: Worker
    changes: Changes
    shop: Mapping[str, Mapping[str, str]]
    hand_over: int
    latest: Callable[[], LedgerRecord]
    visits: Visits = field(default_factory=Visits)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _numbered: bool = False

    @property
    def counter(self) -> Counter:
        """Who signs here, by the catalogue that the terminal is on now."""
        return replace(self.opened, record=self.latest())

    @property
    def prices(self) -> Mapping[str, str]:
        """What the shop charges for an item of that catalogue."""
        return self.shop.get(self.counter.catalogue_name, {})

    @property
    def currency(self) -> str:
        """Of all cash here (ISO 4217)."""
        return self.opened.record.currency

    def close(self) -> None:
        """Give back the connections to the store and to the bank."""
        self.journal.close()
        self.bank.close()

    def look_up(self, customer_id: str) -> Visit:
        """Begin a customer's visit.

        Raises:
            BadInput: not an id.
            Refused: the bank's reason.
            Unavailable: the bank is away.
        """
        customer_id = customer_id.strip()
        if not 0 < len(customer_id) <= _MAX_CUSTOMER_ID or not customer_id.isprintable():
            raise BadInput("not an id", field="customer_id", code="customer-id")
        quote = self.bank.quote(customer_id)
        self.counter.check(quote)
        return self.visits.begin(customer_id, quote)

    def offer(self, visit: Visit, basket: Sequence[BasketLine]) -> tuple[str, Attempt]:
        """What points can pay of a basket, and the name under which it can be paid; errors as
        :meth:`look_up`."""
        quote = self.bank.quote(visit.customer_id, basket)
        self.counter.check(quote)
        name = self.visits.offer(visit, basket, quote)
        return name, self.visits.attempt(visit, name)

    def pay(self, visit: Visit, name: str, points: int) -> Sale:
        """Sign the order and write it down; from there it goes by itself. The same name pays once.

        Raises:
            BadInput: points that weren't offered.
            Refused: the visit is over (``visit-over``), or the bank's quote is (``offer-over``).
        """
        known = self.journal.sale(name)
        if known is not None:
            return known
        attempt = self.visits.attempt(visit, name)
        if datetime.fromisoformat(attempt.quote.expires_at).timestamp() <= time.time():
            raise Refused("The bank's quote has expired.", code="offer-over")
        with self._lock:
            place = Place(name, self._sequence(), self._time(), self._height())
            sale = self.counter.sale(attempt.basket, attempt.quote, points, place)
            self.journal.add(sale, place.sequence)
        self.worker.wake()
        return self.sale(name)

    def sale(self, sale_id: str) -> Sale:
        """A sale as it stands.

        Raises:
            Refused: there is none (``unknown-sale``).
        """
        found = self.journal.sale(sale_id)
        if found is None:
            raise Refused("There is no such sale here.", code="unknown-sale")
        return found

    def wish(self, sale_id: str, wish: Wish) -> None:
        """Hand over or call off; the first word stays."""
        self.sale(sale_id)
        self.journal.ask(sale_id, wish)
        self.changes.tell()
        self.worker.wake(sale_id)

    def refund(self, sale_id: str, refund_id: str, text: str) -> None:
        """Give cash of a completed sale back, as points. ``refund_id`` gives it once.

        Raises:
            BadInput: not an amount, or more than is left.
            Refused: the sale isn't completed (``not-completed``), or that id gives other cash
                (``refund-used``).
        """
        sale = self.sale(sale_id)
        if not sale.refundable:
            raise Refused("Only a completed sale is refunded.", code="not-completed")
        try:
            cash = parse_minor(text.strip(), self.currency)
        except BadInput as error:
            raise BadInput(error.message, field="cash", code="refund-amount") from error
        with self._lock:
            known = {one.refund_id: one.cash for one in self.journal.refunds([sale_id])}
            if known.get(refund_id, cash) != cash:
                raise Refused("The id has given another refund.", code="refund-used")
            if refund_id in known:
                return
            if cash > self.left(sale):
                raise BadInput("more than is left", field="cash", code="refund-too-much")
            refund = Refund(refund_id, sale_id, self._time(), cash, self._height())
            self.journal.add_refund(refund)
        self.changes.tell()
        self.worker.wake()

    def left(self, sale: Sale) -> int:
        """Cash of a sale, in minor units, that can still be given back, as the till knows."""
        refunds = self.journal.refunds([sale.sale_id])
        return sale.cash - sum(one.cash for one in refunds if one.stage != RefundStage.REFUSED)

    def _sequence(self) -> int:
        """The next number. After a start the ledger is asked too: the store may be a new one."""
        number = self.journal.next_sequence()
        if self._numbered:
            return number
        try:
            ledger, skip = self.chain.ledger(), 0
            while ledger.mark(self.opened.address, number + skip) != Mark.UNUSED:
                skip = 2 * skip + 1
        except Unavailable:
            return number  # a number that is used after all is refused, and costs nobody anything
        self._numbered = True
        return number + skip

    def _height(self) -> int:
        try:
            return self.chain.height()
        except Unavailable:
            return self.opened.record.block

    def _time(self) -> int:
        return int(time.time())
