"""Quotes from the shell: what they say is what redeeming does."""

from __future__ import annotations

import pytest

from counterfoil.points.lens import Lens
from counterfoil.points.orders import OrderLine
from tests.support.points_office import Office
from tests.support.shell import Shell

pytestmark = pytest.mark.usefixtures("credited")
QUOTE = ("points", "quote", "C-1", "till-1", "--json")
BASKET = ("--line", "espresso:2:3.50", "--line", "hamper:1:50.00")


def test_quote_paysTheMostThereIs(shell: Shell) -> None:
    (row,) = shell.rows(*QUOTE, *BASKET)

    assert (row["redeemable"], row["points"], row["cash"], row["rest"], row["reason"]) == (
        *(True, 5000, "33.50", "23.50", None),
    )
    assert [(line["item"], line["cash"], line["reason"]) for line in row["lines"]] == [
        ("espresso", "6.00", None),
        ("hamper", "27.50", None),
    ]


@pytest.mark.parametrize(
    ("asked", "points", "cash"),
    [(("--cash", "20.00"), 2900, "19.43"), (("--points", "700"), 700, "4.69")],
)
def test_quote_isPaidAsItSays(shell: Shell, asked: tuple[str, str], points: int, cash: str) -> None:
    (row,) = shell.rows(*QUOTE, *BASKET, *asked)
    assert (row["points"], row["cash"]) == (points, cash)
    lines = [
        f"A,till-1,C-1,{line['item']},{line['quantity']},{line['unit_price']},{points},,,"
        for line in row["lines"]
    ]

    signed = shell.file("signed.jsonl", "\n".join(shell.office.lines(*lines)))

    (paid,) = shell.rows("points", "redeem", signed, "--json")
    assert (paid["status"], paid["points"], paid["cash"]) == ("paid", points, cash)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (("--line", "espresso:1:3.50"), "item-cap"),
        (("--line", "gift-card:1:50.00"), "item-cap"),
        (("--line", "teapot:1:50.00"), "unknown-item"),
        (("--line", "hamper:1:50.00", "--cash", "3.34"), "points-minimum"),
        (("--line", "hamper:1:50.00", "--points", "400"), "points-minimum"),
        (("--line", "hamper:1:50.00", "--points", "550"), "points-increment"),
        (("--line", "hamper:1:50.00", "--points", "6800"), "item-cap"),
        (("--line", "hamper:1:50.00", "--points", "5100"), "insufficient-points"),
    ],
)
def test_quote_saysWhyNot(shell: Shell, asked: tuple[str, ...], reason: str) -> None:
    (row,) = shell.rows(*QUOTE, *asked)

    assert (row["redeemable"], row["reason"]) == (False, reason)


def test_quote_takesABasketFromAFile(shell: Shell) -> None:
    file = shell.file("basket.csv", "item,quantity,unit_price\nespresso,2,3.50\nhamper,1,50.00\n")

    assert shell.rows(*QUOTE, "--file", file) == shell.rows(*QUOTE, *BASKET)


def test_quote_isATableForPeople(shell: Shell) -> None:
    status, out, _ = shell.run("points", "quote", "C-1", "till-1", *BASKET)

    assert (status, out.splitlines()[0]) == (0, "5000 points pay 33.50 CNY, 23.50 is left to pay.")
    assert "hamper" in out


@pytest.mark.parametrize(
    ("words", "saying"),
    [
        ((), ["--line", "--file"]),
        (("--line", "hamper"), ["--line", "item:quantity:price"]),
        (("--line", "hamper:x:1"), ["quantity"]),
        (("--line", "hamper:1:1,00"), ["unit_price"]),
        (("--line", "hamper:1:1", "--cash", "0"), ["--cash"]),
        (("--line", "hamper:1:1", "--cash", "1", "--points", "500"), ["--cash", "--points"]),
        (("--line", "hamper:1:1") * 33, ["33", "32"]),
    ],
)
def test_quote_refusesWhatItCantRead(
    shell: Shell, words: tuple[str, ...], saying: list[str]
) -> None:
    shell.refuses(*QUOTE[:-1], *words, status=2, saying=saying)


def test_quote_refusesABasketWithABadLine(shell: Shell) -> None:
    file = shell.file("basket.csv", "item,quantity,unit_price\nespresso,2,3.50\nhamper,1\n")

    shell.refuses(*QUOTE, "--file", file, status=2, saying=[f"{file}:3", "cells"])


def test_quote_refusesADisabledOrUnknownTerminal(shell: Shell) -> None:
    shell.refuses("points", "quote", "C-1", "x", *BASKET, status=2, saying=["x", "till-1"])
    shell.run("terminal", "disable", "till-1")
    shell.refuses(*QUOTE, *BASKET, status=1, saying=["till-1 is disabled"])


@pytest.mark.parametrize(
    ("first", "count", "items"),
    [
        ("1", "1", ["espresso"]),
        ("2", "2", ["hamper", "gift-card"]),
        ("3", "9", ["gift-card"]),
        ("4", "1", []),
    ],
)
def test_offers_comeInPages(shell: Shell, first: str, count: str, items: list[str]) -> None:
    page = ("--first", first, "--count", count)

    rows = shell.rows("points", "offers", "C-1", "till-1", *page, "--json")

    assert [row["item"] for row in rows] == items


def test_lens_readsWhatAGeneralDecoderReads(office: Office) -> None:
    desk = office.desk
    ledger, lens = desk.ledger, desk.deployment.offers
    till, ann = ledger.record.terminals["till-1"].address, desk.account("C-1")
    contract = ledger.chain.contract("PointsOffers", lens)
    who = (ledger.record.address, ann, till)
    line = OrderLine(2, 1, 5000, 0).packed()

    for first, count in ((1, 50), (2, 1), (4, 1)):
        found = Lens(ledger, lens).offers(ann, till, first, count)
        expected = contract.call("offers", *who, first, count)
        assert [(s.item, s.points, s.cash, s.reason) for s in found] == [tuple(o) for o in expected]
    for basket in ([line], [line, 0], [line] * 32, []):
        for function, wish, asked in (
            ("quote", 2**256 - 1, {}),
            ("quote", 777, {"cash": 777}),
            ("quotePoints", 700, {"points": 700}),
        ):
            quote = Lens(ledger, lens).quote(ann, till, basket, **asked)
            rules, *head, lines = contract.call(function, *who, basket, wish)
            assert [quote.rules, quote.points, quote.cash, quote.reason] == [rules, *head]
            assert [(s.item, s.cash, s.reason) for s in quote.lines] == [tuple(o) for o in lines]
