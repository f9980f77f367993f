"""Power cuts at the till, wherever a sale stands: its page tells the truth afterwards, and each
record is written once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import requests
from playwright.sync_api import expect

from counterfoil.model import Event
from tests.support.browsing import CUT_OFF, Person
from tests.support.cashier import basket, look_up, order_id, pay, refund, sell, sold
from tests.support.processes import hung
from tests.support.till_house import SECONDS, TILL, House

Step = Callable[[House, Person, str], AbstractContextManager[None]]
HELD = 30_000
PAID = "Hand the goods over"
COMPLETED = "All three records are on the chain."
CANCELLED = "The sale is cancelled"


def chain_hangs(shop: House) -> AbstractContextManager[None]:
    """The chain answers nothing for the length of a block."""
    return hung(int(shop.office.chain.url.rpartition(":")[2]))


@contextmanager
def signed(shop: House, cashier: Person, customer: str) -> Iterator[None]:
    """Signed and written down; the chain takes no record 1."""
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    with chain_hangs(shop):
        pay(cashier)
        cashier.sees("Waiting for the chain")
        yield


@contextmanager
def recorded(shop: House, cashier: Person, customer: str) -> Iterator[None]:
    """Record 1 is on chain; the bank is away."""
    look_up(cashier, shop, customer)
    basket(cashier, hamper=1)
    shop.bank.stop(signal.SIGKILL)
    try:
        pay(cashier)
        cashier.sees("Waiting for the bank")
        yield
    finally:
        shop.bank.start()


@contextmanager
def posted(shop: House, cashier: Person, customer: str) -> Iterator[None]:
    """The bank has the order and waits for its customer, who says yes in the end."""
    sell(cashier, shop, customer, 9000)
    cashier.sees("Waiting for the customer")
    order = order_id(cashier)
    yield
    token = shop.confirmation(order).rpartition("/")[2]
    said = requests.post(
        f"{shop.bank.url}/v1/confirmations/{token}", json={"decision": "confirm"}, timeout=SECONDS
    )
    assert said.json()["state"] == "confirmed"


@contextmanager
def settled(shop: House, cashier: Person, customer: str) -> Iterator[None]:
    """Record 2 is on chain, and the goods aren't handed over."""
    sell(cashier, shop, customer)
    cashier.sees(PAID)
    yield


@contextmanager
def completing(shop: House, cashier: Person, customer: str) -> Iterator[None]:
    """The goods are handed over; the chain takes no record 3."""
    with settled(shop, cashier, customer), chain_hangs(shop):
        cashier.press("Handed over")
        cashier.sees("The till writes that the goods are handed over.")
        cashier.sees("Waiting for the chain")
        yield


@contextmanager
def cancelling(shop: House, cashier: Person, customer: str) -> Iterator[None]:
    """Called off; the chain takes no record 3."""
    with settled(shop, cashier, customer), chain_hangs(shop):
        cashier.press("Cancel the sale")
        cashier.sees("The till writes that all points are given back.")
        expect(cashier.page.locator(".take")).to_have_count(0)  # nothing is to be taken now
        cashier.sees("Waiting for the chain")
        yield


@contextmanager
def refunding(shop: House, cashier: Person, customer: str) -> Iterator[None]:
    """Completed, and a part to be given back; the chain takes no refund."""
    sold(cashier, shop, customer)
    with chain_hangs(shop):
        refund(cashier, "2.00")
        cashier.sees("Waits: the chain doesn't answer.")
        yield


@pytest.mark.parametrize(
    ("step", "says", "then"),
    [
        (signed, "Waiting for the chain", PAID),
        (recorded, "Waiting for the bank", PAID),
        (posted, "Waiting for the customer", PAID),
        (settled, PAID, PAID),
        (completing, "Waiting for the chain", COMPLETED),
        (cancelling, "Waiting for the chain", CANCELLED),
        (refunding, "Waits: the chain doesn't answer.", "298 points are back"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_powerCut_thePageSaysTheTruthAfterIt(
    shop: House, cashier: Person, step: Step, says: str, then: str
) -> None:
    cashier.allowed += CUT_OFF
    customer = shop.customer()
    with step(shop, cashier, customer):
        sale, order = cashier.page.url, order_id(cashier)
        shop.till.stop(signal.SIGKILL)
        shop.till.start()
        cashier.go(sale)
        cashier.sees(says)

    cashier.sees(then)
    if then == PAID:
        cashier.press("Handed over")
        cashier.sees(COMPLETED)
    written_once(shop, order, cancelled=step is cancelling, refunded=step is refunding)
    taken = sum(int(one.arguments["points"]) for one in events(shop, "OrderPaid", order))
    back = taken if step is cancelling else 298 if step is refunding else 0
    assert shop.office.points(customer) == HELD - taken + back


def test_powerCut_whileASaleIsCalledOff_endsItAfterwards(shop: House, cashier: Person) -> None:
    cashier.allowed += CUT_OFF
    customer = shop.customer()
    sell(cashier, shop, customer, 9000)
    cashier.sees("Waiting for the customer")
    sale, order = cashier.page.url, order_id(cashier)
    shop.bank.stop(signal.SIGKILL)
    try:
        cashier.press("Cancel the sale")
        cashier.sees("Waiting for the bank")
        shop.till.stop(signal.SIGKILL)
        shop.till.start()
    finally:
        shop.bank.start()

    cashier.go(sale)

    cashier.sees("The sale is called off")
    assert events(shop, "OrderPaid", order) == []
    assert shop.office.points(customer) == HELD


def written_once(shop: House, order: str, *, cancelled: bool, refunded: bool) -> None:
    """Each record of an order stands once on the chain."""
    assert shop.office.recorded().count(order) == 1
    (paid,) = events(shop, "OrderPaid", order)
    assert len(events(shop, "OrderCancelled", order)) == int(cancelled)
    assert len(events(shop, "OrderRefunded", order)) == int(cancelled or refunded)
    contract = shop.office.desk.ledger.contract
    record = shop.office.desk.ledger.record
    ends = contract.events(
        "OrdersFinalized", first=record.block, terminal=record.terminals[TILL].address
    )
    sequence = int(paid.arguments["sequence"])
    places = [(sequence - int(one.arguments["firstSequence"]), one) for one in ends]
    ended = [one for at, one in places if 0 <= at < 256 and int(one.arguments["orders"]) >> at & 1]
    assert len(ended) == int(not cancelled)


def events(shop: House, name: str, order: str) -> list[Event]:
    """An order's events of one kind."""
    ledger = shop.office.desk.ledger
    indexed = bytes.fromhex(order.removeprefix("0x"))
    return ledger.contract.events(name, first=ledger.record.block, orderId=indexed)
