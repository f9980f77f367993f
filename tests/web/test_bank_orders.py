"""Orders through the bank's node, on a real chain."""

from __future__ import annotations

from tests.support.bank_node import Listener, Served, TillClient, eventually
from tests.support.points_office import Office


def test_orders_areSettledAndAnswered(office: Office, till: TillClient) -> None:
    answer = till.pay(1000)

    assert answer["status"] == "paid", answer
    assert (answer["points"], answer["cash"], answer["currency"]) == (1000, "6.70", "CNY")
    assert answer["final"] and not answer["replayed"] and answer["reason"] is None
    assert answer["transaction"].startswith("0x") and answer["block"]
    assert office.points() == 4000


def test_order_repeatedGetsItsFirstAnswer(office: Office, till: TillClient) -> None:
    order = till.order(till.quote())
    first = till.send(order)[0]

    again = till.send(order)[0]

    assert again == {**first, "replayed": True}
    assert office.points() == 4500


def test_order_isToldAsItHappens(till: TillClient, office: Office) -> None:
    answer = till.pay()
    path = f"/v1/orders/{answer['order_id']}/events"
    events = Listener.at(till.url + path, till.headers("GET", path)).until("settled")

    assert [event["kind"] for event in events] == ["received", "settled"]
    settled = events[-1]
    assert (settled["status"], settled["points"], settled["cash"]) == ("paid", 500, "3.35")
    assert (settled["block"], settled["transaction"]) == (answer["block"], answer["transaction"])
    assert sum(lot["points"] for lot in settled["lots"]) == 500


def test_order_rejectedByTheLedgerSaysWhy(till: TillClient) -> None:
    answer = till.pay(400)

    assert (answer["status"], answer["reason"]) == ("rejected", "points-minimum")
    assert answer["block"]


def test_quote_saysWhatCanBePaid(till: TillClient) -> None:
    basket = [{"item": "hamper", "quantity": 2, "unit_price": "50.00"}]

    quote = till.quote(basket=basket)

    assert quote["balance"]["points"] == 5000
    assert quote["basket"]["payable"] == ["90.00"]
    assert (quote["basket"]["points"], quote["basket"]["limit"]) == (5000, "insufficient-points")
    by_item = {item["item"]: item for item in quote["items"]}
    assert by_item["gift-card"]["reason"] == "item-cap"
    assert by_item["espresso"]["reason"] == "item-cap"  # it costs less than the smallest order
    assert by_item["hamper"]["redeemable"] is True


def test_refund_givesBackOnce(office: Office, till: TillClient) -> None:
    answer = till.pay(1000)
    path = f"/v1/orders/{answer['order_id']}/refunds"
    asked = {"refund_id": "r-1", "cash": "3.35"}

    first, again = (till.post(path, asked).json() for _ in range(2))

    assert (first["status"], first["points"], first["left"]) == ("refunded", 500, "3.35"), first
    assert again == {**first, "replayed": True}
    assert office.points() == 4500


def test_orders_postedTogetherAreAnsweredInTheirOrder(
    office: Office, bank: Served, till: TillClient
) -> None:
    orders = [till.order(till.quote(), points) for points in (500, 400, 600, 700)]

    answers = till.send(*orders, orders[0])

    assert [one["reason"] for one in answers] == [None, "points-minimum", None, None, None]
    assert [one["replayed"] for one in answers] == [False] * 4 + [True]
    assert [one["order_ref"] for one in answers[:4]] == [one["order_ref"] for one in orders]
    assert office.points() == 5000 - 500 - 600 - 700
    eventually(lambda: not any(bank.node.orders.counts().values()))


def test_order_withAQuoteThatNoDatabaseCanKeepIsInvalid(till: TillClient) -> None:
    order = till.order(till.quote())

    answers = till.send({**order, "quote_id": "q_\0"}, {**order, "order_ref": "a\0b"})

    assert [one["reason"] for one in answers] == ["quote-unknown", "bad-row"]
    assert till.send(order)[0]["status"] == "paid"
