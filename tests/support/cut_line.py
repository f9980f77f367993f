"""A line to a chain that can be cut: before a request goes through, or before its answer does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests


@dataclass
class Line:
    """Once a ``method`` that is due was seen ``after`` so many times, nothing answers any more.

    ``delivered``: that last request still reaches the chain, and only its answer is lost.
    ``hangs``: nothing is answered until it is set.
    """

    target: str
    url: str = ""
    method: str = ""
    after: int = 0
    delivered: bool = False
    down: bool = False
    hangs: threading.Event | None = None
    seen: list[str] = field(default_factory=list)

    def cut_at(self, method: str, *, after: int = 0, delivered: bool = False) -> None:
        """Arm it."""
        self.method, self.after, self.delivered = method, after, delivered
        self.seen.clear()

    def mend(self) -> None:
        """All is well again."""
        self.method, self.down = "", False

    def passes(self, body: bytes) -> bytes | None:
        """The chain's answer, or None if it gets lost."""
        if self.hangs is not None:
            self.hangs.wait(_LONGEST)
        asked = json.loads(body)
        methods = [call["method"] for call in (asked if isinstance(asked, list) else [asked])]
        if self.method in methods:
            self.seen.append(self.method)
            self.down = self.down or len(self.seen) > self.after
            if self.down and self.delivered:
                self.delivered = False
                requests.post(self.target, data=body, headers=_JSON, timeout=30)
        if self.down:
            return None
        return requests.post(self.target, data=body, headers=_JSON, timeout=30).content


_LONGEST = 60  # seconds: no test waits as long
_JSON = {"Content-Type": "application/json"}


@contextmanager
def line_to(target: str) -> Iterator[Line]:
    """A line to the node at ``target``."""
    line = Line(target)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = line.passes(self.rfile.read(int(self.headers["Content-Length"])))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        line.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield line
        finally:
            server.shutdown()
