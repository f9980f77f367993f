"""Examples for the OpenAPI description: an error of each code."""

from __future__ import annotations

from typing import Any

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    413: "Request Entity Too Large",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def _problem(status: int, code: str, detail: str, fix: str = "", field: str = "") -> dict[str, Any]:
    return {
        "type": f"urn:counterfoil:problem:{code}",
        "title": _TITLES[status],
        "status": status,
        "detail": detail,
        "code": code,
        "field": field or None,
        "fix": fix or None,
        "request_id": "5f0c7d1e9a2b4c68",
    }


PROBLEMS: dict[str, dict[str, Any]] = {
    one["code"]: one
    for one in (
        _problem(400, "bad-request", "The request can't be read."),
        _problem(
            401,
            "not-authenticated",
            "The request isn't signed by a terminal.",
            "See /openapi.json for how to sign.",
        ),
        _problem(403, "not-allowed", "A terminal asks for quotes of its own only."),
        _problem(404, "not-found", "There is no such order for you."),
        _problem(405, "method-not-allowed", "Method Not Allowed"),
        _problem(408, "too-slow", "The body took over 10 s."),
        _problem(409, "confirmation-ended", "The order is declined already."),
        _problem(409, "paused", "The bank has stopped payments with points for now."),
        _problem(409, "not-paid", "the order was not paid here", "Check the order_id."),
        _problem(
            409,
            "refund-id-used",
            "this refund_id was used for another refund",
            "Take anew.",
        ),
        _problem(410, "link-ended", "This link has ended.", "Ask the bank."),
        _problem(413, "too-large", "The body is over 4194304 bytes.", "Split it."),
        _problem(
            422,
            "bad-input",
            "String should match pattern '^0x[0-9a-f]{64}$'",
            "See /openapi.json for what this route takes.",
            "order_id",
        ),
        _problem(429, "too-many", "Too many requests.", "Wait a second, then go on slower."),
        _problem(431, "head-too-large", "The request's head is over 65536 bytes."),
        _problem(500, "internal", "An internal error.", "See the node's log."),
        _problem(
            503,
            "unavailable",
            "A part that this needs doesn't answer.",
            "Send the same again later.",
        ),
    )
}
