"""A client that leaves the machine to what is measured: HTTP over plain streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit


class Lines:
    """Connections to one server, kept open, as many as are in use at once."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._place = place.hostname or "", place.port or 80
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        while self._idle and self._idle[-1][0].at_eof():  # the server has closed it meanwhile
            self._idle.pop()
        line = self._idle.pop() if self._idle else await asyncio.open_connection(*self._place)
        reader, writer = line
        writer.write(_head(method, path, headers, len(body)) + body)
        status, length = await _answered(reader)
        said = await reader.readexactly(length)
        self._idle.append(line)
        return status, json.loads(said)

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[Stream]:
        """An open stream of events."""
        reader, writer = await asyncio.open_connection(*self._place)
        writer.write(_head("GET", path, headers, 0))
        status, _ = await _answered(reader)
        assert status == 200, status
        try:
            yield Stream(reader)
        finally:
            writer.close()

    def close(self) -> None:
        """Hang up."""
        for _, writer in self._idle:
            writer.close()


class Stream:
    """Events as they come."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def until(self, kind: str) -> None:
        """Wait for an event of this kind."""
        wanted = f"event: {kind}\n".encode()
        while (line := await self._reader.readline()) != wanted:
            assert line, f"the stream ended without {kind}"


def _head(method: str, path: str, headers: Mapping[str, str], length: int) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: x", f"content-length: {length}"]
    lines += ["content-type: application/json", *(f"{name}: {headers[name]}" for name in headers)]
    return "\r\n".join((*lines, "", "")).encode()


async def _answered(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Status and length of the body; -1 where that isn't told."""
    status = int((await reader.readline()).split()[1])
    length = -1
    while (line := await reader.readline()) != b"\r\n":
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, length
