"""The points journal read in whole: page by page, each row once, and no other ledger's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.points.journal import Journal, OrderEntry
from counterfoil.state import State

ORDERS = [OrderEntry(f"0x{number:064x}", f"O-{number}", "{}") for number in range(1000)]


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.delenv("COUNTERFOIL_DATABASE_URL", raising=False)
    other = Journal.open(State(tmp_path), "0x22")
    other.add_orders(ORDERS[:1])
    other.close()
    opened = Journal.open(State(tmp_path), "0x11")
    yield opened
    opened.close()


@pytest.mark.parametrize("orders", [0, 1, 499, 500, 501, 1000])
def test_orderPages_giveEachOrderOnce(journal: Journal, orders: int) -> None:
    journal.add_orders(ORDERS[:orders])

    pages = list(journal.order_pages())

    assert [entry for page in pages for entry in page] == ORDERS[:orders]
    assert all(0 < len(page) <= 500 for page in pages)
    assert journal.count_orders() == orders


def test_repeatedRefs_areThoseOfMoreThanOneOrder(journal: Journal) -> None:
    journal.add_orders([*ORDERS[:3], OrderEntry("0xff", "O-2", "{}")])

    assert journal.repeated_refs() == ["O-2"]
