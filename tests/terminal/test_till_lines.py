"""What a till says of its lines: one thing that is wrong is said once, of whose it is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from counterfoil.errors import Unavailable
from counterfoil.keys import Signer
from counterfoil.points.orders import Domain
from counterfoil.terminal.bank_client import BankClient
from counterfoil.terminal.pulse import Lines

SIGNER = Signer.generate()


@pytest.mark.parametrize(
    ("missing", "chain", "bank"),
    [
        (set(), True, True),
        (set(), False, True),
        ({"chain"}, False, True),
        ({"chain", "database"}, False, False),
        ({"database"}, True, False),
        ({"node"}, True, False),
        ({"node"}, False, False),
    ],
)
def test_lines_sayWhoseTroubleItIs(missing: set[str], chain: bool, bank: bool) -> None:
    lines = Lines(lambda: missing, lambda: chain)

    assert lines.look() == lines.look() == {"bank": bank, "chain": chain}


def test_bankWithoutTheChain_isAwayOnceItHasSaidSoTwice() -> None:
    missing = {"chain"}
    lines = Lines(lambda: missing, lambda: True)

    assert [lines.look()["bank"] for _ in range(3)] == [True, False, False]
    missing.clear()
    assert lines.look()["bank"]


@pytest.mark.parametrize(
    ("status", "body", "missing"),
    [
        (200, {"chain": True, "database": True, "sending": False}, set()),
        (503, {"chain": False, "database": True, "sending": False}, {"chain"}),
        (503, {"chain": False, "database": False, "sending": False}, {"chain", "database"}),
        (502, ["a proxy's own"], {"node"}),
    ],
)
def test_missing_isWhatTheNodeSays(status: int, body: object, missing: set[str]) -> None:
    with answering(status, json.dumps(body).encode()) as url:
        assert asked(url) == missing


def test_missing_isTheNodeWhereNobodyAnswers() -> None:
    with answering(200, b"{}") as url:
        pass

    assert asked(url) == {"node"}


@pytest.mark.parametrize(
    ("status", "code"), [(429, "bank-busy"), (408, "bank-away"), (503, "bank-away")]
)
def test_bankThatAsksForPatience_isOnlyAwayIfItDoesntAnswer(status: int, code: str) -> None:
    with answering(status, b"{}") as url:
        bank = BankClient(url, "till-1", SIGNER, Domain(1, "0x" + "11" * 20))
        with pytest.raises(Unavailable) as unavailable:
            bank.order("0x" + "22" * 32)
        bank.close()

    assert unavailable.value.code == code


def asked(url: str) -> frozenset[str]:
    """What a bank's node at a URL lacks."""
    bank = BankClient(url, "till-1", SIGNER, Domain(1, "0x" + "11" * 20))
    try:
        return bank.missing()
    finally:
        bank.close()


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Where every question has one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
