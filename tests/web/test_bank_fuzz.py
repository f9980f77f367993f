"""The node's own description, tried out by Schemathesis: whatever comes, no answer is a 500, and
each is as it is described."""

from __future__ import annotations

import secrets
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from counterfoil.artifacts import ROOT
from counterfoil.points.requests import request_headers
from tests.support.bank_node import SECONDS, ChannelClient, Served, TillClient, channel_key
from tests.support.points_office import Office

PROGRAM = ROOT / ".tools" / "schemathesis" / "bin" / "st"
SIGNED = ("/v1/quotes", "/v1/orders")
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "QUERY", "CONNECT"]
CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance"
CHECKS += ",status_code_conformance"
RUN = 300  # seconds


@contextmanager
def believed(till: TillClient, key: str) -> Iterator[str]:
    """A way to the node on which everything is signed by a till, or has the channel's key."""

    class Handler(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {"content-type": self.headers.get("content-type", "")}
            if self.path.startswith(SIGNED) and self.path.isascii():
                now, nonce = int(time.time()), secrets.token_bytes(16)
                where = (till.signer, till.domain, till.name, self.command, self.path, body)
                headers |= request_headers(*where, now=now, nonce=nonce)
            else:
                headers["authorization"] = f"Bearer {key}"
            url = till.url + self.path
            answer = requests.request(
                self.command, url, data=body, headers=headers, timeout=SECONDS
            )
            self.send_response(answer.status_code)
            self.send_header("content-type", answer.headers.get("content-type", ""))
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nobody reads it."""

    for method in METHODS:
        setattr(Handler, f"do_{method}", Handler.pass_on)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_node_neverFailsWhateverIsSent(
    office: Office, bank: Served, till: TillClient, tmp_path: Path
) -> None:
    assert PROGRAM.exists(), "make setup .tools/schemathesis/.done"
    with believed(till, channel_key(office.state)) as url:
        words = ["run", f"{url}/openapi.json", "--url", url, "--checks", CHECKS]
        words += ["--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "6"]
        words += ["--no-color", "--request-timeout", str(SECONDS), "--no-shrink"]
        done = subprocess.run(
            [str(PROGRAM), *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=RUN,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


@pytest.mark.parametrize("route", ["/v1/quotes", "/v1/orders", "/v1/orders/{order_id}/refunds"])
def test_description_hasExamplesAndProblems(bank: Served, route: str) -> None:
    described = requests.get(bank.url + "/openapi.json", timeout=SECONDS).json()

    post = described["paths"][route]["post"]

    assert post["requestBody"]["content"]["application/json"]["example"]
    assert "application/problem+json" in post["responses"]["401"]["content"]
    assert ChannelClient(bank.url, "x").ask("GET", "/v1/alarms").status_code == 401
