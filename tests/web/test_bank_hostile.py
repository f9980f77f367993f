"""What strangers, tills and careless operators send that nobody should: each gets a problem
document with a request id, and a line of the log has the same."""

from __future__ import annotations

import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from counterfoil.web.punctual import MAX_HEAD
from tests.support.bank_node import (
    RATE,
    SECONDS,
    Served,
    TillClient,
    channel_key,
    served,
)
from tests.support.points_office import Office
from tests.support.problems import problem
from tests.web.conftest import till_of

JSON = "application/json"
OTHER_JSON = "application/vnd.other+json"  # goes another way through the node than JSON does
GET = b"GET /v1/rules/1 HTTP/1.1\r\nhost: x\r\n"
POST = b"POST /v1/quotes HTTP/1.1\r\nhost: x\r\n"


def said(url: str, data: bytes) -> requests.Response:
    """The one answer to these bytes, after which the node hangs up."""
    place, came = urlsplit(url), b""
    with socket.create_connection((place.hostname, place.port), SECONDS) as line:
        line.sendall(data)
        while piece := line.recv(65536):
            came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    answer = requests.Response()
    answer.status_code = int(status.split()[1])
    answer._content = body  # the library makes answers out of its own connections only
    answer.headers.update(field.split(": ", 1) for field in fields)
    return answer


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"HELLO\r\n\r\n", 400, "bad-request"),
        (b"GET /v1/\xff HTTP/1.1\r\nhost: x\r\n\r\n", 400, "bad-request"),
        (b"GET /v1/rules/1?\xff HTTP/1.1\r\nhost: x\r\n\r\n", 400, "bad-request"),
        (POST + b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd", 400, "bad-request"),
        (POST + b"content-length: -3\r\n\r\n", 400, "bad-request"),
        (POST + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0", 400, "bad-request"),
        (POST + b"transfer-encoding: chunked\r\n\r\nzz\r\n", 400, "bad-request"),
        (GET + b"x-long: " + b"x" * (MAX_HEAD + 1), 431, "head-too-large"),
    ],
)
def test_request_thatIsNoneIsAnsweredWithAProblem(
    bank: Served, data: bytes, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "counterfoil.bank")

    told = problem(said(bank.url, data), status, code)

    lines = [json.loads(record.getMessage()) for record in caplog.records if is_ours(record)]
    assert [line["status"] for line in lines if line["request_id"] == told["request_id"]] == [
        status
    ]


def test_head_thatNeverEndsIsAnsweredWithAProblem(office: Office, credited: None) -> None:
    with served(office.state, replace(RATE, head_seconds=0.3)) as node:
        problem(said(node.url, POST + b"x-slow: "), 408, "too-slow")


def test_upgrade_toAWebSocketIsARequestLikeOthers(bank: Served) -> None:
    asked = POST + b"connection: upgrade, close\r\nupgrade: websocket\r\n"
    asked += b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    problem(said(bank.url, asked.replace(b"POST", b"GET")), 405, "method-not-allowed")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/v1/rules/1/", 404, "not-found"),  # what was signed was another path
        ("GET", "/static/../../../etc/passwd", 404, "not-found"),
        ("GET", "/static/%2e%2e/%2e%2e/pyproject.toml", 404, "not-found"),
        ("PUT", "/v1/quotes", 405, "method-not-allowed"),
        ("GET", "/v1/rules/" + "9" * 5000, 422, "bad-input"),
        ("GET", "/v1/status/" + "A" * 32, 404, "not-found"),
        ("GET", "/v1/confirmations/" + "A" * 32, 404, "not-found"),
        ("GET", "/v1/status/%00", 422, "bad-input"),
    ],
)
def test_path_thatLeadsNowhereIsAnsweredWithAProblem(
    bank: Served, method: str, path: str, status: int, code: str
) -> None:
    asked = requests.Request(method, bank.url).prepare()
    asked.url = bank.url + path  # as it is, with its dots
    with requests.Session() as session:
        problem(session.send(asked, timeout=SECONDS, allow_redirects=False), status, code)


BODIES: dict[str, tuple[bytes, int]] = {
    "no JSON": (b"{", 422),
    "nothing": (b"", 422),
    "no object": (b"[]", 422),
    "no UTF-8": (b'{"customer_id": "\xff"}', 422),
    "half a surrogate": (b'{"customer_id": "\\ud800", "terminal": "till-1"}', 422),
    "nested deeply": (b'{"customer_id":' + b"[" * 100_000, 422),
    "a number of many digits": (b'{"customer_id":' + b"9" * 5000 + b"}", 422),
    "not a number": (b'{"customer_id": NaN}', 422),
    "a long key": (b'{"' + b"C-1" * 100_000 + b'": 1}', 422),
}


@pytest.mark.parametrize("kind", [JSON, OTHER_JSON])
@pytest.mark.parametrize("name", BODIES)
def test_body_thatCannotBeReadIsAnsweredWithAProblem(
    till: TillClient, name: str, kind: str
) -> None:
    body, status = BODIES[name]
    headers = till.headers("POST", "/v1/quotes", body) | {"content-type": kind}

    answer = requests.post(till.url + "/v1/quotes", body, headers=headers, timeout=SECONDS)

    told = answer.json()
    problem(answer, 400 if told["code"] == "bad-request" else status, told["code"])
    assert len(answer.content) < 1000


@pytest.mark.parametrize(
    ("field", "value"),
    [("points", "9" * 50), ("points", "NaN"), ("points", "5e2"), ("points", '"\\ud83d\\ude00"')],
)
def test_order_ofNumbersThatAreNoneIsInvalid(till: TillClient, field: str, value: str) -> None:
    order = till.order(till.quote())
    raw = json.dumps({"orders": [order]}).replace(f'"{field}": 500', f'"{field}": {value}').encode()
    headers = till.headers("POST", "/v1/orders", raw) | {"content-type": JSON}

    answer = requests.post(till.url + "/v1/orders", raw, headers=headers, timeout=SECONDS)

    assert [one["reason"] for one in answer.json()["orders"]] == ["bad-row"]
    assert till.send(order)[0]["status"] == "paid"  # nothing of it was used up


def test_key_thatCameTwiceCountsAsItCameLast(till: TillClient) -> None:
    raw = b'{"customer_id": "C-9", "customer_id": "C-1", "terminal": "till-1"}'
    accounts = set()
    for kind in (JSON, OTHER_JSON):
        headers = till.headers("POST", "/v1/quotes", raw) | {"content-type": kind}
        answer = requests.post(till.url + "/v1/quotes", raw, headers=headers, timeout=SECONDS)
        accounts.add(answer.json()["account"])
    assert accounts == {till.quote("C-1")["account"]}


def test_headers_thatCameTwiceCountAsTheyCameFirst(office: Office, bank: Served) -> None:
    key = channel_key(office.state).encode()
    first = b"authorization: Bearer x\r\nauthorization: Bearer " + key
    asked = b"GET /v1/alarms HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + first + b"\r\n\r\n"
    problem(said(bank.url, asked), 401, "not-authenticated")


@pytest.mark.parametrize("last", ["-1", "1e3", "9" * 19, "9" * 5000, "0x1", "1, 2", "\u0661"])
def test_lastEventId_thatIsNoneBeginsAtTheBeginning(till: TillClient, last: str) -> None:
    where = f"{till.url}/v1/status/{till.pay()['status_token']}/events"
    headers = {"last-event-id": last.encode()}
    with requests.get(where, headers=headers, stream=True, timeout=SECONDS) as stream:  # type: ignore[arg-type]  # bytes are taken too
        told = next(line for line in stream.iter_lines(chunk_size=1) if line.startswith(b"event"))
    assert told == b"event: received"


def test_quote_ofAnotherTerminalIsNoGood(office: Office, bank: Served, till: TillClient) -> None:
    other = till_of(office, bank.url, "till-2")
    stolen = {**other.quote(), "terminal_address": till.address}

    answer = till.send(till.order(stolen))[0]

    assert (answer["status"], answer["reason"]) == ("invalid", "quote-mismatch")
    assert office.points() == 5000


def test_quote_isAnsweredOnceHoweverManyNodesAreAsked(office: Office, credited: None) -> None:
    with ExitStack() as stack:
        nodes = [stack.enter_context(served(office.state)) for _ in range(2)]
        tills = [till_of(office, node.url) for node in nodes]
        for _ in range(5):
            quote = tills[0].quote()
            orders = [till.order(quote) for till in tills * 2]
            with ThreadPoolExecutor(4) as crowd:
                answers = list(crowd.map(_sent, tills * 2, orders))
            assert sorted(str(one["reason"]) for one in answers) == ["None"] + ["quote-used"] * 3
    assert office.points() == 2500


def _sent(till: TillClient, order: dict[str, Any]) -> dict[str, Any]:
    return replace(till, session=requests.Session()).send(order)[0]


def is_ours(record: logging.LogRecord) -> bool:
    """Whether a line is of the node itself."""
    return record.name == "counterfoil.bank"
