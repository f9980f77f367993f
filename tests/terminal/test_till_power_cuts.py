"""Power cuts at a till: wherever one falls, the sale ends in a true state."""

from __future__ import annotations

import pytest

from counterfoil.chain import Contract
from counterfoil.points.ledger import Ledger, Mark
from counterfoil.terminal.journal import TillJournal
from counterfoil.terminal.sales import Sale, Stage, Wish
from tests.support.crash import crashing
from tests.support.points_office import Office
from tests.support.till import Counterpart
from tests.support.till_bank import StandInBank


@pytest.mark.parametrize("wish", [Wish.COMPLETE, Wish.CANCEL])
@pytest.mark.parametrize(
    ("owner", "method", "only"),
    [
        (TillJournal, "note", None),
        (Contract, "send", "recordOrders"),
        (StandInBank, "post", None),
        (Ledger, "submit", "settle"),
        (Contract, "send", "last"),
    ],
    ids=["first note", "record 1", "post", "settle", "record 3"],
)
def test_powerCut_endsInATrueState(
    till: Counterpart, office: Office, owner: type, method: str, only: str | None, wish: Wish
) -> None:
    sale = till.pay()
    if only == "last":
        only = "finalize" if wish == Wish.COMPLETE else "cancel"
        till.go()
        till.wish(sale, wish)
    with crashing(owner, method, only=only):
        steps(till)

    goes_on(till, office, sale, wish)
    assert office.points() == (4500 if wish == Wish.COMPLETE else 5000)


@pytest.mark.parametrize("wish", [Wish.COMPLETE, Wish.CANCEL])
@pytest.mark.parametrize(
    "noted", ["recorded_transaction", "status_url", "answered_transaction", "ended_transaction"]
)
def test_powerCut_afterAnEffectAndBeforeItsNote(
    till: Counterpart, office: Office, noted: str, wish: Wish
) -> None:
    sale = till.pay()
    if noted == "ended_transaction":
        till.go()
        till.wish(sale, wish)
    with crashing(TillJournal, "note", only=noted):
        steps(till)

    goes_on(till, office, sale, wish)


def steps(till: Counterpart) -> None:
    """More of them than a sale has."""
    for _ in range(9):
        till.step()


def goes_on(till: Counterpart, office: Office, sale: Sale, wish: Wish) -> None:
    """After a cut the sale ends as it would have, each record written once."""
    till.go()
    till.wish(sale, wish)
    till.go()

    expected = Stage.COMPLETED if wish == Wish.COMPLETE else Stage.CANCELLED
    assert (till.sale(sale).stage, till.mark(sale)) == (expected, Mark.FINALIZED)
    assert (office.events("OrdersRecorded"), office.events("OrderPaid")) == (1, 1)
