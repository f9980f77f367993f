"""Quotes that are of no use any more, and those that aren't given."""

from __future__ import annotations

import time
from typing import Any

from requests import Response

from counterfoil.bank.quotes import Given
from counterfoil.database import reading, transaction
from tests.support.bank_node import Served, TillClient, eventually
from tests.support.points_office import Office


def test_quotes_thatEndedLongAgoAreForgotten(
    office: Office, bank: Served, till: TillClient
) -> None:
    quotes, now = bank.node.quotes, int(time.time())
    with transaction(quotes.engine) as link:
        quotes.add(link, [Given(f"q_old{n}", till.address, "0x", "", 1) for n in range(1200)])
        quotes.add(link, [Given("q_lately", till.address, "0x", "", now - 600)])
    mine = till.quote()["quote_id"]

    def kept() -> set[str]:
        with reading(quotes.engine) as link:
            names = [f"q_old{n}" for n in range(1200)]
            return set(quotes.find(link, [*names, "q_lately", mine]))

    eventually(lambda: kept() == {"q_lately", mine})
    assert till.pay()["status"] == "paid"


def test_quotes_areNotGivenWhileTheLedgerIsPaused(office: Office, till: TillClient) -> None:
    asked = {"customer_id": "C-1", "terminal": till.name, "basket": None}
    till.quote()
    office.act("pause")

    told = eventually(lambda: _refused(till.post("/v1/quotes", asked)))

    assert (told["status"], told["code"]) == (409, "paused")
    office.act("unpause")
    assert eventually(lambda: till.post("/v1/quotes", asked).status_code == 201)


def _refused(answer: Response) -> dict[str, Any] | None:
    return None if answer.ok else answer.json()
