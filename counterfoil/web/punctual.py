"""HTTP connections on which every request's head comes soon and stays small.

uvicorn waits for a head as long as it takes: whoever sends a byte now and then, on hundreds of
connections, keeps everybody else out (https://en.wikipedia.org/wiki/Slowloris). Bodies are the
application's to time, which reads them.
"""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 64 * 1024
"""Bytes of a request line and its headers."""


class Punctual(HttpToolsProtocol):
    """A connection whose next request's head must be whole ``head_seconds`` after it was opened, or
    after the answer to the one before. What is left of a body that was refused counts as waiting
    for the next head."""

    head_seconds = 10.0
    _due: asyncio.TimerHandle | None = None
    _came = 0
    _in_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A connection opens."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something comes."""
        super().data_received(data)
        if self._due is not None and not self._in_body:
            self._came += len(data)
            if self._came > MAX_HEAD:
                self._end(b"431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        """A head is whole."""
        self._stop_waiting()
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A body is whole."""
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is given."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():  # no other in line
            self._wait()

    def _wait(self) -> None:
        self._stop_waiting()
        self._due = self.loop.call_later(self.head_seconds, self._end, b"408 Request Timeout")

    def _stop_waiting(self) -> None:
        self._came = 0
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _end(self, status: bytes) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
            self.transport.close()


def punctual(seconds: float) -> type[Punctual]:
    """The protocol with this much time for a head, as ``uvicorn.Config(http=…)`` takes it."""

    class Timed(Punctual):
        head_seconds = seconds

    return Timed
