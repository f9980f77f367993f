"""The published JSON Schema is that of the models, and says yes and no where they do."""

from __future__ import annotations

import copy
import json
from typing import Any

from counterfoil.errors import Tampered
from counterfoil.tickets.casefile import from_bytes, to_bytes
from tests.support.case_schema import FILE, document
from tests.support.cases import CASE
from tests.support.node_script import answer


def _changed(path: str, value: Any) -> dict[str, Any]:
    """The case with one field another; ``...`` leaves it out."""
    whole: dict[str, Any] = json.loads(to_bytes(CASE))
    *way, last = path.split(".")
    place = whole
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return whole


def _is_read(case: dict[str, Any]) -> bool:
    try:
        from_bytes(json.dumps(case).encode())
    except Tampered:
        return False
    return True


def test_schema_isThatOfTheModels() -> None:
    assert FILE.read_text(encoding="utf-8") == document(), (
        "write it anew: python -m tests.support.case_schema"
    )


def test_schema_takesAndRefusesWhatTheModelsDo() -> None:
    attachment = {"id": "ab" * 16, "name": "slip", "size": 6, "blocks": ["0x" + "cd" * 32]}
    asked = {"channel": "app", "channel_ref": "A-1", "at": "2025-06-01T12:00:00Z"}
    cases = [
        json.loads(to_bytes(CASE)),
        _changed("schema", "case/1"),
        _changed("previous", "0x" + "ab" * 32),
        _changed("attachments", [attachment]),
        _changed("channels", [asked]),
        _changed("process.priority", "urgent"),
        _changed("attachments", [attachment | {"type": "image/png"}]),
        _changed("schema", "case/2"),
        _changed("identity", ...),
        _changed("identity.customer", {}),
        _changed("identity.pan", "6222"),
        _changed("identity.pan", 6222021234567894),
        _changed("identity.colour", "red"),
        _changed("process.status", "lost"),
        _changed("process.priority", "soon"),
        _changed("previous", "0xAB"),
        _changed("previous", "ab" * 32),
        _changed("attachments", [attachment | {"size": -1}]),
        _changed("attachments", [attachment | {"blocks": ["x"]}]),
        _changed("attachments", [attachment | {"type": "a picture"}]),
        _changed("channels", [asked | {"channel": "two words"}]),
        _changed("channels", [asked | {"at": "yesterday"}]),
        _changed("transaction.merchant_category_code", "58"),
        _changed("transaction.address", "x" * 201),
    ]
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    said = answer("validate", {"schema": schema, "documents": copy.deepcopy(cases)})

    assert said == [_is_read(case) for case in cases]
    assert said == [True] * 7 + [False] * (len(cases) - 7)
