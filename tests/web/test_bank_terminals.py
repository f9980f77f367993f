"""What a running node, and a running till, see of terminals that are added, moved and rotated."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests

from counterfoil import deployment
from counterfoil.keys import Signer
from counterfoil.points import tills
from counterfoil.points.administration import rotate_key
from counterfoil.points.terminals import Item, Terminal, Terminals
from counterfoil.state import State
from tests.support.bank_node import SECONDS, Served, TillClient, eventually
from tests.support.points_office import Office
from tests.support.problems import problem
from tests.web.conftest import till_of

TEA = Terminals({"tea": (Item("hamper", 2000), Item("pot", 4000))}, ())


def test_terminal_addedMeanwhileComesIn(office: Office, bank: Served, till: TillClient) -> None:
    till.quote()  # the node has looked at its record
    tills.add(office.desk, Terminal("till-5", "cafe", None))

    new = till_of(office, bank.url, "till-5")

    assert new.quote()["terminal_address"] == new.address
    assert new.pay()["status"] == "paid"


def test_terminal_movedMeanwhileSellsWhatItsNewCatalogueHas(
    office: Office, bank: Served, till: TillClient
) -> None:
    assert [one["item"] for one in till.quote()["items"]] == ["espresso", "hamper", "gift-card"]

    tills.move(office.desk, "till-1", "tea", TEA)

    assert [(one["item"], one["cap"]) for one in till.quote()["items"]] == [
        ("hamper", "20.00"),
        ("pot", "40.00"),
    ]
    sold = requests.get(f"{bank.url}/v1/terminals/till-1/catalogue", timeout=SECONDS).json()
    assert (sold["catalogue"], sold["items"][1]["item"]) == ("tea", "pot")


def test_payment_namesWhatWasBoughtThen(office: Office, bank: Served, till: TillClient) -> None:
    token = till.pay()["status_token"]

    tills.move(office.desk, "till-1", "tea", TEA)  # where the second item is another

    status = requests.get(f"{bank.url}/v1/status/{token}", timeout=SECONDS).json()
    assert [line["item"] for line in status["lines"]] == ["hamper"]


def test_strangers_makeNobodyReadTheRecord(
    bank: Served, till: TillClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.quote()
    read: list[State] = []
    monkeypatch.setattr(deployment, "find", read.append)

    for number in range(5):
        stranger = replace(till, name=f"till-{number}00", signer=Signer.generate())
        problem(stranger.get("/v1/orders/0x" + "00" * 32), 401, "not-authenticated")

    assert not read


def test_terminal_rotatedSignsWithItsNewKeyOnly(
    office: Office, bank: Served, till: TillClient
) -> None:
    till.quote()
    new = replace(till, signer=Signer.generate())

    rotate_key(office.desk, "till-1", new.signer.address)

    asked = {"customer_id": "C-1", "terminal": "till-1"}
    eventually(lambda: new.post("/v1/quotes", asked).status_code == 201)
    problem(till.post("/v1/quotes", asked), 401, "not-authenticated")
