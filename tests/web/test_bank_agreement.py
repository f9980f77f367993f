"""The node, the command line and the contract say the same of one customer at one till."""

from __future__ import annotations

import random
from typing import Any

import pytest

from counterfoil.points import enquiry
from counterfoil.points.ordersfile import WishLine
from counterfoil.points.quoting import BasketLine, Limits, payable, payable_of
from counterfoil.points.rules import Rules
from tests.support.bank_node import Served, TillClient
from tests.support.points_office import Office
from tests.support.shell import Shell
from tests.web.conftest import till_of

ITEMS = {"espresso": 300, "hamper": 4500, "gift-card": 0}


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


def test_baskets_areQuotedAsTheContractDoes(office: Office, bank: Served) -> None:
    """Random baskets of customers who hold, and have spent, this and that."""
    picked = random.Random(6)
    till = till_of(office, bank.url)
    for number, held in enumerate((400, 3000, 60_000, 100_000)):
        customer = f"D-{number}"
        office.issue(office.credit(f"D-{number}", held, customer))
        for _ in range(5):
            _compare(office, till, customer, basket(picked))
        if held >= 60_000:
            paid = till.pay(14_000, customer)  # less than a customer is asked for
            assert paid["status"] == "paid"
            for _ in range(5):
                _compare(office, till, customer, basket(picked))


def basket(picked: random.Random) -> list[dict[str, Any]]:
    """Some lines."""
    return [
        {
            "item": picked.choice(list(ITEMS)),
            "quantity": picked.choice((1, 2, 7, 300)),
            "unit_price": f"{picked.choice((0, 1, 299, 4500, 99_999)) / 100:.2f}",
        }
        for _ in range(picked.randint(1, 4))
    ]


def _compare(office: Office, till: TillClient, customer: str, lines: list[dict[str, Any]]) -> None:
    desk = office.desk
    wishes = [
        WishLine(one["item"], one["quantity"], round(float(one["unit_price"]) * 100))
        for one in lines
    ]
    account = desk.account(customer)
    theirs = enquiry.quote(desk.ledger, desk.deployment.offers, account, "till-1", wishes)

    ours = till.quote(customer, lines)["basket"]

    reason = theirs.reason.code if theirs.reason else None
    assert (ours["points"], ours["cash"], ours["reason"]) == (
        theirs.points,
        f"{theirs.cash / 100:.2f}",
        reason,
    ), lines


def test_payable_ofOneLineIsThatOfItsItem(office: Office) -> None:
    rules = rules_of(office)
    limits = Limits(5000, 50_000, 2_000_000, False)
    for cap in ITEMS.values():
        line = BasketLine(1, 2**40 - 1, cap)
        assert payable_of([line], rules, limits) == payable(cap, rules, limits)
