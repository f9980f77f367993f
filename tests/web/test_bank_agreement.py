"""The node, the command line and the contract say the same of one customer at one till."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.points.orders import OrderLine
from counterfoil.points.quoting import BasketLine, Limits, payable, payable_of
from counterfoil.points.reasons import Reason
from counterfoil.points.rules import Rules
from tests.support.bank_node import RATE, Served, TillClient, served
from tests.support.points_office import Office
from tests.support.problems import problem
from tests.support.shell import Shell
from tests.web.conftest import till_of

ITEMS = {"espresso": 300, "hamper": 4500, "gift-card": 0}
NUMBERS = {name: number for number, name in enumerate(ITEMS, start=1)}
CUSTOMERS = {"D-0": 400, "D-1": 3000, "D-2": 60_000, "D-3": 200_000, "D-4": 60_000}
Line = tuple[str, int, int]
"""An item, how many of it, and what the shop charges for one, in minor units."""
LINES = st.tuples(
    st.sampled_from([*ITEMS, *ITEMS, "teapot"]),
    st.one_of(st.integers(1, 9), st.integers(1, 2**16 - 1)),
    st.one_of(st.sampled_from([0, 1, 299, 300, 4500]), st.integers(0, 2**40 - 1)),
)


def rules_of(office: Office) -> Rules:
    """The live rules."""
    ledger = office.desk.ledger
    return ledger.rules(ledger.current_rules())


@pytest.mark.parametrize("held", [0, 499, 500, 1234, 66_000, 5_000_000])
def test_offers_areThoseOfContractAndShell(
    office: Office, bank: Served, till: TillClient, shell: Shell, held: int
) -> None:
    if held:
        office.issue(office.credit("R-2", held, "C-2"))

    quote = till.quote("C-2")

    keys = ("item", "redeemable", "points", "cash", "reason")
    told = [{key: one[key] for key in keys} for one in quote["items"]]
    assert told == shell.rows("points", "offers", "C-2", "till-1", "--json")
    balance = shell.rows("points", "balance", "C-2", "--json")[0]
    assert {key: quote["balance"][key] for key in ("points", "worth", "lots", "frozen")} == {
        key: balance[key] for key in ("points", "worth", "lots", "frozen")
    }


@pytest.fixture
def standings(office: Office) -> Iterator[TillClient]:
    """A till whose customers hold this and that, have spent of it today, or may spend nothing."""
    with served(office.state, replace(RATE, confirm_above=None)) as node:
        till = till_of(office, node.url)
        office.issue(*(office.credit(name, held, name) for name, held in CUSTOMERS.items()))
        for name, points in (("D-2", 14_000), *(("D-3", one) for one in (29_800, 29_800, 14_000))):
            assert till.pay(points, name)["status"] == "paid"
        office.desk.freeze("D-4")
        yield till


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(customer=st.sampled_from(list(CUSTOMERS)), lines=st.lists(LINES, min_size=1, max_size=4))
def test_baskets_areQuotedAsTheContractAndTheShellDo(
    office: Office, standings: TillClient, shell: Shell, customer: str, lines: list[Line]
) -> None:
    desk = office.desk
    ledger = desk.ledger
    offers = ledger.chain.contract("PointsOffers", desk.deployment.offers)
    where = (ledger.record.address, desk.account(customer), standings.address)
    packed = [
        OrderLine(NUMBERS.get(name, 0), many, price, 0).packed() for name, many, price in lines
    ]
    words = [f"--line={name}:{many}:{cash(price)}" for name, many, price in lines]

    _, points, minor, reason, _ = offers.call("quote", *where, packed, 2**256 - 1)

    contract = (points, cash(minor), Reason(reason).code if reason else None)
    assert node_says(standings, customer, lines) == contract
    (row,) = shell.rows("points", "quote", customer, "till-1", "--json", *words)
    assert (row["points"], row["cash"], row["reason"]) == contract


def node_says(till: TillClient, customer: str, lines: list[Line]) -> tuple[int, str, str | None]:
    """Points, cash, and why not. The node gives no quote for what the till doesn't sell."""
    basket = [
        {"item": name, "quantity": many, "unit_price": cash(price)} for name, many, price in lines
    ]
    asked = {"customer_id": customer, "terminal": till.name, "basket": basket}
    answer = till.post("/v1/quotes", asked)
    if any(name not in NUMBERS for name, _, _ in lines):
        return 0, "0.00", problem(answer, 422, "unknown-item")["code"]
    found = answer.json()["basket"]
    return found["points"], found["cash"], found["reason"]


def cash(minor: int) -> str:
    """Minor units in words."""
    return f"{minor // 100}.{minor % 100:02}"


def test_payable_ofOneLineIsThatOfItsItem(office: Office) -> None:
    rules = rules_of(office)
    limits = Limits(5000, 50_000, 2_000_000, False)
    for cap in ITEMS.values():
        line = BasketLine(1, 2**40 - 1, cap)
        assert payable_of([line], rules, limits) == payable(cap, rules, limits)
