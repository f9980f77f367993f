"""A terminal that is a contract (ERC-1271), at the bank's node."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
import requests

from counterfoil.chain import Contract
from counterfoil.keys import Signer
from counterfoil.points import tills
from counterfoil.points.terminals import Terminal
from tests.support.bank_node import SECONDS, Served, TillClient
from tests.support.points_office import Office
from tests.support.wallet_till import Manner

NAME = "wallet-1"


@dataclass
class WalletClient(TillClient):
    """A till behind a contract, whose owner signs for it."""

    wallet: str = ""

    @property
    def address(self) -> str:
        """The contract's."""
        return self.wallet


@pytest.fixture
def owner(office: Office) -> Signer:
    """Who signs in the contract's name."""
    return Signer.generate()


@pytest.fixture
def contract(office: Office, owner: Signer) -> Contract:
    """A contract that is registered as a terminal."""
    desk = office.desk
    made = desk.ledger.chain.deploy(desk.signer("settler"), "WalletTill", owner.address).contract
    tills.add(desk, Terminal(NAME, "cafe", made.address), contract=True)
    return made


@pytest.fixture
def wallet(office: Office, contract: Contract, bank: Served, owner: Signer) -> WalletClient:
    """Its till."""
    return WalletClient(bank.url, NAME, owner, office.desk.ledger.domain, wallet=contract.address)


def test_contract_isQuotedAndPaid(office: Office, wallet: WalletClient) -> None:
    answer = wallet.pay(1000)

    assert (answer["status"], answer["points"]) == ("paid", 1000), answer
    assert wallet.get(f"/v1/orders/{answer['order_id']}").json()["status"] == "paid"
    assert office.points() == 4000


def test_contract_standsByEachOrderOfAPost(wallet: WalletClient) -> None:
    good, forged = (wallet.order(wallet.quote(), points) for points in (500, 600))
    forged["signature"] = "0x" + Signer.generate().sign_digest(b"\x07" * 32).hex()

    answers = wallet.send(good, forged)

    assert [one["reason"] for one in answers] == [None, "bad-signature"]


def test_contract_withAnotherOwnerIsAStranger(wallet: WalletClient) -> None:
    wallet.signer = Signer.generate()

    answer = wallet.post("/v1/quotes", {"customer_id": "C-1", "terminal": NAME})

    assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")


@pytest.mark.parametrize(
    "manner",
    [
        Manner.REFUSE,
        Manner.REVERT,
        Manner.LOOP,
        Manner.WRONG_MAGIC,
        Manner.DIRTY_MAGIC,
        Manner.SHORT_MAGIC,
        Manner.HUGE_REVERT,
        Manner.NOTHING,
    ],
)
def test_contract_thatDoesNotSayYesIsAStranger(
    office: Office, contract: Contract, wallet: WalletClient, manner: Manner
) -> None:
    contract.send(office.desk.signer("settler"), "behave", manner)

    answer = wallet.post("/v1/quotes", {"customer_id": "C-1", "terminal": NAME})

    assert answer.status_code == 401


def test_contract_mayWantALongSignature(
    office: Office, contract: Contract, wallet: WalletClient
) -> None:
    contract.send(
        office.desk.signer("settler"), "behave", Manner.HUGE_MAGIC
    )  # it says yes to anything
    body = json.dumps({"customer_id": "C-1", "terminal": NAME}).encode()
    headers = wallet.headers("POST", "/v1/quotes", body) | {"content-type": "application/json"}

    answers = [
        requests.post(
            wallet.url + "/v1/quotes",
            body,
            headers=headers | {"counterfoil-signature": "0x" + "ab" * size},
            timeout=SECONDS,
        ).status_code
        for size in (1025, 1024)
    ]

    assert answers == [401, 201]
