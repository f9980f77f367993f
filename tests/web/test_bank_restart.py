"""What a node keeps over its end, and what it does when the chain goes away or back."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from counterfoil.errors import Unavailable
from counterfoil.points import refunds
from counterfoil.points.refundjournal import Asked
from tests.support.bank_node import RATE, SECONDS, Listener, Served, TillClient, eventually, served
from tests.support.cut_line import Line
from tests.support.points_office import Office
from tests.web.conftest import till_of


def test_restart_keepsOrdersRefundsAndEvents(office: Office, credited: None) -> None:
    with served(office.state, RATE) as node:
        till = till_of(office, node.url)
        order = till.order(till.quote(), 1000)
        first = till.send(order)[0]
        path = f"/v1/orders/{first['order_id']}"
        asked = {"refund_id": "r-1", "cash": "3.35"}
        refund = till.post(f"{path}/refunds", asked).json()
        events = Listener.at(node.url + path + "/events", till.headers("GET", path + "/events"))
        seen = events.until("refunded")

    with served(office.state, RATE) as node:
        till = till_of(office, node.url)
        again = till.send(order)[0]
        refunded = till.post(f"{path}/refunds", asked).json()
        where = path + "/events"
        resumed = till.headers("GET", where) | {"last-event-id": str(seen[0]["number"])}
        later = Listener.at(node.url + where, resumed).until("refunded")

    assert again == {**first, "replayed": True, "refunded": "3.35"}
    assert refunded == {**refund, "replayed": True}
    assert later == seen[1:]
    assert office.points() == 4500


def test_order_waitsForAChainThatIsAway(office: Office, credited: None, line: Line) -> None:
    with served(office.state, RATE) as node:
        till = till_of(office, node.url)
        order = till.order(till.quote())
        line.down = True
        answer = till.send(order, wait=0.3)[0]
        assert (answer["status"], answer["final"]) == ("received", False)

        line.mend()

        final = eventually(lambda: (now := till.send(order)[0])["final"] and now)
    assert final["status"] == "paid"
    assert office.points() == 4500


def test_order_sentByADeadNodeIsAnsweredByTheNext(office: Office, credited: None) -> None:
    with served(office.state, RATE) as node:
        till = till_of(office, node.url)
        order = till.order(till.quote())
        till.send(order)
        node.node.dispatcher.stop()
        node.node.orders.reopen([order["order_id"]])  # as if it had ended before it noted that

    with served(office.state, RATE) as node:
        answer = till_of(office, node.url).send(order)[0]

    assert answer["status"] == "paid"
    assert office.points() == 4500
    assert office.events("OrderPaid") == 1


def test_chainThatGoesBack_isToldAndSettledAgain(
    office: Office, bank: Served, till: TillClient
) -> None:
    snapshot = office.chain.request("evm_snapshot")
    answer = till.pay()
    path = f"/v1/orders/{answer['order_id']}/events"
    eventually(lambda: bank.node.scanner.seen >= answer["block"])

    office.chain.request("evm_revert", snapshot)
    office.chain.request("evm_mine")

    events = Listener.at(bank.url + path, till.headers("GET", path)).until("reverted")
    assert events[-1]["reverted"] == events[-2]["number"]
    headers = till.headers("GET", path) | {"last-event-id": str(events[-1]["number"])}
    settled = Listener.at(bank.url + path, headers).until("settled")[-1]
    assert settled["status"] == "paid"
    assert settled["transaction"] and office.points() == 4500
    now = till.get(f"/v1/orders/{answer['order_id']}").json()
    assert (now["status"], now["block"]) == ("paid", settled["block"])


def test_records_ofTheTerminalAreTold(office: Office, bank: Served, till: TillClient) -> None:
    order = till.order(till.quote())
    ledger = office.desk.ledger
    name = bytes.fromhex(order["order_id"][2:])
    ledger.contract.send(till.signer, "recordOrders", till.address, [name])
    other = till_of(office, bank.url, "till-2")
    ledger.contract.send(other.signer, "recordOrders", other.address, [name])
    till.send(order)
    sequence = int(order["message"]["message"]["sequence"])
    ledger.contract.send(till.signer, "finalize", till.address, sequence, 1)

    path = f"/v1/orders/{order['order_id']}"
    events = Listener.at(bank.url + path + "/events", till.headers("GET", path + "/events"))
    kinds = sorted(one["kind"] for one in events.until("finalized"))

    assert kinds == ["finalized", "received", "recorded", "settled"]
    answer = till.get(path).json()
    assert answer["recorded"] and answer["finalized"] == "completed"
    late = till.post(path + "/refunds", {"refund_id": "r", "kind": "cancel"}).json()
    assert (late["status"], late["reason"]) == ("refused", "NotPaid")


def test_cancel_givesEverythingBack(office: Office, till: TillClient) -> None:
    answer = till.pay(1000)
    path = f"/v1/orders/{answer['order_id']}"

    done = till.post(path + "/refunds", {"refund_id": "r", "kind": "cancel"}).json()

    assert (done["status"], done["points"], done["left"]) == ("refunded", 1000, "0.00")
    assert office.points() == 5000
    assert eventually(lambda: till.get(path).json()["finalized"]) == "cancelled"


def test_refund_thatTheChainTookBackIsDoneAnew(office: Office, till: TillClient) -> None:
    path = f"/v1/orders/{till.pay(1000)['order_id']}/refunds"
    asked = {"refund_id": "r", "cash": "1.00"}
    snapshot = office.chain.request("evm_snapshot")
    first = till.post(path, asked).json()
    office.chain.request("evm_revert", snapshot)
    office.chain.request("evm_mine")

    second = till.post(path, asked).json()

    assert (second["status"], second["replayed"]) == ("refunded", False)
    assert second["block"] > first["block"]
    assert office.points() == 4000 + 149


def test_refund_ofMoreThanIsLeftIsRefused(till: TillClient) -> None:
    path = f"/v1/orders/{till.pay(1000)['order_id']}/refunds"

    refused = till.post(path, {"refund_id": "r-1", "cash": "6.71"}).json()
    whole = till.post(path, {"refund_id": "r-2"}).json()
    other = till.post(path, {"refund_id": "r-2", "cash": "1.00"})

    assert (refused["status"], refused["reason"]) == ("refused", "RefundExceedsOrder")
    assert (whole["status"], whole["cash"], whole["left"]) == ("refunded", "6.70", "0.00")
    assert (other.status_code, other.json()["code"]) == (409, "refund-id-used")


def test_refund_thatFailsKeepsNoOtherUp(
    bank: Served, till: TillClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (till.pay(1000)["order_id"] for _ in range(2))
    really = refunds.refund_order

    def faulty(desk: Any, order_id: str, *asked: Any) -> refunds.Refund:
        if order_id == bad:
            raise RuntimeError
        return really(desk, order_id, *asked)

    def refunded(order_id: str) -> bool:
        asked = {"refund_id": "r", "cash": "1.00"}
        answer = till.post(f"/v1/orders/{order_id}/refunds", asked).json()
        return bool(answer["status"] == "refunded")

    with monkeypatch.context() as broken:
        broken.setattr(refunds, "refund_order", faulty)
        bank.node.refunds.take(replace(Asked.new(bad, "r", "refund", 100), asked_at=0))
        assert refunded(good)

    assert refunded(bad)


@pytest.mark.parametrize("sent", [True, False])
def test_refund_cutShortIsDoneOnceByTheNextNode(
    office: Office, credited: None, monkeypatch: pytest.MonkeyPatch, sent: bool
) -> None:
    really = refunds.refund_order
    ended = threading.Event()

    def ends(*asked: Any) -> None:
        if sent and not ended.is_set():
            really(*asked)
        ended.set()
        raise Unavailable("The process ends here.")

    with served(office.state, RATE) as node, monkeypatch.context() as broken:
        broken.setattr(refunds, "refund_order", ends)
        till = till_of(office, node.url)
        path = f"/v1/orders/{till.pay(1000)['order_id']}/refunds"
        asked = {"refund_id": "r-1", "cash": "3.35", "wait_seconds": 0}
        assert till.post(path, asked).json()["status"] == "received"
        assert ended.wait(SECONDS)
        node.node.dispatcher.stop()  # before it looks again

    with served(office.state, RATE) as node:
        till = till_of(office, node.url)
        eventually(lambda: till.post(path, asked).json()["status"] == "refunded")

    assert (office.events("OrderRefunded"), office.points()) == (1, 4500)


def test_receipt_letsTheTerminalRefundByItself(office: Office, till: TillClient) -> None:
    answer = till.pay(1000)
    told = till.get(f"/v1/orders/{answer['order_id']}/receipt").json()
    receipt = (
        *(bytes.fromhex(told[key][2:]) for key in ("order_id", "account")),
        told["terminal"],
        *(told[key] for key in ("sequence", "rules", "points", "cash")),
        int(told["drawn"], 16),
        told["first_period"],
    )
    proof = [bytes.fromhex(one[2:]) for one in told["proof"]]

    office.desk.ledger.contract.send(till.signer, "cancel", receipt, proof)

    assert office.points() == 5000
