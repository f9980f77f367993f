"""Case files and queries to change one thing in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from counterfoil.tickets.casecrypto import Binding
from counterfoil.tickets.casefile import (
    CaseFile,
    Customer,
    Entry,
    Identity,
    Process,
    Transaction,
)

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
PAN = "6222021234567894"
BINDING = Binding(1337, "0x" + "Ab" * 20, bytes(range(32)))
OPENED = Entry(at="2025-06-01T12:00:00Z", actor="0x" + "01" * 20, action="open", note="Not mine.")
CASE = CaseFile(
    identity=Identity(pan=PAN, customer=Customer(customer_no="C-77", mobile="+86 100 0000 0077")),
    transaction=Transaction(
        amount="CNY:12850", local_datetime="2025-03-04T09:15:00+08:00", serial="RRN:506309123456"
    ),
    process=Process(status="open", handler="0x" + "02" * 20, entries=(OPENED,)),
)
ROW: dict[str, Any] = {
    "channel": "app",
    "channel_ref": "A-1",
    "card_number": "6222 0212 3456 7894",
    "amount": "128.50",
    "currency": "CNY",
    "time": "2025-03-04T09:15:00+08:00",
    "serial": "RRN:506309123456",
    "customer": {"customer_no": "C-77"},
}


def row(**changed: Any) -> dict[str, Any]:
    """A good row with some fields changed; a field set to ``...`` is left out."""
    return {name: value for name, value in (ROW | changed).items() if value is not ...}


def queries_file(folder: Path, *rows: dict[str, Any], name: str = "queries.jsonl") -> Path:
    """A file of these rows."""
    file = folder / name
    lines = "".join(json.dumps(one) + "\n" for one in rows)
    file.write_text(lines, encoding="utf-8")
    return file
