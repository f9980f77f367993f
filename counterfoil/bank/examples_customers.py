"""Examples for the OpenAPI description: what a bank's channel, a customer and anybody get."""

from __future__ import annotations

from typing import Any

from counterfoil.bank.examples import ACCOUNT, TILL
from counterfoil.bank.examples_tills import (
    ANSWER,
    CHAIN_ID,
    EVENT,
    EVENTS,
    LEDGER,
    ORDER_ID,
    REFUNDED,
    SETTLED_IN,
    WAITING_ID,
    held,
)

_TOKEN = "C" * 32
_HAMPERS = {"item": "hamper", "quantity": 2, "unit_price": "50.00"}
_EVENT: dict[str, Any] = dict.fromkeys(
    (*EVENT, "reason", "detail", "reverted")  # a stream leaves out what is null; this doesn't
)
CUSTOMER = {"account": ACCOUNT, "confirm_above": "10.00", "currency": "CNY"}
STATEMENT: dict[str, Any] = {
    "account": ACCOUNT,
    "movements": [
        {
            "at": "2026-03-01T08:00:00Z",
            "movement": "issued",
            "points": 5000,
            "balance": 5000,
            "cash": None,
            "currency": "CNY",
            "reference": "R-1",
            "block": 202,
            "transaction": "0x" + "4d" * 32,
        },
        {
            "at": "2026-03-04T01:15:00Z",
            "movement": "paid",
            "points": -1200,
            "balance": 3800,
            "cash": "8.04",
            "currency": "CNY",
            "reference": "till-1-2031",
            "block": 417,
            "transaction": SETTLED_IN,
        },
        {
            "at": "2026-03-04T02:40:00Z",
            "movement": "refunded",
            "points": 179,
            "balance": 3979,
            "cash": "1.20",
            "currency": "CNY",
            "reference": "till-1-2031",
            "block": REFUNDED["block"],
            "transaction": REFUNDED["transaction"],
        },
    ],
}
CATALOGUE: dict[str, Any] = {
    "terminal": "till-1",
    "terminal_address": TILL,
    "enabled": True,
    "catalogue": "cafe",
    "currency": "CNY",
    "items": [
        {"item": "espresso", "number": 1, "cap": "3.00"},
        {"item": "hamper", "number": 2, "cap": "45.00"},
    ],
}
CONFIRMATION: dict[str, Any] = {
    "state": "waiting",
    "bank": "harbour",
    "terminal": "till-1",
    "order_id": WAITING_ID,
    "order_ref": "till-1-2032",
    "points": 1800,
    "cash": "12.06",
    "currency": "CNY",
    "lines": [{**_HAMPERS, "cash": "12.06"}],
    "asked_at": "2026-03-04T01:15:00Z",
    "expires_at": "2026-03-04T01:20:00Z",
}
CONFIRMATIONS: dict[str, Any] = {
    "confirmations": [
        {
            "token": _TOKEN,
            "link": f"https://points.example/c/{_TOKEN}",
            "account": ACCOUNT,
            "order_id": WAITING_ID,
            "terminal": "till-1",
            "cash": "12.06",
            "currency": "CNY",
            "expires_at": "2026-03-04T01:20:00Z",
        }
    ]
}
STATUS: dict[str, Any] = {
    "bank": "harbour",
    "terminal": "till-1",
    "order": {**ANSWER, "replayed": True},
    "lines": [{**_HAMPERS, "cash": "8.04"}],
    "events": [_EVENT | event for event in EVENTS],
    "drawn": EVENT["lots"],
    "balance": held(800, 3000),
    "confirmation": None,
    "chain": {
        "chain_id": CHAIN_ID,
        "ledger": LEDGER,
        "order_id": ORDER_ID,
        "account": ACCOUNT,
        "terminal": TILL,
    },
    "expires_at": "2026-03-11T01:15:00Z",
}
ALARMS: dict[str, Any] = {
    "alarms": [
        {
            "terminal": "till-1",
            "kind": "accounts",
            "count": 61,
            "limit": 60,
            "at": "2026-03-04T01:15:00Z",
        }
    ]
}
LISTENING = {"listening": True}
READY = {"chain": True, "database": True, "sending": True}
AWAY = {"chain": False, "database": True, "sending": True}
METRICS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/plain": {
                "example": "# HELP counterfoil_quotes_total Quotes given.\n"
                "# TYPE counterfoil_quotes_total counter\n"
                "counterfoil_quotes_total 3.0\n"
            }
        }
    }
}
