"""Connections that dribble, on real sockets."""

from __future__ import annotations

import asyncio
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from counterfoil.local import ports
from counterfoil.web.punctual import MAX_HEAD, punctual

SECONDS, HEAD = 20, 0.5
ASK = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without reading; ``/slow`` takes longer than a head may."""
    if scope["path"] == "/slow":
        await asyncio.sleep(2 * HEAD)
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where a server listens that gives a head half a second."""
    found = ports.free()
    config = uvicorn.Config(
        app, port=found, http=punctual(HEAD), lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + SECONDS
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline
        time.sleep(0.01)  # between two looks
    yield found
    server.should_exit = True
    thread.join()


@contextmanager
def line(port: int) -> Iterator[socket.socket]:
    """A connection."""
    with closing(socket.create_connection(("127.0.0.1", port), SECONDS)) as link:
        yield link


def answer(link: socket.socket) -> bytes:
    """The next answer of the application's."""
    said = b""
    while not said.endswith(b"ok"):
        piece = link.recv(4096)
        assert piece, said
        said += piece
    return said


def until_closed(link: socket.socket, dribble: bytes = b"") -> tuple[bytes, float]:
    """All that is said until the connection is closed, and the seconds that it takes; a byte is
    sent again and again meanwhile."""
    began, said = time.monotonic(), b""
    while time.monotonic() - began < SECONDS:
        if select.select([link], [], [], 0.05)[0]:
            try:
                piece = link.recv(4096)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return said, time.monotonic() - began
            said += piece
        elif dribble:
            link.sendall(dribble)
    raise AssertionError(f"open after {SECONDS} s: {said!r}")


@pytest.mark.parametrize("dribble", [b"", b"x"])
def test_head_thatTakesTooLongEndsTheConnection(port: int, dribble: bytes) -> None:
    with line(port) as link:
        link.sendall(b"GET / HTTP/1.1\r\nx-slow: ")
        said, seconds = until_closed(link, dribble)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert HEAD * 0.9 < seconds < HEAD + 5


def test_connection_thatSaysNothingIsEnded(port: int) -> None:
    with line(port) as link:
        assert until_closed(link)[1] < HEAD + 5


def test_head_thatFollowsAnAnswerHasTheSameTime(port: int) -> None:
    with line(port) as link:
        link.sendall(ASK)
        answer(link)
        link.sendall(b"GET / HTTP/1.1\r\nx-slow: ")
        said, _ = until_closed(link, b"x")
    assert said.startswith(b"HTTP/1.1 408 ")


def test_body_thatNobodyReadsHasTheSameTime(port: int) -> None:
    with line(port) as link:
        link.sendall(POST)
        answer(link)
        _, seconds = until_closed(link, b"x")
    assert seconds < HEAD + 5


def test_head_thatIsTooLongEndsTheConnection(port: int) -> None:
    with line(port) as link:
        try:
            link.sendall(b"GET / HTTP/1.1\r\n")
            for number in range(40):
                link.sendall(b"x-%d: %s\r\n" % (number, b"y" * (MAX_HEAD // 10)))
        except ConnectionError:
            return  # it was ended meanwhile
        said, seconds = until_closed(link)
    assert said.startswith(b"HTTP/1.1 431 ") or (not said and seconds < HEAD)


def test_answer_mayTakeItsTime(port: int) -> None:
    with line(port) as link:
        for ask in (SLOW, ASK, SLOW):
            link.sendall(ask)
            assert answer(link).startswith(b"HTTP/1.1 200 ")


def test_requests_inOneLineAreAllAnswered(port: int) -> None:
    with line(port) as link:
        link.sendall(SLOW + ASK + SLOW)
        said = b""
        while said.count(b"HTTP/1.1 200 ") < 3 or not said.endswith(b"ok"):
            said += answer(link)
        said, _ = until_closed(link)
    assert b"200" not in said
