"""The same orders, posted to a node and settled from the shell, end the same, on chain too."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from counterfoil.points.orders import OrderLine
from counterfoil.state import State
from tests.support.anvil import set_right, undone
from tests.support.bank_node import RATE, TillClient, served
from tests.support.points_office import Office
from tests.support.shell import Shell
from tests.web.conftest import till_of

CUSTOMERS = {"A-1": 900, "A-2": 6000, "A-3": 400_000}
CAPS = (300, 4500, 0, 100)  # of the catalogue's items, and of one that isn't there
COMPARED = ("order_id", "status", "reason", "points", "cash", "currency", "rules_version")


@dataclass(frozen=True, slots=True)
class Wish:
    """An order that pays with one or two lines. ``first``: the first one's part of the cash, in
    percent; ``off``: minor units that it pays too little."""

    customer: str
    points: int
    item: int
    first: int
    off: int
    rules: int
    late: bool


WISHES = st.builds(
    Wish,
    customer=st.sampled_from(list(CUSTOMERS)),
    points=st.one_of(
        st.sampled_from([400, 500, 550, 1000, 29_900]),
        st.integers(5, 290).map(lambda hundreds: 100 * hundreds),
    ),
    item=st.sampled_from([2, 2, 2, 2, 1, 3, 4]),
    first=st.sampled_from([100, 100, 50, 1]),
    off=st.sampled_from([0, 0, 0, 0, 1]),
    rules=st.sampled_from([1, 1, 1, 1, 2]),
    late=st.sampled_from([False, False, False, False, True]),
)

ENDS = ("paid", "expired", "rules-version", "points-minimum", "cash-mismatch")
_GOOD = Wish("A-3", points=1000, item=2, first=100, off=0, rules=1, late=False)
ONE_OF_EACH = [
    _GOOD,
    replace(_GOOD, late=True),
    replace(_GOOD, rules=2),
    replace(_GOOD, points=400),
    replace(_GOOD, off=1),
]


def test_orders_endAsFromTheShell(office: Office, shell: Shell) -> None:
    office.issue(*(office.credit(f"A-{n}", n, name) for name, n in CUSTOMERS.items()))
    ends: set[str] = set()
    runs = count()

    @settings(max_examples=10, deadline=None)
    @example(wishes=ONE_OF_EACH)
    @given(wishes=st.lists(WISHES, min_size=1, max_size=30))
    def agree(wishes: list[Wish]) -> None:
        with fresh(office, f"node-{next(runs)}") as bank:
            with served(bank.state, replace(RATE, confirm_above=None)) as node:
                till = till_of(bank, node.url)
                orders = [order(till, wish) for wish in wishes]
                posted = till.send(*orders)
            lines = [json.dumps(one) for one in orders]
            after = ending(bank, lines)
        with fresh(office, f"shell-{next(runs)}") as bank:
            file = shell.file("signed.jsonl", "\n".join(lines))
            words = (
                "redeem",
                file,
                "--until",
                "settled",
                "--json",
                "--state",
                str(bank.state.root),
            )
            status = 0 if all(one["status"] == "paid" for one in posted) else 1
            redeemed = shell.rows("points", *words, status=status)
            assert [picked(one) for one in posted] == [picked(one) for one in redeemed]
            assert ending(bank, lines) == after
        ends.update(one["reason"] or one["status"] for one in posted)

    agree()
    assert ends >= {*ENDS}


@contextmanager
def fresh(office: Office, name: str) -> Iterator[Office]:
    """The bank as it is, with a state folder of its own; its chain is as it was afterwards."""
    state = State(office.files / name)
    shutil.copytree(office.state.root, state.root)
    set_right(office.chain)
    with undone(office.chain):
        yield Office(office.chain, state, office.files)


def ending(bank: Office, lines: list[str]) -> tuple[Any, ...]:
    """What the ledger says of the orders and of their customers."""
    return bank.marks(lines), [bank.points(name) for name in CUSTOMERS]


def picked(row: dict[str, Any]) -> dict[str, Any]:
    """What both ways tell."""
    return {key: row[key] for key in COMPARED}


def order(till: TillClient, wish: Wish) -> dict[str, Any]:
    """The signed order."""
    cash = wish.points * 67 // 100 - wish.off
    first = cash * wish.first // 100
    lines = tuple(
        OrderLine(wish.item, 1 + share // max(CAPS[wish.item - 1], 1), 5000, share)
        for share in (first, cash - first)
        if share
    )
    deadline = int(time.time()) + (-60 if wish.late else 86_400)
    quote = till.quote(wish.customer)
    return till.order(quote, wish.points, lines=lines, rules=wish.rules, deadline=deadline)
