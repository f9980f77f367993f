"""A till that tests drive step by step: each step opens it anew, as after a power cut."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from counterfoil import deployment
from counterfoil.advisory import turns_of
from counterfoil.bank.wire import BasketLine
from counterfoil.errors import CounterfoilError
from counterfoil.points.ledger import Mark
from counterfoil.points.signedfile import signed_order
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.opening import counter_of
from counterfoil.terminal.records import TillChain
from counterfoil.terminal.sales import Refund, Sale, Wish
from counterfoil.terminal.steps import Steps
from counterfoil.terminal.till import Till
from counterfoil.terminal.worker import Changes, Worker
from tests.support.points_office import BANK, Office
from tests.support.till_bank import StandInBank

HAMPERS = (BasketLine(item="hamper", quantity=2, unit_price="50.00"),)
_ROUNDS = 40


def unheard(error: CounterfoilError) -> None:
    """No test of a till breaks the record."""
    raise AssertionError(error.line())


@dataclass
class Counterpart:
    """One till. ``hand_over``: seconds until a paid sale completes by itself."""

    office: Office
    bank: StandInBank
    hand_over: int = 3600

    def open(self) -> Till:
        """The till as it comes up after a power cut."""
        state = self.office.state
        counter = counter_of(state, "till-1", BANK)
        url = deployment.load(state).chain_url
        turns = turns_of(state)
        chain = TillChain(url, counter.record, counter.address, counter.signer, turns)
        store = state.database_url("terminal-till-1")
        journal = TillJournal.open(store, counter.record.key, counter.address)
        steps = Steps(journal, chain, self.bank, self.hand_over, time.time)
        worker = Worker(journal, steps, Changes())
        latest = deployment.Latest(state, counter.record, unheard).now
        return Till(
            counter, journal, chain, self.bank, worker, Changes(), {}, self.hand_over, latest
        )

    def pay(self, points: int = 500, customer: str = "C-1") -> Sale:
        """A customer pays with points; the order is written down and nothing is sent."""
        till = self.open()
        visit = till.look_up(customer)
        name, _ = till.offer(visit, HAMPERS)
        return till.pay(visit, name, points)

    def go(self) -> None:
        """Let the till work until nothing changes; what is away stays so."""
        till = self.open()
        for _ in range(_ROUNDS):
            if not till.worker.round():
                return
        raise AssertionError("the till never comes to rest")

    def step(self) -> None:
        """One step of each open sale and refund, errors and all."""
        till = self.open()
        for sale in till.journal.open_sales():
            till.worker.steps.advance(sale)
        for refund in till.journal.due_refunds():
            till.worker.steps.give_back(refund, till.sale(refund.sale_id))

    def sale(self, sale: Sale) -> Sale:
        """The sale as it stands now."""
        return self.open().sale(sale.sale_id)

    def wish(self, sale: Sale, wish: Wish) -> None:
        """What the person at the till asks for."""
        self.open().wish(sale.sale_id, wish)

    def refund(self, sale: Sale, cash: str, name: str = "R") -> None:
        """Ask for a refund."""
        self.open().refund(sale.sale_id, name, cash)

    def refunds(self, sale: Sale) -> list[Refund]:
        """The refunds of a sale as they stand."""
        return self.open().journal.refunds([sale.sale_id])

    def mark(self, sale: Sale) -> Mark:
        """What the chain says of the order."""

        order = signed_order(json.loads(sale.row)).order
        return self.office.desk.ledger.mark(order.terminal, order.sequence)
