"""What a bank's node answers when it says no (RFC 9457)."""

from __future__ import annotations

from typing import Any

import requests


def problem(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document, which is what it should be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (told["code"], told["status"]) == (code, status)
    assert told["type"].endswith(code) and told["title"] and told["detail"]
    assert told["request_id"] == answer.headers["x-request-id"]
    return told
