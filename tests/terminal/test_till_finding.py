"""Sales of other days at the till's pages, and one by the number on its receipt."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from counterfoil.terminal.finding import span_of
from counterfoil.terminal.sales import Sale
from tests.support.till import Counterpart

DAY = date(2026, 3, 4)


@pytest.fixture
def sales(till: Counterpart) -> list[Sale]:
    """One of the last second before a day, two of its first and last, one of the next day."""
    placed = till.pay()
    journal = till.open().journal
    start, end = span_of(DAY)
    made = []
    for number, at in enumerate((start - 1, start, end - 1, end)):
        name = f"a{number}" + placed.sale_id[2:]
        sale = replace(placed, sale_id=name, order_id=f"0xb{number}{'0' * 62}", at=at)
        journal.add(sale, 2**33 + number)
        made.append(sale)
    return made


def listed(pages: TestClient, **asked: str) -> list[str]:
    """The names of the sales that a page lists, from its top."""
    answer = pages.get("/sales", params=asked)
    assert answer.status_code == 200
    return [part.partition('"')[0] for part in answer.text.split('href="/sales/')[1:]]


def test_day_hasTheSalesFromMidnightToMidnight(pages: TestClient, sales: list[Sale]) -> None:
    names = [sale.sale_id for sale in sales]

    assert listed(pages, day="2026-03-04") == [names[2], names[1]]
    assert listed(pages, day="2026-03-03") == [names[0]]
    assert listed(pages, day="2026-03-06") == []


def test_day_isWholeWhereTheClockIsPutForward() -> None:
    for one in (DAY + timedelta(days=number) for number in range(366)):
        start, end = span_of(one)
        assert datetime.fromtimestamp(start).date() == one
        assert datetime.fromtimestamp(end - 1).date() == one
        assert datetime.fromtimestamp(end).date() == one + timedelta(days=1)


def test_number_findsTheSaleByItsReceiptOrItsOrder(pages: TestClient, sales: list[Sale]) -> None:
    one = sales[1]

    shortened = (f" {one.sale_id[:6].upper()} ", one.order_id[:8], one.order_id[2:12])
    for number in (one.sale_id, one.order_id, *shortened):
        assert listed(pages, number=number, day="1999-01-01") == [one.sale_id]
    assert listed(pages, number="a9" + one.sale_id[2:]) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"number": "a1b2c"}, "That is no receipt"),
        ({"number": "%%%%%%"}, "That is no receipt"),
        ({"number": "0x" + "a" * 65}, "That is no receipt"),
        ({"day": "yesterday"}, "That is no day"),
        ({"day": "9999-12-31"}, "That is no day"),
        ({"day": "2026-02-30"}, "That is no day"),
    ],
)
def test_find_saysWhatItCantRead(pages: TestClient, asked: dict[str, str], said: str) -> None:
    answer = pages.get("/sales", params=asked)

    assert answer.status_code == 422
    assert said in answer.text
