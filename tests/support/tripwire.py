"""A wire to a part that looks at what passes, and does something when a certain request does."""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Tripwire:
    """Once ``armed``, the ``count``-th request with these bytes in it springs it, once."""

    target: int
    port: int = 0
    sprung: bool = False
    _wanted: bytes = b""
    _left: int = 0
    _answered: bool = False
    _action: Callable[[], object] = print
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(
        self, wanted: bytes, action: Callable[[], object], *, count: int = 1, answered: bool = False
    ) -> None:
        """Have ``action`` done before the request goes on; or, ``answered``, when its answer is
        there, which then gets lost."""
        self.sprung = False
        self._wanted, self._left, self._answered, self._action = wanted, count, answered, action

    def pump(self, near: socket.socket, far: socket.socket) -> None:
        """Carry what both sides say until one of them is done."""
        waiting = False
        with selectors.DefaultSelector() as ready:
            ready.register(near, selectors.EVENT_READ)
            ready.register(far, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]  # a socket
                    if not data:
                        return
                    if key.fileobj is near:
                        if self._is_it(data):
                            waiting = True
                            if not self._answered:
                                self._spring()
                                return
                        far.sendall(data)
                    elif waiting:
                        self._spring()
                        return
                    else:
                        near.sendall(data)

    def _is_it(self, data: bytes) -> bool:
        with self._lock:
            if not self._wanted or self._wanted not in data:
                return False
            self._left -= 1
            return self._left == 0

    def _spring(self) -> None:
        self._wanted = b""
        self._action()
        self.sprung = True


@contextmanager
def tripwire(target: int) -> Iterator[Tripwire]:
    """A wire to the server at this port of the loopback interface."""
    wire = Tripwire(target)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                with socket.create_connection(("127.0.0.1", wire.target)) as far:
                    wire.pump(self.request, far)
            except OSError:
                return  # one of them is dead: that is what the test is about

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Handler) as server:
        wire.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield wire
        finally:
            server.shutdown()
