"""Examples for the OpenAPI description: what a terminal gets."""

from __future__ import annotations

import json
from typing import Any

from counterfoil.bank.examples import ACCOUNT, TILL

ORDER_ID = "0x" + "5e" * 32
WAITING_ID = "0x" + "6d" * 32
LEDGER = "0x3A8879D9e0FbFcC42cC8f7acfCfdB71a385B7C82"
CHAIN_ID = 31337
TOKEN = "A" * 32
SETTLED_IN = "0x" + "7a" * 32
_RECORDED_IN = "0x" + "8c" * 32
_EXPIRES = "2026-08-14"


def held(*lots: int) -> dict[str, Any]:
    """A balance of two lots at most."""
    days = (_EXPIRES, "2027-08-15")
    return {
        "account": ACCOUNT,
        "points": sum(lots),
        "worth": f"{sum(lots) * 67 // 100 / 100:.2f}",
        "currency": "CNY",
        "lots": [{"points": n, "expires_on": day} for n, day in zip(lots, days, strict=True)],
        "frozen": False,
    }


def answered(example: object) -> dict[str, Any]:
    """A JSON answer that is like this."""
    return {"content": {"application/json": {"example": example}}}


BALANCE = held(2000, 3000)
RULES: dict[str, Any] = {
    "version": 1,
    "live": True,
    "live_until": None,
    "currency": "CNY",
    "points": 100,
    "minor_units": 67,
    "minimum_points": 500,
    "increment": 100,
    "max_order": "200.00",
    "max_account_day": "500.00",
    "max_terminal_day": "20000.00",
    "sunset_seconds": 3600,
    "refund_days": 180,
    "restored": "grace:30",
}
_NOTHING = {
    "redeemable": False,
    "points": 0,
    "cash": "0.00",
    "reason": "item-cap",
    "detail": "A line pays more with points than its item allows.",
}
_ALL = {"redeemable": True, "points": 5000, "cash": "33.50", "reason": None, "detail": None}
QUOTED: dict[str, Any] = {
    "quote_id": "q_Zm9yIG9uZSBvcmRlciBvbmx5",
    "expires_at": "2026-03-04T01:19:55Z",
    "bank": "harbour",
    "chain_id": CHAIN_ID,
    "ledger": LEDGER,
    "terminal": "till-1",
    "terminal_address": TILL,
    "account": ACCOUNT,
    "currency": "CNY",
    "balance": BALANCE,
    "rules": RULES,
    "items": [
        {"item": "espresso", "number": 1, "cap": "3.00", **_NOTHING},
        {"item": "hamper", "number": 2, "cap": "45.00", **_ALL},
    ],
    "basket": {
        **_ALL,
        "minimum_points": 500,
        "payable": ["90.00"],
        "limit": "insufficient-points",
    },
    "confirm_above": "10.00",
}
ANSWER: dict[str, Any] = {
    "order_ref": "till-1-2031",
    "order_id": ORDER_ID,
    "status": "paid",
    "reason": None,
    "detail": "Paid.",
    "points": 1200,
    "cash": "8.04",
    "currency": "CNY",
    "rules_version": 1,
    "transaction": SETTLED_IN,
    "block": 417,
    "replayed": False,
    "final": True,
    "events": f"/v1/orders/{ORDER_ID}/events",
    "status_token": TOKEN,
    "status_url": f"https://points.example/s/{TOKEN}",
    "confirm_until": None,
    "recorded": True,
    "finalized": None,
    "refunded": "0.00",
}
_WAITING: dict[str, Any] = {
    **ANSWER,
    "order_ref": "till-1-2032",
    "order_id": WAITING_ID,
    "status": "waiting",
    "detail": "The order waits until its customer confirms it.",
    "points": 1800,
    "cash": "12.06",
    "transaction": None,
    "block": None,
    "final": False,
    "events": f"/v1/orders/{WAITING_ID}/events",
    "status_token": "B" * 32,
    "status_url": "https://points.example/s/" + "B" * 32,
    "confirm_until": "2026-03-04T01:20:00Z",
}
_WITHDRAWN: dict[str, Any] = {
    **_WAITING,
    "status": "withdrawn",
    "reason": "confirmation-withdrawn",
    "detail": "The terminal called the order off before its customer had answered.",
    "final": True,
    "replayed": True,
    "confirm_until": None,
}
ANSWERS = {"orders": [ANSWER]}
ORDERS_WAIT = answered({"orders": [_WAITING]})
WITHDRAWN: dict[int | str, dict[str, Any]] = {200: answered(_WITHDRAWN)}
RECEIPT: dict[str, Any] = {
    "order_id": ORDER_ID,
    "account": ACCOUNT,
    "terminal": TILL,
    "sequence": 2031,
    "rules": 1,
    "points": 1200,
    "cash": 804,
    "drawn": hex(1200),
    "first_period": 107,
    "proof": ["0x" + "a1" * 32, "0x" + "b2" * 32],
    "lots": [{"points": 1200, "expires_on": _EXPIRES}],
}
REFUNDED: dict[str, Any] = {
    "order_id": ORDER_ID,
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
REFUND_WAITS = answered(
    {
        **REFUNDED,
        "status": "received",
        "detail": "The bank has the refund.",
        **dict.fromkeys(("points", "left", "transaction", "block")),
    }
)
_HAPPENED: dict[str, Any] = {"order_id": ORDER_ID, "at": "2026-03-04T01:15:00Z"}
EVENT: dict[str, Any] = {
    "number": 9041,
    **_HAPPENED,
    "kind": "settled",
    "status": "paid",
    "points": 1200,
    "cash": "8.04",
    "lots": [{"points": 1200, "expires_on": _EXPIRES}],
    "block": 417,
    "transaction": SETTLED_IN,
}
EVENTS: list[dict[str, Any]] = [
    {"number": 9039, **_HAPPENED, "kind": "received", "detail": "The bank has the order."},
    {
        "number": 9040,
        **_HAPPENED,
        "kind": "recorded",
        "block": 416,
        "transaction": _RECORDED_IN,
    },
    EVENT,
]


def _sent(event: dict[str, Any]) -> str:
    data = json.dumps(event, separators=(",", ":"))
    return f"id: {event['number']}\nevent: {event['kind']}\ndata: {data}\n\n"


STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `data` is an OrderEvent without what is null.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": "retry: 1000\n\n" + "".join(map(_sent, EVENTS)),
            }
        },
    }
}
