"""HTTP connections on which every request's head comes soon, stays small, and can be read.

uvicorn waits for a head as long as it takes: whoever sends a byte now and then, on hundreds of
connections, keeps everybody else out (https://en.wikipedia.org/wiki/Slowloris). Bodies are the
application's to time, which reads them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MAX_HEAD = 64 * 1024
"""Bytes of a request line and its headers."""

Refuse = Callable[[int, str], Response]
"""What is answered to what is no request: by status, and a sentence that says why."""


class Punctual(HttpToolsProtocol):
    """A connection whose next request's head must be whole ``head_seconds`` after it was opened, or
    after the answer to the one before. What is left of a body that was refused counts as waiting
    for the next head."""

    head_seconds = 10.0
    refuse: Refuse = staticmethod(lambda status, _: Response(status_code=status))
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
                self._end(431, f"The request's head is over {MAX_HEAD} bytes.")

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

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP."""
        self._end(400, "The request can't be read.")

    def _wait(self) -> None:
        self._stop_waiting()
        said = f"The request's head took over {self.head_seconds:g} s."
        self._due = self.loop.call_later(self.head_seconds, self._end, 408, said)

    def _stop_waiting(self) -> None:
        self._came = 0
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _end(self, status: int, said: str) -> None:
        self._stop_waiting()
        if self.transport.is_closing():
            return
        answer = self.refuse(status, said)
        lines = [STATUS_LINE[status].rstrip(), b"connection: close"]
        lines += [name + b": " + value for name, value in answer.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", b""]) + bytes(answer.body))
        self.transport.close()


def punctual(seconds: float, refuses: Refuse | None = None) -> type[Punctual]:
    """The protocol as ``uvicorn.Config(http=…)`` takes it.

    Args:
        seconds: for a head.
        refuses: makes the answers to what is no request; None: they have no body.
    """

    class Timed(Punctual):
        head_seconds = seconds
        refuse = staticmethod(refuses or Punctual.refuse)

    return Timed
