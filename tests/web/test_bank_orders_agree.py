"""The same orders, posted to a node and settled from the shell, end the same, on chain too."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from typing import Any

import pytest

from counterfoil.points.orders import OrderLine
from tests.support.bank_node import RATE, TillClient, served
from tests.support.points_office import Office
from tests.support.shell import Shell
from tests.web.conftest import till_of

CUSTOMERS = {"A-1": 900, "A-2": 6000, "A-3": 400_000}
CAPS = (300, 4500, 0, 100)  # of the catalogue's items, and of one that isn't there
ORDERS = 60
COMPARED = ("order_id", "status", "reason", "points", "cash", "currency", "rules_version")


@pytest.mark.parametrize("seed", range(3))
def test_orders_endAsFromTheShell(office: Office, shell: Shell, seed: int) -> None:
    office.issue(*(office.credit(f"A-{n}", n, name) for name, n in CUSTOMERS.items()))
    fresh = office.chain.request("evm_snapshot")
    with served(office.state, replace(RATE, confirm_above=None)) as node:
        orders = random_orders(till := till_of(office, node.url), random.Random(seed))
        posted = till.send(*orders)
    lines = [json.dumps(one) for one in orders]
    after = ending(office, lines)
    office.chain.request("evm_revert", fresh)
    office.forget()

    file = shell.file("signed.jsonl", "\n".join(lines))
    redeemed = shell.rows("points", "redeem", file, "--until", "settled", "--json", status=1)

    assert [picked(one) for one in posted] == [picked(one) for one in redeemed]
    assert ending(office, lines) == after
    assert {one["status"] for one in posted} == {"paid", "rejected"}
    assert len({one["reason"] for one in posted}) > 5


def ending(office: Office, lines: list[str]) -> tuple[Any, ...]:
    """What the ledger says of the orders and of their customers."""
    return office.marks(lines), [office.points(name) for name in CUSTOMERS]


def picked(row: dict[str, Any]) -> dict[str, Any]:
    """What both ways tell."""
    return {key: row[key] for key in COMPARED}


def random_orders(till: TillClient, some: random.Random) -> list[dict[str, Any]]:
    """Orders of which most are wrong in one way."""
    names = list(CUSTOMERS)
    quotes = {name: [till.quote(name) for _ in range(ORDERS)] for name in names}
    return [one_order(till, quotes[some.choice(names)].pop(), some) for _ in range(ORDERS)]


def one_order(till: TillClient, quote: dict[str, Any], some: random.Random) -> dict[str, Any]:
    """An order that pays with one or two lines, the cash shared between them."""
    points = some.choice((400, 500, 550, 1000, 1200, 2500, 24_000, 29_900))
    cash = points * 67 // 100
    first = some.choice((cash, cash // 2, cash - 1))
    shares = [first, cash - first] if first < cash - 1 else [first]
    item = some.choice((1, 2, 2, 2, 2, 3, 4))
    lines = tuple(
        OrderLine(item, 1 + share // max(CAPS[item - 1], 1), 5000, share) for share in shares
    )
    changed: dict[str, Any] = some.choice(
        ({}, {}, {}, {}, {"rules": 2}, {"deadline": int(time.time()) - 60})
    )
    return till.order(quote, points, lines=lines, **changed)
