"""From an offer to a signed order: which numbers it gets, and what isn't signed."""

from __future__ import annotations

import pytest

from counterfoil.bank.wire import BasketLine
from counterfoil.errors import BadInput
from counterfoil.points import tills
from counterfoil.points.terminals import Item, Terminals
from counterfoil.terminal.journal import FIRST_SEQUENCE
from counterfoil.terminal.sales import Stage
from tests.support.points_office import Office, order
from tests.support.till import HAMPERS, Counterpart


def test_sequences_keepClearOfSignedFiles(till: Counterpart, office: Office) -> None:
    office.redeem(office.lines(order("A")))
    first, second = till.pay(), till.pay()

    till.go()

    assert [till.sale(one).stage for one in (first, second)] == [Stage.PAID] * 2
    assert f'"sequence": {FIRST_SEQUENCE}' in first.row
    assert f'"sequence": {FIRST_SEQUENCE + 1}' in second.row


def test_sequences_goOnAfterTheStoreIsLost(till: Counterpart, office: Office) -> None:
    till.pay()
    till.go()
    for file in office.state.root.glob("terminal-till-1.db*"):
        file.unlink()

    sale = till.pay()
    till.go()

    assert till.sale(sale).stage == Stage.PAID


def test_paying_theSameOfferTwiceIsOneSale(till: Counterpart) -> None:
    opened = till.open()
    visit = opened.look_up("C-1")
    name, _ = opened.offer(visit, HAMPERS)

    assert opened.pay(visit, name, 500).sale_id == opened.pay(visit, name, 700).sale_id


@pytest.mark.parametrize(
    ("points", "code"),
    [(400, "points-minimum"), (550, "points-increment"), (100_100, "points-over")],
)
def test_paying_refusesWhatWasNotOffered(till: Counterpart, points: int, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        till.pay(points=points)

    assert refused.value.code == code


def test_catalogue_thatTheTerminalIsMovedToIsSoldAtOnce(till: Counterpart, office: Office) -> None:
    opened = till.open()
    assert opened.counter.catalogue_name == "cafe"
    tills.move(office.desk, "till-1", "tea", Terminals({"tea": (Item("pot", 4000),)}, ()))

    visit = opened.look_up("C-1")
    pots = (BasketLine(item="pot", quantity=1, unit_price="50.00"),)
    sale = opened.pay(visit, opened.offer(visit, pots)[0], 500)
    till.go()

    assert till.sale(sale).stage == Stage.PAID
