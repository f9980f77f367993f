"""Whoever opened a database closes it: a command when it ends, a node and a till when they stop."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from counterfoil.bank.consents import local_key
from counterfoil.points.desk import BankDesk
from counterfoil.points.refunding import Refunding
from counterfoil.terminal.opening import counter_of, open_till
from counterfoil.terminal.service import application
from tests.support.bank_node import served
from tests.support.connections import none_left_open
from tests.support.points_office import ORDERS, Office, order
from tests.support.shell import Shell
from tests.web.conftest import till_of

COMMANDS = [
    "points balance C-1",
    "points statement C-1",
    "points offers C-1 till-1",
    "points freeze C-1",
    "points sweep C-1",
    "points reconcile",
    "points refund nothing 1.00",
    "points claw-back R-1",
    "points finalize",
    "rules show",
    "terminal list",
    "terminal show till-1",
    "terminal move till-1 --catalogue cafe",
    "terminal disable till-2",
    "terminal rotate till-2 --key 0x95B08567Fe848e74B810fB71f70ce9b9a7b04588",
    "bank key add app",
    "bank key list",
    "bank key drop other",
]


@pytest.mark.parametrize("words", COMMANDS)
def test_command_closesWhatItOpened(
    office: Office, credited: None, shell: Shell, words: str
) -> None:
    with none_left_open():
        status, _, said = shell.run(*words.split(), "--state", str(office.state.root))
    assert status in (0, 1, 2) and "Usage" not in said, said


def test_files_areRedeemedAndClosed(office: Office, credited: None, shell: Shell) -> None:
    folder = ("--state", str(office.state.root))
    orders = shell.file("orders.csv", ORDERS + order("A"))
    with none_left_open():
        _, signed, _ = shell.run("terminal", "sign", orders, *folder)
        status, _, said = shell.run("points", "redeem", shell.file("s.jsonl", signed), *folder)
    assert status == 0, said


def test_node_closesWhatItOpened(office: Office, credited: None) -> None:
    till = till_of(office, "")
    with none_left_open(), served(office.state) as node:
        till.url = node.url
        paid = till.pay(1000)
        till.post(f"/v1/orders/{paid['order_id']}/refunds", {"refund_id": "r", "cash": "1.00"})


def test_till_closesWhatItOpened(office: Office, credited: None) -> None:
    with none_left_open():
        counter = counter_of(office.state, "till-1", None)
        till, pulse = open_till(office.state, counter, "http://127.0.0.1:9")
        with TestClient(application(till, pulse), base_url="http://localhost") as pages:
            assert pages.get("/sales").status_code == 200


def test_desk_closesWhatWasOpenedForIt(office: Office) -> None:
    with none_left_open():
        local_key(office.state, "harbour")
        with BankDesk.open(office.state, None) as desk:
            desk.clawing()
            Refunding.at(desk)
