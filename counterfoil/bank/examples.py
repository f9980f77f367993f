"""Examples for the OpenAPI description: what a terminal, a bank's channel and a customer send.

They tell one story with those of what comes back (:mod:`.examples_tills`,
:mod:`.examples_customers`): C-1 holds 5,000 points and is asked above 10.00. Order 2031 pays 8.04
of two hampers and is paid; order 2032 would pay 12.06 and waits.
"""

from __future__ import annotations

from typing import Any

ACCOUNT = "0x" + "3c" * 32
TILL = "0x95B08567Fe848e74B810fB71f70ce9b9a7b04588"


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
                        "account": ACCOUNT,
                        "terminal": TILL,
                        "sequence": 2031,
                        "rules": 1,
                        "points": 1200,
                        "deadline": 1772587500,
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
CONSENT = _body({"confirm_above": "10.00"})
DECISION = _body({"decision": "confirm"})
LAST_EVENT: dict[str, Any] = {
    "parameters": [
        {
            "name": "Last-Event-ID",
            "in": "header",
            "required": False,
            "description": "The `id` of the last event that was heard: what came after it is told.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,18}$", "examples": ["9040"]},
        }
    ]
}
