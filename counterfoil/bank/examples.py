"""Examples for the OpenAPI description: what a terminal and a bank's channel really send, and what
they get."""

from __future__ import annotations

from typing import Any

_ACCOUNT = "0x" + "3c" * 32
_TILL = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"


def _body(example: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"example": example}}}}


QUOTE = _body(
    {
        "customer_id": "C-1",
        "terminal": "till-1",
        "basket": [{"item": "hamper", "quantity": 2, "unit_price": "50.00"}],
    }
)
ORDERS = _body(
    {
        "orders": [
            {
                "order_ref": "till-1-2031",
                "quote_id": "q_Zm9yIG9uZSBvcmRlciBvbmx5",
                "message": {
                    "message": {
                        "account": _ACCOUNT,
                        "terminal": _TILL,
                        "sequence": 2031,
                        "rules": 1,
                        "points": 1200,
                        "deadline": 1790000000,
                        "lines": [{"item": 2, "quantity": 2, "price": 5000, "cash": 804}],
                    }
                },
                "signature": "0x" + "1b" * 65,
            }
        ],
        "wait_seconds": 10,
    }
)
REFUND = _body({"refund_id": "till-1-2031-r1", "kind": "refund", "cash": "1.20"})
CUSTOMER = _body({"customer_id": "C-1"})
CONSENT = _body({"confirm_above": "20.00"})
DECISION = _body({"decision": "confirm"})


PROBLEM: dict[str, Any] = {
    "type": "urn:counterfoil:problem:too-many",
    "title": "Too Many Requests",
    "status": 429,
    "detail": "Too many requests.",
    "code": "too-many",
    "fix": "Wait a second, then go on slower.",
    "request_id": "5f0c7d1e9a2b4c68",
}
_ORDER_ID = "0x" + "5e" * 32
_TOKEN = "A" * 32
ANSWER: dict[str, Any] = {
    "order_ref": "till-1-2031",
    "order_id": _ORDER_ID,
    "status": "paid",
    "reason": None,
    "detail": "Paid.",
    "points": 1200,
    "cash": "8.04",
    "currency": "CNY",
    "rules_version": 1,
    "transaction": "0x" + "7a" * 32,
    "block": 417,
    "replayed": False,
    "final": True,
    "events": f"/v1/orders/{_ORDER_ID}/events",
    "status_token": _TOKEN,
    "status_url": f"https://points.example/s/{_TOKEN}",
    "recorded": True,
    "finalized": None,
    "refunded": "0.00",
}
WITHDRAWN: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/json": {
                "example": {
                    **ANSWER,
                    "status": "withdrawn",
                    "reason": "confirmation-withdrawn",
                    "detail": "The terminal called the order off before its customer had answered.",
                    "transaction": None,
                    "block": None,
                }
            }
        }
    }
}
EVENT: dict[str, Any] = {
    "number": 9041,
    "order_id": _ORDER_ID,
    "kind": "settled",
    "at": "2026-03-04T01:15:00Z",
    "status": "paid",
    "points": 1200,
    "cash": "8.04",
    "lots": [{"points": 1200, "expires_on": "2027-06-30"}],
    "block": 417,
    "transaction": "0x" + "7a" * 32,
}
REFUNDED: dict[str, Any] = {
    "order_id": _ORDER_ID,
    "refund_id": "till-1-2031-r1",
    "kind": "refund",
    "status": "refunded",
    "reason": None,
    "detail": "Given back.",
    "cash": "1.20",
    "points": 179,
    "left": "6.84",
    "currency": "CNY",
    "transaction": "0x" + "9b" * 32,
    "block": 431,
    "replayed": False,
}
