"""Calls over a line that servers close, keep waiting, or answer nonsense on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from counterfoil import node as module
from counterfoil.errors import Unavailable
from counterfoil.node import Node, NodeError


@dataclass
class Told:
    """What a server was told, and how it answers."""

    answer: bytes = b'{"jsonrpc": "2.0", "id": 0, "result": "0x7"}'
    before: list[bytes] = field(default_factory=list)
    seconds: float = 0
    hangs_up: bool = False
    hung_up: threading.Event = field(default_factory=threading.Event)
    lines: set[object] = field(default_factory=set)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def server(told: Told) -> Iterator[str]:
    """A server, and ``host:port``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            told.lines.add(self.client_address)
            told.headers.append(dict(self.headers.items()))
            told.paths.append(self.path)
            ended.wait(told.seconds)
            answer = told.before.pop(0) if told.before else told.answer
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            self.close_connection = told.hangs_up  # without a word

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            told.hung_up.set()

    ended = threading.Event()
    with Server(("127.0.0.1", 0), Handler) as found:
        found.daemon_threads = True
        threading.Thread(target=found.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{found.server_port}"
        finally:
            ended.set()
            found.shutdown()


def test_calls_ofAThreadShareALine() -> None:
    told = Told()
    with server(told) as place:
        node = Node(f"http://{place}", 30)
        assert [node.call("eth_blockNumber") for _ in range(3)] == ["0x7"] * 3
    assert len(told.lines) == 1


LACKING = b'{"jsonrpc": "2.0", "id": 0, "error": {"code": -32000, "message": "header not found"}}'


def test_call_isAskedAgainWhileItsBlockIsNotWrittenDown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 30)
    told = Told(before=[LACKING, LACKING])
    with server(told) as place:
        assert Node(f"http://{place}", 30).call("eth_getBlockByNumber", "latest", False) == "0x7"
    assert len(told.paths) == 3


def test_batch_isAskedAgainWhileABlockOfItIsNotWrittenDown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 30)
    told = Told(b"[" + Told.answer + b"]", before=[b"[" + LACKING + b"]"])
    with server(told) as place:
        node = Node(f"http://{place}", 30)
        assert node.batch([("eth_getStorageAt", ["0x0", "0x0", "latest"])]) == ["0x7"]
    assert len(told.paths) == 2


@pytest.mark.parametrize("method", ["eth_sendRawTransaction", "eth_sendTransaction"])
def test_call_isMadeOnceIfItSends(method: str) -> None:
    told = Told(LACKING)
    with server(told) as place, pytest.raises(NodeError, match="header not found"):
        Node(f"http://{place}", 30).call(method, "0x")
    assert len(told.paths) == 1


def test_call_isGivenUpIfItsBlockNeverComes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    with server(Told(LACKING)) as place, pytest.raises(NodeError, match="header not found"):
        Node(f"http://{place}", 30).call("eth_getBlockByNumber", "latest", False)


def test_call_isNeverLostOnALineThatWasClosed() -> None:
    told = Told(hangs_up=True)
    with server(told) as place:
        node = Node(f"http://{place}", 30)
        for _ in range(20):
            assert node.call("eth_blockNumber") == "0x7"
            assert told.hung_up.wait(30)
            told.hung_up.clear()
    assert len(told.lines) == 20


def test_call_toASlowNodeSaysSo() -> None:
    with server(Told(seconds=30)) as place, pytest.raises(Unavailable, match=r"took over 0\.2 s"):
        Node(f"http://{place}", 0.2).call("eth_blockNumber")


def test_call_afterASlowOneGetsItsOwnAnswer() -> None:
    told = Told(seconds=0.5)
    with server(told) as place:
        node = Node(f"http://{place}", 0.1)
        with pytest.raises(Unavailable):
            node.call("eth_blockNumber")
        told.seconds, told.answer = 0, json.dumps({"id": 0, "result": "0x8"}).encode()
        assert node.call("eth_blockNumber") == "0x8"


def test_call_bringsCredentialsAndQuery() -> None:
    told = Told()
    with server(told) as place:
        Node(f"http://me:a%20word@{place}/v3?key=1", 30).call("eth_blockNumber")
    assert told.paths == ["/v3?key=1"]
    assert told.headers[0]["Authorization"] == "Basic bWU6YSB3b3Jk"


@pytest.mark.parametrize("url", ["nowhere", "ftp://127.0.0.1", "http://127.0.0.1:99999", "http://"])
def test_call_toNoNodeIsUnavailable(url: str) -> None:
    with pytest.raises(Unavailable, match="No Ethereum node answers"):
        Node(url, 1).call("eth_blockNumber")


def test_call_toSomethingElseIsUnavailable() -> None:
    with (
        server(Told(b"<html>")) as place,
        pytest.raises(Unavailable, match="No Ethereum node answers"),
    ):
        Node(f"http://{place}", 30).call("eth_blockNumber")


def test_call_thatTheNodeRefusesSaysWhy() -> None:
    said = {"id": 0, "error": {"code": 3, "message": "execution reverted", "data": "0x08c379a0"}}
    with server(Told(json.dumps(said).encode())) as place, pytest.raises(NodeError) as error:
        Node(f"http://{place}", 30).call("eth_call")
    assert error.value.said == "execution reverted"
    assert "0x08c379a0" in error.value.whole
